"""EventHub: each change once and in order for all subscriptions of a user, with few reads of the log."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack

import pytest
from redis.asyncio import Redis

from core.ids import UserId, wall_ms
from core.runtime.metrics import EVENT_DELAY_SECONDS
from datastore.redis import keys
from datastore.timelines.changes import ChangeKind, StreamPosition, TimelineChange
from datastore.timelines.event_log import EventLog, LogSlice
from datastore.timelines.home import HomeTimelineStore
from subscriptions.broadcast import ResilientBroadcast
from subscriptions.event_hub import EventHub
from subscriptions.log_consumer import ChangeDelivery, LogConsumer
from tests.subscriptions.broadcast.helpers import kill_subscriber_connections
from tests.support.scenarios.timelines.home_lists import ALICE, BOB, FIRST
from tests.support.waiting import eventually

SOCKETS = 5


class RecordingHub(EventHub[TimelineChange]):
    """Records which changes are evaluated together. While `gate` is unset, evaluation waits."""

    def __init__(self, events: EventLog[TimelineChange], broadcast: ResilientBroadcast) -> None:
        super().__init__(events, broadcast, evaluate=self._record)
        self.batches: list[list[tuple[UserId, int]]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def _record(self, changes: Sequence[tuple[UserId, TimelineChange]]) -> list[object]:
        self.batches.append([(user_id, change.item_id) for user_id, change in changes])
        await self.gate.wait()
        return [None for _ in changes]


@pytest.fixture
async def hub(
    log: EventLog[TimelineChange], broadcast: ResilientBroadcast, timelines: HomeTimelineStore
) -> AsyncIterator[RecordingHub]:
    assert timelines.length
    async with RecordingHub(log, broadcast) as hub:
        yield hub


async def next_of(consumer: LogConsumer[TimelineChange], count: int) -> list[ChangeDelivery[TimelineChange]]:
    async with asyncio.timeout(10):
        found: list[ChangeDelivery[TimelineChange]] = []
        async for delivery in consumer.deliveries():
            found.append(delivery)
            if len(found) == count:
                return found
    raise AssertionError("the stream ended")


def ids(deliveries: Sequence[ChangeDelivery[TimelineChange]]) -> list[int]:
    return [one.change.item_id for one in deliveries]


async def reads(redis: Redis) -> int:
    stats = await redis.info("commandstats")
    return int(stats["cmdstat_xrange"]["calls"]) if "cmdstat_xrange" in stats else 0


async def test_one_read_serves_all_sockets_of_a_user(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore, hub: RecordingHub
) -> None:
    start = await log.position(ALICE)
    with ExitStack() as stack:
        consumers = [stack.enter_context(hub.subscribe(ALICE, start)) for _ in range(SOCKETS)]
        waiting = [asyncio.create_task(next_of(consumer, 4)) for consumer in consumers]
        await eventually(lambda: all(consumer._waiter is not None for consumer in consumers))  # noqa: SLF001 - they wait for deliveries
        assert await timelines.push([ALICE], FIRST) == 1
        before = await reads(redis)
        for item in range(FIRST + 1, FIRST + 4):
            assert await timelines.push([ALICE], item) == 1
        found = await asyncio.gather(*waiting)
        assert await reads(redis) - before <= 1  # a poll may be due in between
    assert [ids(deliveries) for deliveries in found] == [[*range(FIRST, FIRST + 4)]] * SOCKETS
    assert {len({id(deliveries[index]) for deliveries in found}) for index in range(1, 4)} == {1}


async def test_equal_changes_of_two_users_share_a_dict(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore, hub: RecordingHub, broadcast: ResilientBroadcast
) -> None:
    """Changes that come while earlier ones are evaluated are evaluated together."""
    starts = [await log.position(user_id) for user_id in (ALICE, BOB)]
    hub.gate.clear()
    async with AsyncExitStack() as stack:
        for user_id in (ALICE, BOB):  # so that no message is lost
            await stack.enter_async_context(broadcast.subscribe(log.channel(user_id)))
        consumers = [stack.enter_context(hub.subscribe(*one)) for one in zip((ALICE, BOB), starts, strict=True)]
        waiting = [asyncio.create_task(next_of(consumer, 7)) for consumer in consumers]
        await eventually(lambda: all(consumer._waiter is not None for consumer in consumers))  # noqa: SLF001 - they wait for deliveries
        for item in range(FIRST, FIRST + 7):
            assert await timelines.push([ALICE, BOB], item) == 2
            await eventually(lambda: hub.batches)
        await eventually(lambda: len(hub._new) >= 12)  # noqa: SLF001 - changes that wait for the gate
        hub.gate.set()
        hers, his = await asyncio.gather(*waiting)
    assert ids(hers) == ids(his) == [*range(FIRST, FIRST + 7)]
    assert all(one.shared is other.shared for one, other in zip(hers[1:], his[1:], strict=True))
    assert {(user_id, item) for user_id in (ALICE, BOB) for item in range(FIRST + 1, FIRST + 7)} <= set(hub.batches[-1])


async def test_lost_messages_lose_no_event(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore, hub: RecordingHub
) -> None:
    with hub.subscribe(ALICE, await log.position(ALICE)) as consumer:
        waiting = asyncio.create_task(next_of(consumer, 20))
        for item in range(FIRST, FIRST + 20):
            await kill_subscriber_connections(redis)
            assert await timelines.push([ALICE], item) == 1
        assert ids(await waiting) == [*range(FIRST, FIRST + 20)]


async def test_slow_consumer_gets_every_change_once_it_reads(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore, hub: RecordingHub
) -> None:
    start = await log.position(ALICE)
    with hub.subscribe(ALICE, start) as slow, hub.subscribe(ALICE, start) as quick:
        changes = slow.deliveries()
        first = asyncio.ensure_future(anext(changes))
        following = asyncio.create_task(next_of(quick, 1))
        await eventually(lambda: timelines.push([ALICE], FIRST))
        assert (await first).change.item_id == FIRST
        await following
        for item in range(FIRST + 1, FIRST + 701):
            await timelines.push([ALICE], item)
        found = [(await anext(changes)).change.item_id for _ in range(700)]
    assert found == [*range(FIRST + 1, FIRST + 701)]


async def test_lost_log_causes_a_reset(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore, hub: RecordingHub
) -> None:
    with hub.subscribe(ALICE, await log.position(ALICE)) as consumer:
        waiting = asyncio.create_task(next_of(consumer, 2))
        await timelines.push([ALICE], FIRST)
        await eventually(lambda: hub.batches)
        await redis.flushdb()
        found = await waiting
    assert [delivery.change.kind for delivery in found] == [ChangeKind.ADDED, ChangeKind.RESET]


@pytest.mark.parametrize("more", [1, 2])
async def test_lost_end_of_a_log_causes_a_reset_before_new_changes(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore, hub: RecordingHub, more: int
) -> None:
    """As after a failover: a delivered entry is lost, and another one has its offset."""
    with hub.subscribe(ALICE, await log.position(ALICE)) as consumer:
        waiting = asyncio.create_task(next_of(consumer, 4))
        await timelines.push([ALICE], FIRST)
        kept = await redis.dump(keys.log(keys.home(ALICE))) or b""
        await timelines.push([ALICE], FIRST + 1)
        await eventually(lambda: len(hub.batches) == 2)
        await redis.restore(keys.log(keys.home(ALICE)), 0, kept, replace=True)
        for item in range(FIRST + 2, FIRST + 2 + more):
            await timelines.push([ALICE], item)
        await eventually(lambda: len(hub.batches) > 2)
        await timelines.push([ALICE], FIRST + 4)
        found = await waiting
    kinds = [delivery.change.kind for delivery in found]
    assert kinds == [ChangeKind.ADDED, ChangeKind.ADDED, ChangeKind.RESET, ChangeKind.ADDED]
    assert found[-1].change.item_id == FIRST + 4


async def test_resumption_at_a_lost_position_causes_a_reset(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore, hub: RecordingHub
) -> None:
    start = await log.position(ALICE)
    await timelines.push([ALICE], FIRST)
    lost = await log.position(ALICE)
    assert (lost.epoch, lost.offset, lost.stamp > 0) == (start.epoch, 0, True)
    await redis.delete(keys.log(keys.home(ALICE)))
    await eventually(lambda: wall_ms() > lost.stamp)
    await timelines.push([ALICE], FIRST + 1)
    with hub.subscribe(ALICE, lost) as consumer:
        (reset,) = await next_of(consumer, 1)
    assert (reset.change.kind, reset.change.position) == (ChangeKind.RESET, lost)
    assert reset.change.position.stamp > lost.stamp


async def test_ended_subscriptions_leave_no_callback(
    log: EventLog[TimelineChange], broadcast: ResilientBroadcast, hub: RecordingHub
) -> None:
    start: StreamPosition = await log.position(ALICE)
    for _ in range(3):
        with hub.subscribe(ALICE, start), hub.subscribe(ALICE, start):
            assert broadcast._callbacks  # noqa: SLF001 - where a leak would be
    assert not broadcast._callbacks  # noqa: SLF001
    assert await log.range(ALICE, start, 1) == LogSlice(start, [])


async def test_the_delay_of_events_is_measured_once_for_all_whom_they_reach(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore, hub: RecordingHub
) -> None:
    with ExitStack() as stack:
        starts = {user: await log.position(user) for user in (ALICE, BOB)}
        consumers = [stack.enter_context(hub.subscribe(user, start)) for user, start in starts.items()]
        waiting = [asyncio.create_task(next_of(consumer, 1)) for consumer in consumers]
        await eventually(lambda: all(consumer._waiter is not None for consumer in consumers))  # noqa: SLF001 - they wait for deliveries
        before = delays()
        assert await timelines.push([ALICE, BOB], FIRST) == 2
        await asyncio.gather(*waiting)
    count, seconds = (after - earlier for after, earlier in zip(delays(), before, strict=True))
    assert 1 <= count <= 2
    assert 0 <= seconds < 10


def delays() -> tuple[float, float]:
    """The number of measured delays, and their sum in seconds."""
    samples = {sample.name: sample.value for metric in EVENT_DELAY_SECONDS.collect() for sample in metric.samples}
    return samples["rookery_event_delay_seconds_count"], samples["rookery_event_delay_seconds_sum"]
