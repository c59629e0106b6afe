"""Viewpoint: one cached row per user with all that visibility rules need: follows, blocks, mutes, muted words, tags."""

from collections.abc import Iterable
from enum import IntEnum

import msgspec

from core.ids import UserId
from datastore.cache.row_codec import RowChange
from datastore.jobs.acts import ViewChange, ViewChangeKind


class Viewpoint(msgspec.Struct, frozen=True, array_like=True):
    """`followees` exclude the user, and who is suspended.

    `fanout_on_read`: those whom the user follows, suspended ones too, whose items are not pushed to everybody. A list
    keeps the items of the suspended, so that it has them when they come back.
    """

    user_id: UserId
    followees: frozenset[UserId] = frozenset()
    blocked: frozenset[UserId] = frozenset()
    blockers: frozenset[UserId] = frozenset()
    muted: frozenset[UserId] = frozenset()
    muted_words: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    fanout_on_read: frozenset[UserId] = frozenset()

    def with_changes(self, changes: Iterable[RowChange]) -> "Viewpoint":
        """`changes` are `FollowChange`s with users."""
        followees, fanout_on_read = set(self.followees), set(self.fanout_on_read)
        for change in changes:
            other = UserId(change.value)
            if change.kind == FollowChange.FOLLOWED:
                followees.add(other)
            else:
                followees.discard(other)
                fanout_on_read.discard(other)
        return msgspec.structs.replace(self, followees=frozenset(followees), fanout_on_read=frozenset(fanout_on_read))

    @property
    def circle(self) -> frozenset[UserId]:
        """Authors whose items make up the home timeline: the followees and the user."""
        return self.followees | {self.user_id}

    @property
    def unwelcome(self) -> frozenset[UserId]:
        """Users who cause no notifications: blocked either way, or muted."""
        return self.blocked | self.blockers | self.muted


_SET_CHANGES = {
    ViewChangeKind.FOLLOWED: ("followees", True),
    ViewChangeKind.UNFOLLOWED: ("followees", False),
    ViewChangeKind.MUTED: ("muted", True),
    ViewChangeKind.UNMUTED: ("muted", False),
    ViewChangeKind.BLOCKED: ("blocked", True),
    ViewChangeKind.UNBLOCKED: ("blocked", False),
    ViewChangeKind.BLOCKED_BY: ("blockers", True),
    ViewChangeKind.UNBLOCKED_BY: ("blockers", False),
    ViewChangeKind.TAG_FOLLOWED: ("tags", True),
    ViewChangeKind.TAG_UNFOLLOWED: ("tags", False),
}


def viewpoints_before(view: Viewpoint, changes: Iterable[ViewChange]) -> list[Viewpoint]:
    """The viewpoint before each of these changes, which are given oldest first; the first one is that before all."""
    found: list[Viewpoint] = []
    for change in reversed(list(changes)):
        view = _before(view, change)
        found.append(view)
    return found[::-1]


def _before(view: Viewpoint, change: ViewChange) -> Viewpoint:
    if change.kind is ViewChangeKind.WORDS:
        return msgspec.structs.replace(view, muted_words=change.words)
    name, was_added = _SET_CHANGES[change.kind]
    changed = frozenset[object](change.words or (change.other,))
    current: frozenset[object] = getattr(view, name)
    return msgspec.structs.replace(view, **{name: current - changed if was_added else current | changed})


ANONYMOUS = Viewpoint(UserId(0))


class FollowChange(IntEnum):
    """A change of the followees, by the number that stands in cached rows."""

    FOLLOWED = 1
    UNFOLLOWED = 2
