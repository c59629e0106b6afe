"""Capped event logs of live users, for home timelines and for notifications: offsets have no gaps within an epoch.

A position that the log no longer reaches, or whose epoch has ended, is distinguished from "nothing new".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Generic, NamedTuple

from redis.asyncio import Redis

from core.ids import UserId, wall_ms
from datastore.records.items import ItemKind
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable
from datastore.redis.node.commands import raise_first
from datastore.redis.node.pipeline import CommandPipeline
from datastore.redis.scripts import PipelinedScript, Script
from datastore.timelines.changes import (
    Change,
    ChangeKind,
    NotificationChange,
    NotificationChangeKind,
    ResetReason,
    StreamPosition,
    TimelineChange,
    UnpublishedChange,
)

LIVE_MS = 15 * 60 * 1000
EVENTS_KEPT = 1_000

Subject = Callable[[UserId], str]
Fields = Mapping[bytes, bytes]


class LogSlice(NamedTuple, Generic[Change]):
    """`end` is the position of the newest entry.

    `changes` is None if changes after the requested position are lost: trimmed, of another epoch, or lost by Redis.
    """

    end: StreamPosition
    changes: list[Change] | None


class EventLog(Generic[Change]):
    """Reads the event logs of one kind. Every read keeps the user live.

    `subject` names the log of a user. `parse` makes a change from position, time, first field, its value and all
    fields. `reset` makes the change that stands for lost ones.
    """

    def __init__(
        self,
        pipeline: CommandPipeline,
        *,
        subject: Subject,
        parse: Callable[[StreamPosition, datetime, bytes, bytes, Fields], Change],
        reset: Callable[[StreamPosition, datetime], Change],
    ) -> None:
        self._pipeline, self._read = pipeline, PipelinedScript(pipeline, "log_read", siblings=keys.siblings)
        self._subject, self._parse, self.reset = subject, parse, reset
        self._last_content = ""
        self._last_change: Change | None = None

    def channel(self, user_id: UserId) -> str:
        """The channel that is notified of each entry of the user's log."""
        return keys.log_channel(self._subject(user_id))

    async def live_among(self, user_ids: Sequence[UserId]) -> list[UserId]:
        """The live users among them, in order."""
        if not user_ids:
            return []
        with failures_as_unavailable():
            commands = [("EXISTS", keys.live(self._subject(user_id))) for user_id in user_ids]
            replies = raise_first(await self._pipeline.submit(commands))
        return [user_id for user_id, is_live in zip(user_ids, replies, strict=True) if is_live]

    def parse_message(self, message: str) -> Change | None:
        """The change that a message of the channel contains, None if it contains none.

        A change of many users comes as equal messages in succession, so the last one is parsed only once.
        """
        entry_id, _, content = message.partition(" ")
        if not content:
            return None
        last = self._last_change
        if last is None or content != self._last_content:
            last = self._change(entry_id.encode(), content.encode().split(b" "))
            self._last_content, self._last_change = content, last
            return last
        epoch, offset = entry_id.split("-")
        return last.at_position(StreamPosition(int(epoch), int(offset), last.position.stamp))

    async def position(self, user_id: UserId) -> StreamPosition:
        """The position of the newest entry."""
        return (await self._slice(user_id, ["", "", ""], 0)).end

    async def range(self, user_id: UserId, after: StreamPosition, count: int) -> LogSlice[Change]:
        """At most `count` changes after the position, in order."""
        return await self._slice(user_id, [str(number) for number in after], count)

    async def _slice(self, user_id: UserId, after: list[str], count: int) -> LogSlice[Change]:
        epoch, offset, stamp, *entries = await self._read([self._subject(user_id)], *after, count, LIVE_MS)
        end = StreamPosition(int(epoch), int(offset), int(stamp))
        return LogSlice(end, [self._change(*entry) for entry in entries[0]] if entries else None)

    def _change(self, entry_id: bytes, fields: Sequence[bytes]) -> Change:
        epoch, offset = entry_id.split(b"-")
        by_name = dict(zip(fields[::2], fields[1::2], strict=True))
        stamp = int(by_name[b"at"])
        at = datetime.fromtimestamp(stamp / 1000, UTC)
        return self._parse(StreamPosition(int(epoch), int(offset), stamp), at, fields[0], fields[1], by_name)


class NotificationPublisher:
    """Appends to the logs of notifications."""

    def __init__(self, redis: Redis) -> None:
        self._append = Script(redis, "log_append", siblings=keys.siblings)

    async def publish(self, change: UnpublishedChange) -> None:
        """Idempotent for each version of a user's notifications. Does nothing if the user is not live."""
        names = [keys.notifications(change.user_id), keys.version_published(change.user_id, change.version)]
        entry = (str(change.kind), change.group_id, "version", change.version, "at", wall_ms())
        await self._append(names, EVENTS_KEPT, LIVE_MS, *entry)


def home_log(pipeline: CommandPipeline) -> EventLog[TimelineChange]:
    return EventLog(pipeline, subject=keys.home, parse=_timeline_change, reset=_timeline_reset)


def notification_log(pipeline: CommandPipeline) -> EventLog[NotificationChange]:
    return EventLog(pipeline, subject=keys.notifications, parse=_notification_change, reset=_notification_reset)


def _timeline_change(
    position: StreamPosition, at: datetime, kind: bytes, value: bytes, fields: Fields
) -> TimelineChange:
    is_reset = kind == b"reset"
    item_kind = ItemKind(fields.get(b"kind", b"t").decode())
    item_id, act_id = 0 if is_reset else int(value), int(fields.get(b"act", 0))
    return TimelineChange(position, at, ChangeKind(kind.decode()), item_id, item_kind, act_id=act_id)


def _timeline_reset(position: StreamPosition, at: datetime) -> TimelineChange:
    return TimelineChange(position, at, ChangeKind.RESET, reason=ResetReason.CURSOR_TOO_OLD)


def _notification_change(
    position: StreamPosition, at: datetime, kind: bytes, value: bytes, fields: Fields
) -> NotificationChange:
    return NotificationChange(position, at, NotificationChangeKind(kind.decode()), int(value), int(fields[b"version"]))


def _notification_reset(position: StreamPosition, at: datetime) -> NotificationChange:
    return NotificationChange(position, at, NotificationChangeKind.RESET)
