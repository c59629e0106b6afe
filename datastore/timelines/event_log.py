"""The log of what changed for somebody live, in their home timeline or notifications: capped, numbered without gaps
within an epoch.

A place that the log no longer reaches, or an epoch that is over, is told apart from "nothing new".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

from redis.asyncio import Redis

from core.ids import UserId, wall_ms
from datastore.records.items import ItemKind
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.node.pipeline import CommandPipeline
from datastore.redis.scripts import PipelinedScript, Script

LIVE_MS = 15 * 60 * 1000
EVENTS_KEPT = 1_000


class LogPlace(NamedTuple):
    """A place in an event log. An epoch of 0 is of no log.

    `stamp` is when that happened which lies there, in Unix milliseconds, or 0 where it is not known. By it a Redis that
    lost the end of a log is found out: another change has the place then. Places are the same whatever their stamps.
    """

    epoch: int
    place: int
    stamp: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and self[:2] == other[:2]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:2])


NO_PLACE = LogPlace(0, -1)


class ChangeKind(StrEnum):
    ADDED = "add"
    REMOVED = "del"
    RESET = "reset"


class ResetReason(StrEnum):
    """Why a reader has to begin anew."""

    CURSOR_TOO_OLD = "CURSOR_TOO_OLD"
    TOO_SLOW = "TOO_SLOW"
    REBUILT = "REBUILT"


class NotificationChangeKind(StrEnum):
    """A group is new or grew; the unread count may be another."""

    CHANGED = "changed"
    COUNT = "count"
    RESET = "reset"


class TimelineChange(NamedTuple):
    """`item_id` is 0 for a reset. `item_kind` is given for removals, whose row is gone; `reason` for resets."""

    place: LogPlace
    at: datetime
    kind: ChangeKind
    item_id: int = 0
    item_kind: ItemKind = ItemKind.TWEET
    reason: ResetReason = ResetReason.REBUILT

    @property
    def what(self) -> tuple[object, ...]:
        return self[1:]

    def at_place(self, place: LogPlace) -> Self:
        return type(self)(place, *self[1:])


class NotificationNews(NamedTuple):
    """That the notifications of a person changed, and are of this version since."""

    user_id: UserId
    kind: NotificationChangeKind
    group_id: int
    version: int


class NotificationChange(NamedTuple):
    """`group_id` is given for groups that are new or grew. `version` is that of the notifications after the change."""

    place: LogPlace
    at: datetime
    kind: NotificationChangeKind
    group_id: int = 0
    version: int = 0
    reason: ResetReason = ResetReason.CURSOR_TOO_OLD

    @property
    def what(self) -> tuple[object, ...]:
        return self[1:]

    def at_place(self, place: LogPlace) -> Self:
        return type(self)(place, *self[1:])


class Placed(Protocol):
    """A change has a place in its log."""

    @property
    def place(self) -> LogPlace: ...

    @property
    def at(self) -> datetime: ...

    @property
    def what(self) -> tuple[object, ...]:
        """All but the place: the same for everybody to whom the same happened."""
        ...

    def at_place(self, place: LogPlace) -> Self:
        """The same for somebody else."""
        ...


Change = TypeVar("Change", bound=Placed)


class LogSlice(NamedTuple, Generic[Change]):
    """`head` is the end of the log. `changes` is None where what follows the place asked for is not kept any more.

    So it is where Redis lost what was at that place.
    """

    head: LogPlace
    changes: list[Change] | None


Subject = Callable[[UserId], str]
Fields = Mapping[bytes, bytes]


class EventLog(Generic[Change]):
    """Reads event logs. Every read keeps the person live.

    `subject` names what a log is of, `read` makes a change from an entry, `reset` the one that stands for what is gone.
    """

    def __init__(
        self,
        redis: Redis,
        pipeline: CommandPipeline,
        *,
        subject: Subject,
        read: Callable[[LogPlace, datetime, bytes, bytes, Fields], Change],
        reset: Callable[[LogPlace, datetime], Change],
    ) -> None:
        self._redis, self._read = redis, PipelinedScript(pipeline, "log_read", siblings=keys.siblings)
        self._subject, self._to_change, self.reset = subject, read, reset
        self._said = ""
        self._heard: Change | None = None

    def bell(self, user_id: UserId) -> str:
        """The channel that rings when the log of this person grew."""
        return keys.bell(self._subject(user_id))

    async def live_among(self, user_ids: Sequence[UserId]) -> list[UserId]:
        """Those whose log is kept at this moment."""
        with failures_as_unavailable():
            asked = [("EXISTS", keys.live(self._subject(user_id))) for user_id in user_ids]
            found = await send_all(self._redis, asked)
        return [user_id for user_id, is_live in zip(user_ids, found, strict=True) if is_live]

    def rung(self, message: str) -> Change | None:
        """The change of which the bell tells; None where it does not say.

        What one act changes for many people is told of each in the same words, one after the other.
        """
        entry_id, _, said = message.partition(" ")
        if not said:
            return None
        heard = self._heard
        if heard is None or said != self._said:
            heard = self._change(entry_id.encode(), said.encode().split(b" "))
            self._said, self._heard = said, heard
            return heard
        epoch, place = entry_id.split("-")
        return heard.at_place(LogPlace(int(epoch), int(place), heard.place.stamp))

    async def head(self, user_id: UserId) -> LogPlace:
        return (await self._slice(user_id, ["", "", ""], 0)).head

    async def range(self, user_id: UserId, after: LogPlace, count: int) -> LogSlice[Change]:
        """At most `count` changes that follow the place, in order."""
        return await self._slice(user_id, [str(number) for number in after], count)

    async def _slice(self, user_id: UserId, after: list[str], count: int) -> LogSlice[Change]:
        epoch, last, stamp, *entries = await self._read([self._subject(user_id)], *after, count, LIVE_MS)
        head = LogPlace(int(epoch), int(last), int(stamp))
        return LogSlice(head, [self._change(*entry) for entry in entries[0]] if entries else None)

    def _change(self, entry_id: bytes, fields: Sequence[bytes]) -> Change:
        epoch, place = entry_id.split(b"-")
        named = dict(zip(fields[::2], fields[1::2], strict=True))
        stamp = int(named[b"at"])
        at = datetime.fromtimestamp(stamp / 1000, UTC)
        return self._to_change(LogPlace(int(epoch), int(place), stamp), at, fields[0], fields[1], named)


class NotificationTeller:
    """Appends to the logs of notifications: each change once, however often it is told."""

    def __init__(self, redis: Redis) -> None:
        self._tell = Script(redis, "log_tell", siblings=keys.siblings)

    async def tell(self, news: NotificationNews) -> None:
        """Nothing where the person is not live."""
        names = [keys.notes(news.user_id), keys.told(news.user_id, news.version)]
        entry = (str(news.kind), news.group_id, "version", news.version, "at", wall_ms())
        await self._tell(names, EVENTS_KEPT, LIVE_MS, *entry)


def home_log(redis: Redis, pipeline: CommandPipeline) -> EventLog[TimelineChange]:
    return EventLog(redis, pipeline, subject=keys.home, read=_to_timeline_change, reset=_timeline_reset)


def notification_log(redis: Redis, pipeline: CommandPipeline) -> EventLog[NotificationChange]:
    return EventLog(redis, pipeline, subject=keys.notes, read=_to_notification_change, reset=_notifications_reset)


def _to_timeline_change(place: LogPlace, at: datetime, kind: bytes, what: bytes, named: Fields) -> TimelineChange:
    is_reset = kind == b"reset"
    item_kind = ItemKind(named.get(b"kind", b"t").decode())
    return TimelineChange(place, at, ChangeKind(kind.decode()), 0 if is_reset else int(what), item_kind)


def _timeline_reset(place: LogPlace, at: datetime) -> TimelineChange:
    return TimelineChange(place, at, ChangeKind.RESET, reason=ResetReason.CURSOR_TOO_OLD)


def _to_notification_change(
    place: LogPlace, at: datetime, kind: bytes, what: bytes, named: Fields
) -> NotificationChange:
    return NotificationChange(place, at, NotificationChangeKind(kind.decode()), int(what), int(named[b"version"]))


def _notifications_reset(place: LogPlace, at: datetime) -> NotificationChange:
    return NotificationChange(place, at, NotificationChangeKind.RESET)
