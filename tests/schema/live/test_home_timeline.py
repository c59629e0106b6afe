"""Withheld items: their removal is withheld too, also after resuming from a cursor."""

from datetime import UTC, datetime
from itertools import count

from datastore.timelines.changes import ChangeKind, StreamPosition, TimelineChange
from schema.live.home_timeline import WithheldItems
from schema.values.timeline_cursors import WITHHELD_IN_CURSOR
from subscriptions.log_consumer import ChangeDelivery

_places = count(1)


def delivery(kind: ChangeKind, item: int = 0, value: object = None) -> ChangeDelivery[TimelineChange]:
    return ChangeDelivery(TimelineChange(StreamPosition(1, next(_places)), datetime.now(UTC), kind, item), value, {})


def test_the_removal_of_a_delivered_item_passes() -> None:
    withheld = WithheldItems()
    assert withheld.passes(delivery(ChangeKind.ADDED, 1, "seen"))
    assert withheld.passes(delivery(ChangeKind.REMOVED, 1))


def test_the_removal_of_a_withheld_item_is_withheld_once() -> None:
    withheld = WithheldItems()
    assert not withheld.passes(delivery(ChangeKind.ADDED, 1))
    assert not withheld.passes(delivery(ChangeKind.REMOVED, 1))
    assert withheld.newest == []
    assert withheld.passes(delivery(ChangeKind.REMOVED, 1))


def test_an_item_delivered_later_may_be_removed() -> None:
    withheld = WithheldItems([1])
    assert withheld.passes(delivery(ChangeKind.ADDED, 1, "seen"))
    assert withheld.passes(delivery(ChangeKind.REMOVED, 1))


def test_a_reset_forgets_withheld_items() -> None:
    withheld = WithheldItems([1])
    assert withheld.passes(delivery(ChangeKind.RESET))
    assert withheld.passes(delivery(ChangeKind.REMOVED, 1))


def test_cursors_keep_the_newest_withheld_items_in_order() -> None:
    withheld = WithheldItems()
    for item in range(1, WITHHELD_IN_CURSOR + 5):
        withheld.passes(delivery(ChangeKind.ADDED, item))
    newest = [*range(WITHHELD_IN_CURSOR + 4, 4, -1)]
    assert withheld.newest == newest
    assert WithheldItems(newest).newest == newest
    assert withheld.passes(delivery(ChangeKind.REMOVED, 99))
    assert not withheld.passes(delivery(ChangeKind.REMOVED, 1))
