"""The log of what changed in the home timeline of somebody live: capped, numbered without gaps within an epoch.

A place that the log no longer reaches, or an epoch that is over, is told apart from "nothing new".
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from redis.asyncio import Redis

from core.ids import UserId
from datastore import keys
from datastore.redis import Script
from datastore.timelines import LIVE_MS, ItemKind, LogPlace


class ChangeKind(StrEnum):
    ADDED = "add"
    REMOVED = "del"
    RESET = "reset"


class ResetReason(StrEnum):
    """Why a reader has to begin anew."""

    CURSOR_TOO_OLD = "CURSOR_TOO_OLD"
    TOO_SLOW = "TOO_SLOW"
    REBUILT = "REBUILT"


class TimelineChange(NamedTuple):
    """`item_id` is 0 for a reset. `item_kind` is given for removals, whose row is gone; `reason` for resets."""

    place: LogPlace
    at: datetime
    kind: ChangeKind
    item_id: int = 0
    item_kind: ItemKind = ItemKind.TWEET
    reason: ResetReason = ResetReason.REBUILT


class LogSlice(NamedTuple):
    """`head` is the end of the log. `changes` is None where what follows the place asked for is not kept any more."""

    head: LogPlace
    changes: list[TimelineChange] | None


class EventLog:
    """Reads event logs. Every read keeps the person live."""

    def __init__(self, redis: Redis) -> None:
        self._read = Script(redis, "log_read")

    async def head(self, user_id: UserId) -> LogPlace:
        return (await self._slice(user_id, ["", ""], 0)).head

    async def range(self, user_id: UserId, after: LogPlace, count: int) -> LogSlice:
        """At most `count` changes that follow the place, in order."""
        return await self._slice(user_id, [str(after.epoch), str(after.place)], count)

    async def _slice(self, user_id: UserId, after: list[str], count: int) -> LogSlice:
        epoch, last, *entries = await self._read([keys.home(user_id)], *after, count, LIVE_MS)
        head = LogPlace(int(epoch), int(last))
        return LogSlice(head, [_to_change(*entry) for entry in entries[0]] if entries else None)


def _to_change(entry_id: bytes, fields: Sequence[bytes]) -> TimelineChange:
    epoch, place = entry_id.split(b"-")
    named = dict(zip(fields[::2], fields[1::2], strict=True))
    kind = ChangeKind(fields[0].decode())
    return TimelineChange(
        LogPlace(int(epoch), int(place)),
        datetime.fromtimestamp(int(named[b"at"]) / 1000, UTC),
        kind,
        0 if kind is ChangeKind.RESET else int(fields[1]),
        ItemKind(named.get(b"kind", b"t").decode()),
    )
