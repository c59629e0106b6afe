"""Entries of event logs: positions, and changes of a home timeline and of notifications."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, Self, TypeVar

from core.ids import UserId
from datastore.records.items import ItemKind


class StreamPosition(NamedTuple):
    """A position in an event log: `offset` is -1 before the first entry, an `epoch` of 0 belongs to no log.

    `stamp` is the time of the entry there in Unix milliseconds, or 0 if it is not known. It reveals that Redis lost the
    end of a log, for then another entry has the offset. Positions are equal whatever their stamps.
    """

    epoch: int
    offset: int
    stamp: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and self[:2] == other[:2]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:2])


NO_POSITION = StreamPosition(0, -1)


class ChangeKind(StrEnum):
    """EDITED is of timelines that many share: each of their readers judges it."""

    ADDED = "add"
    REMOVED = "del"
    RESET = "reset"
    EDITED = "edit"


class NotificationChangeKind(StrEnum):
    """CHANGED: a group is new or grew. COUNT: the unread count may have changed."""

    CHANGED = "changed"
    COUNT = "count"
    RESET = "reset"


class ResetReason(StrEnum):
    """Why a consumer must read everything again."""

    CURSOR_TOO_OLD = "CURSOR_TOO_OLD"
    TOO_SLOW = "TOO_SLOW"
    REBUILT = "REBUILT"


class PositionedChange(Protocol):
    @property
    def position(self) -> StreamPosition: ...

    @property
    def at(self) -> datetime: ...

    @property
    def content(self) -> tuple[object, ...]:
        """All but the position: equal for all users with the same change."""
        ...

    def at_position(self, position: StreamPosition) -> Self:
        """The same change in the log of another user."""
        ...


Change = TypeVar("Change", bound=PositionedChange)


class TimelineChange(NamedTuple):
    """`item_id` is 0 for a reset. `item_kind` is set for removals, whose row is gone; `reason` for resets.

    `act_id` is that of an edit.
    """

    position: StreamPosition
    at: datetime
    kind: ChangeKind
    item_id: int = 0
    item_kind: ItemKind = ItemKind.TWEET
    reason: ResetReason = ResetReason.REBUILT
    act_id: int = 0

    @property
    def content(self) -> tuple[object, ...]:
        return self[1:]

    def at_position(self, position: StreamPosition) -> Self:
        return type(self)(position, *self[1:])


class NotificationChange(NamedTuple):
    """`group_id` is set for groups that are new or grew. `version` is that of the notifications after the change."""

    position: StreamPosition
    at: datetime
    kind: NotificationChangeKind
    group_id: int = 0
    version: int = 0
    reason: ResetReason = ResetReason.CURSOR_TOO_OLD

    @property
    def content(self) -> tuple[object, ...]:
        return self[1:]

    def at_position(self, position: StreamPosition) -> Self:
        return type(self)(position, *self[1:])


class UnpublishedChange(NamedTuple):
    """A change of a user's notifications that is to be appended to their log. `version` is that after the change."""

    user_id: UserId
    kind: NotificationChangeKind
    group_id: int
    version: int
