"""Where Redis Cluster keeps a key: which of its slots a key and a command belong to, and who serves each slot.

Commands over several slots are taken apart here, and their answers put together again.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from core.redis_cluster_url import Address

SLOTS: Final[int] = REDIS_CLUSTER_HASH_SLOTS
Words: TypeAlias = Sequence[Any]

_SCRIPTS = frozenset({"EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO"})
_STREAM_READS = frozenset({"XREAD", "XREADGROUP"})
_BY_KEY = frozenset({"MGET", "DEL", "EXISTS", "UNLINK"})
_READS = frozenset({"EXISTS", "GET", "LLEN", "LRANGE", "LINDEX", "MGET", "EVAL_RO", "EVALSHA_RO", "XLEN", "ZSCAN"})
_KEYLESS = frozenset({"PING", "INFO", "TIME", "CONFIG GET"})


class CrossSlotError(ValueError):
    """A command, or a transaction, that no single slot can carry out."""


class Part(NamedTuple):
    """A command, or what one slot does of it. `slot` is None where any node will do; `places` in the whole's answer."""

    slot: int | None
    words: Words
    places: Sequence[int] = ()


class Shard(NamedTuple):
    """Who keeps some slots: a master, and its replicas."""

    master: Address
    replicas: tuple[Address, ...] = ()


class SlotMap:
    """Which shard serves each slot, as far as is known."""

    def __init__(self, ranges: Sequence[tuple[int, int, Shard]] = ()) -> None:
        self._shards: list[Shard | None] = [None] * SLOTS
        for first, last, shard in ranges:
            self._shards[first : last + 1] = [shard] * (last + 1 - first)
        self._known = self._distinct()

    def shard_of(self, slot: int) -> Shard | None:
        return self._shards[slot]

    def move(self, slot: int, master: Address) -> None:
        """The slot was said to be served by somebody else."""
        known = next((shard for shard in self.shards() if shard.master == master), None)
        self._shards[slot] = known or Shard(master)
        self._known = self._distinct()

    def shards(self) -> Sequence[Shard]:
        """Each once, in the order of their slots."""
        return self._known

    def _distinct(self) -> list[Shard]:
        return list(dict.fromkeys(shard for shard in self._shards if shard is not None))


def slot_of(key: str | bytes) -> int:
    return key_slot(key.encode() if isinstance(key, str) else key)


def is_read(words: Words) -> bool:
    """Whether a replica can carry the command out, too."""
    return words[0] in _READS


def parts_of(words: Words) -> list[Part]:
    """The command by slots. Raises CrossSlotError where a script has keys of several."""
    command = words[0]
    if command in _KEYLESS:
        return [Part(None, words)]
    if command in _BY_KEY:
        return _by_slot(words)
    return [Part(_slot_of_all(_keys_of(words)), words)]


def joined(words: Words, parts: Sequence[Part], answers: Sequence[Any]) -> Any:
    """The answer to the whole command; the first error, where one of its parts failed."""
    if len(parts) == 1:
        return answers[0]
    if (error := next((answer for answer in answers if isinstance(answer, Exception)), None)) is not None:
        return error
    if words[0] != "MGET":
        return sum(answers)
    values: list[Any] = [None] * (len(words) - 1)
    for part, answer in zip(parts, answers, strict=True):
        for place, value in zip(part.places, answer, strict=True):
            values[place] = value
    return values


def by_slot(keys: Sequence[str]) -> dict[int, list[str]]:
    """The keys of each slot."""
    return {slot: [keys[place] for place in places] for slot, places in _grouped(keys, slot_of).items()}


def _by_slot(words: Words) -> list[Part]:
    command, *keys = words
    groups = _grouped(keys, slot_of)
    if len(groups) == 1:
        return [Part(next(iter(groups)), words, range(len(keys)))]
    return [Part(slot, [command, *[keys[place] for place in places]], places) for slot, places in groups.items()]


def _grouped(keys: Sequence[Any], name: Callable[[Any], int]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for place, key in enumerate(keys):
        groups.setdefault(name(key), []).append(place)
    return groups


def _keys_of(words: Words) -> Sequence[Any]:
    if words[0] in _SCRIPTS:
        return words[3 : 3 + int(words[2])]
    if words[0] in _STREAM_READS:
        first = next(place for place, word in enumerate(words) if word in ("STREAMS", b"STREAMS")) + 1
        return words[first : first + (len(words) - first) // 2]
    return words[1:2]


def _slot_of_all(keys: Sequence[Any]) -> int:
    slots = {slot_of(key) for key in keys}
    if len(slots) != 1:
        raise CrossSlotError(f"keys of {len(slots)} slots in one command: {list(keys)[:5]}")
    return slots.pop()
