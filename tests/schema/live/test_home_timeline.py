"""Of items that a reader was not told of no end is told either, also where a cursor took them along."""

from datetime import UTC, datetime
from itertools import count

from datastore.timelines.changes import ChangeKind, StreamPosition, TimelineChange
from schema.live.home_timeline import Unseen
from schema.values.timeline_cursors import UNSEEN_IN_CURSOR
from subscriptions.log_consumer import ChangeDelivery

_places = count(1)


def told(kind: ChangeKind, item: int = 0, value: object = None) -> ChangeDelivery[TimelineChange]:
    return ChangeDelivery(TimelineChange(StreamPosition(1, next(_places)), datetime.now(UTC), kind, item), value, {})


def test_end_is_told_of_what_was_told() -> None:
    unseen = Unseen()
    assert unseen.lets_through(told(ChangeKind.ADDED, 1, "seen"))
    assert unseen.lets_through(told(ChangeKind.REMOVED, 1))


def test_end_of_what_was_not_told_is_left_out_once() -> None:
    unseen = Unseen()
    assert not unseen.lets_through(told(ChangeKind.ADDED, 1))
    assert not unseen.lets_through(told(ChangeKind.REMOVED, 1))
    assert unseen.newest == []
    assert unseen.lets_through(told(ChangeKind.REMOVED, 1))


def test_what_is_told_at_last_has_an_end() -> None:
    unseen = Unseen([1])
    assert unseen.lets_through(told(ChangeKind.ADDED, 1, "seen"))
    assert unseen.lets_through(told(ChangeKind.REMOVED, 1))


def test_after_a_reset_all_is_read_anew() -> None:
    unseen = Unseen([1])
    assert unseen.lets_through(told(ChangeKind.RESET))
    assert unseen.lets_through(told(ChangeKind.REMOVED, 1))


def test_a_cursor_takes_the_newest_along_in_the_same_order_again_and_again() -> None:
    unseen = Unseen()
    for item in range(1, UNSEEN_IN_CURSOR + 5):
        unseen.lets_through(told(ChangeKind.ADDED, item))
    newest = [*range(UNSEEN_IN_CURSOR + 4, 4, -1)]
    assert unseen.newest == newest
    assert Unseen(newest).newest == newest
    assert unseen.lets_through(told(ChangeKind.REMOVED, 99))
    assert not unseen.lets_through(told(ChangeKind.REMOVED, 1))
