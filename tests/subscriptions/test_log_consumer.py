"""LogConsumer: reads what was missed, then takes deliveries without a gap or a repetition."""

import asyncio
from collections.abc import Sequence

import pytest

from core.errors import UnavailableError
from core.ids import UserId
from datastore.timelines.changes import ChangeKind, StreamPosition, TimelineChange
from datastore.timelines.event_log import EventLog
from datastore.timelines.home import HomeTimelineStore
from subscriptions.log_consumer import ChangeDelivery, LogConsumer
from tests.support.scenarios.timelines.home_lists import ALICE, FIRST
from tests.support.waiting import eventually


class Consumed:
    """A consumer of Alice's log. `positions` are those at which it had caught up."""

    def __init__(self, log: EventLog[TimelineChange], after: StreamPosition | None) -> None:
        self.positions: list[StreamPosition] = []
        self.failures = 0
        self.consumer = LogConsumer(log, ALICE, after, prepare=self._prepare, on_caught_up=self.positions.append)
        self.deliveries = self.consumer.deliveries()

    async def _prepare(self, new: Sequence[tuple[UserId, TimelineChange]]) -> list[ChangeDelivery[TimelineChange]]:
        if self.failures:
            self.failures -= 1
            raise UnavailableError("The database")
        return [delivery(change) for _, change in new]

    async def next_ids(self, count: int) -> list[int]:
        async with asyncio.timeout(5):
            return [(await anext(self.deliveries)).change.item_id for _ in range(count)]


def delivery(change: TimelineChange) -> ChangeDelivery[TimelineChange]:
    return ChangeDelivery(change, None, {})


async def pushed(log: EventLog[TimelineChange], timelines: HomeTimelineStore, *items: int) -> list[TimelineChange]:
    """Pushes the items. The changes that the log holds of them."""
    before = await log.position(ALICE)
    for item in items:
        await timelines.push([ALICE], item)
    return (await log.range(ALICE, before, 1_000)).changes or []


async def caught_up(consumed: Consumed) -> "asyncio.Task[list[int]]":
    """The wait for the next delivery, once the consumer has read the log."""
    waiting = asyncio.create_task(consumed.next_ids(1))
    await eventually(lambda: consumed.positions)
    return waiting


async def test_missed_changes_come_from_the_log_and_later_ones_from_deliveries(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    consumed = Consumed(log, await log.position(ALICE))
    await pushed(log, timelines, FIRST, FIRST + 1)
    assert await consumed.next_ids(2) == [FIRST, FIRST + 1]
    waiting = await caught_up(consumed)
    assert consumed.positions == [await log.position(ALICE)]
    (change,) = await pushed(log, timelines, FIRST + 2)
    consumed.consumer.deliver(delivery(change))
    assert await waiting == [FIRST + 2]


async def test_known_delivery_is_dropped(log: EventLog[TimelineChange], timelines: HomeTimelineStore) -> None:
    consumed = Consumed(log, await log.position(ALICE))
    known = await pushed(log, timelines, FIRST)
    assert await consumed.next_ids(1) == [FIRST]
    waiting = await caught_up(consumed)
    new = await pushed(log, timelines, FIRST + 1)
    for change in (*known, *new, *new):
        consumed.consumer.deliver(delivery(change))
    assert await waiting == [FIRST + 1]
    await pushed(log, timelines, FIRST + 2)
    consumed.consumer.fall_behind()
    assert await consumed.next_ids(1) == [FIRST + 2]


async def test_gap_before_a_delivery_is_read_from_the_log(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    consumed = Consumed(log, await log.position(ALICE))
    waiting = await caught_up(consumed)
    *_, last = await pushed(log, timelines, FIRST, FIRST + 1, FIRST + 2)
    consumed.consumer.deliver(delivery(last))
    assert await waiting == [FIRST]
    assert await consumed.next_ids(2) == [FIRST + 1, FIRST + 2]


async def test_slow_consumer_drops_deliveries_and_reads_the_log(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    consumed = Consumed(log, await log.position(ALICE))
    waiting = await caught_up(consumed)
    changes = await pushed(log, timelines, *range(FIRST, FIRST + 300))
    for change in changes:
        consumed.consumer.deliver(delivery(change))
    assert await waiting == [FIRST]
    assert await consumed.next_ids(299) == [*range(FIRST + 1, FIRST + 300)]


async def test_without_a_position_it_begins_at_the_end(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    await pushed(log, timelines, FIRST)
    consumed = Consumed(log, None)
    waiting = await caught_up(consumed)
    assert consumed.positions == [await log.position(ALICE)]
    (change,) = await pushed(log, timelines, FIRST + 1)
    consumed.consumer.deliver(delivery(change))
    assert await waiting == [FIRST + 1]


async def test_lost_position_yields_a_reset_at_the_end_of_the_log(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.position(ALICE)
    await pushed(log, timelines, FIRST)
    consumed = Consumed(log, StreamPosition(start.epoch - 1, 5))
    reset = (await anext(consumed.deliveries)).change
    assert (reset.kind, reset.position) == (ChangeKind.RESET, await log.position(ALICE))


async def test_changes_that_can_not_be_prepared_are_retried(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    consumed = Consumed(log, await log.position(ALICE))
    await pushed(log, timelines, FIRST)
    consumed.failures = 1
    assert await consumed.next_ids(1) == [FIRST]
    assert consumed.failures == 0


async def test_failure_is_raised(log: EventLog[TimelineChange], timelines: HomeTimelineStore) -> None:
    assert timelines.length
    consumed = Consumed(log, await log.position(ALICE))
    waiting = await caught_up(consumed)
    consumed.consumer.fail(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await waiting
