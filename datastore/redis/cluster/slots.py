"""Hash slots of Redis Cluster: the slot of a key and of a command, and the shard that serves each slot.

A command with keys of several slots is split into one part per slot, and the replies of its parts are merged again.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from core.network.redis_cluster_url import Address
from datastore.redis.node.commands import Command

SLOTS: Final[int] = REDIS_CLUSTER_HASH_SLOTS

_SCRIPTS = frozenset({"EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO"})
_STREAM_READS = frozenset({"XREAD", "XREADGROUP"})
_SPLITTABLE = frozenset({"MGET", "DEL", "EXISTS", "UNLINK"})
_READS = frozenset({"EXISTS", "GET", "LLEN", "LRANGE", "LINDEX", "MGET", "EVAL_RO", "EVALSHA_RO", "XLEN", "ZSCAN"})
_KEYLESS = frozenset({"PING", "INFO", "TIME", "CONFIG GET"})


class CrossSlotError(ValueError):
    """A command that can't be split has keys of several slots."""


class CommandPart(NamedTuple):
    """The share of one slot in a command.

    `slot` is None if any node will do. `positions` are those of its keys among the keys of the whole command.
    """

    slot: int | None
    command: Command
    positions: Sequence[int] = ()


class Shard(NamedTuple):
    master: Address
    replicas: tuple[Address, ...] = ()


class SlotMap:
    """The shard of each slot, as far as it is known. `ranges`: first slot, last slot, shard."""

    def __init__(self, ranges: Sequence[tuple[int, int, Shard]] = ()) -> None:
        self._by_slot: list[Shard | None] = [None] * SLOTS
        for first, last, shard in ranges:
            self._by_slot[first : last + 1] = [shard] * (last + 1 - first)
        self._shards = self._distinct()

    def shard_of(self, slot: int) -> Shard | None:
        return self._by_slot[slot]

    def move(self, slot: int, master: Address) -> None:
        """Assigns the slot to this master, as a redirect said. A master not known before has no known replicas."""
        known = next((shard for shard in self.shards() if shard.master == master), None)
        self._by_slot[slot] = known or Shard(master)
        self._shards = self._distinct()

    def shards(self) -> Sequence[Shard]:
        """Each once, in the order of their slots."""
        return self._shards

    def _distinct(self) -> list[Shard]:
        return list(dict.fromkeys(shard for shard in self._by_slot if shard is not None))


def slot_of(key: str | bytes) -> int:
    return key_slot(key.encode() if isinstance(key, str) else key)


def is_read(command: Command) -> bool:
    """Whether a replica can execute the command, too."""
    return command[0] in _READS


def split_by_slot(command: Command) -> list[CommandPart]:
    """Raises CrossSlotError for a script with keys of several slots."""
    name = command[0]
    if name in _KEYLESS:
        return [CommandPart(None, command)]
    if name in _SPLITTABLE:
        return _split(command)
    return [CommandPart(_common_slot(_keys_of(command)), command)]


def merge_replies(command: Command, parts: Sequence[CommandPart], replies: Sequence[Any]) -> Any:
    """The reply to the whole command; the first error, if one of its parts failed."""
    if len(parts) == 1:
        return replies[0]
    if (error := next((reply for reply in replies if isinstance(reply, Exception)), None)) is not None:
        return error
    if command[0] != "MGET":
        return sum(replies)
    values: list[Any] = [None] * (len(command) - 1)
    for part, reply in zip(parts, replies, strict=True):
        for position, value in zip(part.positions, reply, strict=True):
            values[position] = value
    return values


def group_by_slot(keys: Sequence[str]) -> dict[int, list[str]]:
    return {slot: [keys[position] for position in positions] for slot, positions in _positions_by_slot(keys).items()}


def _split(command: Command) -> list[CommandPart]:
    name, *keys = command
    groups = _positions_by_slot(keys)
    if len(groups) == 1:
        return [CommandPart(next(iter(groups)), command, range(len(keys)))]
    return [
        CommandPart(slot, [name, *[keys[position] for position in positions]], positions)
        for slot, positions in groups.items()
    ]


def _positions_by_slot(keys: Sequence[Any]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for position, key in enumerate(keys):
        groups.setdefault(slot_of(key), []).append(position)
    return groups


def _keys_of(command: Command) -> Sequence[Any]:
    if command[0] in _SCRIPTS:
        return command[3 : 3 + int(command[2])]
    if command[0] in _STREAM_READS:
        first = next(at for at, word in enumerate(command) if word in ("STREAMS", b"STREAMS")) + 1
        return command[first : first + (len(command) - first) // 2]
    return command[1:2]


def _common_slot(keys: Sequence[Any]) -> int:
    slots = {slot_of(key) for key in keys}
    if len(slots) != 1:
        raise CrossSlotError(f"keys of {len(slots)} slots in one command: {list(keys)[:5]}")
    return slots.pop()
