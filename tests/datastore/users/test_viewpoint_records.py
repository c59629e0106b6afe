"""Viewpoints as rows: changes of the followees, and the viewpoint before each change of any kind."""

import msgspec
import pytest

from core.ids import UserId
from datastore.cache.row_codec import RowChange
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.users.viewpoint_records import FollowChange, Viewpoint, viewpoints_before

ALICE, BOB, CAROL, DAVE = UserId(1), UserId(2), UserId(3), UserId(4)
VIEW = Viewpoint(
    ALICE,
    followees=frozenset({BOB}),
    blocked=frozenset({BOB}),
    blockers=frozenset({BOB}),
    muted=frozenset({BOB}),
    muted_words=("rook",),
    tags=frozenset({"rook"}),
    fanout_on_read=frozenset({BOB}),
)


@pytest.mark.parametrize(
    ("changes", "followees", "fanout_on_read"),
    [
        ([], {BOB}, {BOB}),
        ([(FollowChange.FOLLOWED, CAROL)], {BOB, CAROL}, {BOB}),
        ([(FollowChange.UNFOLLOWED, BOB)], set(), set()),
        ([(FollowChange.UNFOLLOWED, CAROL)], {BOB}, {BOB}),
        ([(FollowChange.FOLLOWED, CAROL), (FollowChange.UNFOLLOWED, CAROL)], {BOB}, {BOB}),
        ([(FollowChange.UNFOLLOWED, BOB), (FollowChange.FOLLOWED, BOB)], {BOB}, set()),
    ],
)
def test_followees_change_in_order(
    changes: list[tuple[FollowChange, UserId]], followees: set[UserId], fanout_on_read: set[UserId]
) -> None:
    made = VIEW.with_changes(RowChange(kind, other, act_id=9) for kind, other in changes)
    assert made == msgspec.structs.replace(
        VIEW, followees=frozenset(followees), fanout_on_read=frozenset(fanout_on_read)
    )


@pytest.mark.parametrize(
    ("change", "field", "before"),
    [
        (ViewChange(ViewChangeKind.FOLLOWED, BOB), "followees", frozenset()),
        (ViewChange(ViewChangeKind.UNFOLLOWED, CAROL), "followees", frozenset({BOB, CAROL})),
        (ViewChange(ViewChangeKind.MUTED, BOB), "muted", frozenset()),
        (ViewChange(ViewChangeKind.UNMUTED, CAROL), "muted", frozenset({BOB, CAROL})),
        (ViewChange(ViewChangeKind.BLOCKED, BOB), "blocked", frozenset()),
        (ViewChange(ViewChangeKind.UNBLOCKED, CAROL), "blocked", frozenset({BOB, CAROL})),
        (ViewChange(ViewChangeKind.BLOCKED_BY, BOB), "blockers", frozenset()),
        (ViewChange(ViewChangeKind.UNBLOCKED_BY, CAROL), "blockers", frozenset({BOB, CAROL})),
        (ViewChange(ViewChangeKind.TAG_FOLLOWED, words=("rook",)), "tags", frozenset()),
        (ViewChange(ViewChangeKind.TAG_UNFOLLOWED, words=("crow",)), "tags", frozenset({"rook", "crow"})),
        (ViewChange(ViewChangeKind.WORDS, words=("crow", "jay")), "muted_words", ("crow", "jay")),
    ],
)
def test_the_viewpoint_before_a_change_lacks_it_alone(change: ViewChange, field: str, before: object) -> None:
    assert viewpoints_before(VIEW, [change]) == [msgspec.structs.replace(VIEW, **{field: before})]


def test_each_of_many_changes_has_the_viewpoint_before_it() -> None:
    changes = [
        ViewChange(ViewChangeKind.UNFOLLOWED, DAVE),
        ViewChange(ViewChangeKind.FOLLOWED, CAROL),
        ViewChange(ViewChangeKind.FOLLOWED, BOB),
    ]
    found = viewpoints_before(Viewpoint(ALICE, frozenset({BOB, CAROL})), changes)
    assert [view.followees for view in found] == [{DAVE}, set(), {CAROL}]


def test_unwelcome_is_who_is_blocked_either_way_or_muted() -> None:
    view = Viewpoint(ALICE, blocked=frozenset({BOB}), blockers=frozenset({CAROL}), muted=frozenset({DAVE}))
    assert view.unwelcome == {BOB, CAROL, DAVE}
