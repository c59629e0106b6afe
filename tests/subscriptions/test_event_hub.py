"""One feed for all subscriptions of a person: each change once and in order, the log read as seldom as can be."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack

import pytest
from redis.asyncio import Redis

from core.ids import UserId, wall_ms
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline, open_node_pipeline
from datastore.timelines.changes import ChangeKind, StreamPosition, TimelineChange
from datastore.timelines.event_log import EventLog, LogSlice, home_log
from datastore.timelines.home import HomeTimelineStore
from subscriptions.broadcast import ResilientBroadcast
from subscriptions.event_hub import EventHub
from subscriptions.log_consumer import Reader, ChangeDelivery
from tests.subscriptions.broadcasts import kill_subscriber_connections
from tests.support.scenes.emptylists import ALICE, BOB, FIRST, with_empty_lists
from tests.support.waiting import eventually

SOCKETS = 5


class Counted(EventHub[TimelineChange]):
    """Knows what was judged together. While `gate` is closed nothing is."""

    def __init__(self, events: EventLog[TimelineChange], broadcast: ResilientBroadcast) -> None:
        super().__init__(events, broadcast, values=self._look)
        self.judged: list[list[tuple[UserId, int]]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def _look(self, changes: Sequence[tuple[UserId, TimelineChange]]) -> list[object]:
        self.judged.append([(user_id, change.item_id) for user_id, change in changes])
        await self.gate.wait()
        return [None for _ in changes]


@pytest.fixture
async def pipeline(redis_url: str) -> AsyncIterator[CommandPipeline]:
    async with open_node_pipeline(redis_url) as pipeline:
        yield pipeline


@pytest.fixture
async def timelines(redis: Redis, pipeline: CommandPipeline) -> HomeTimelineStore:
    return await with_empty_lists(redis, pipeline, 800)


@pytest.fixture
def log(redis: Redis, pipeline: CommandPipeline) -> EventLog[TimelineChange]:
    return home_log(redis, pipeline)


@pytest.fixture
async def feeds(
    log: EventLog[TimelineChange], broadcast: ResilientBroadcast, timelines: HomeTimelineStore
) -> AsyncIterator[Counted]:
    assert timelines.length
    async with Counted(log, broadcast) as feeds:
        yield feeds


async def next_of(reader: Reader[TimelineChange], count: int) -> list[ChangeDelivery[TimelineChange]]:
    async with asyncio.timeout(10):
        found: list[ChangeDelivery[TimelineChange]] = []
        async for told in reader.changes():
            found.append(told)
            if len(found) == count:
                return found
    raise AssertionError("it ended")


def ids(told: Sequence[ChangeDelivery[TimelineChange]]) -> list[int]:
    return [one.change.item_id for one in told]


async def reads(redis: Redis) -> int:
    stats = await redis.info("commandstats")
    return int(stats["cmdstat_xrange"]["calls"]) if "cmdstat_xrange" in stats else 0


async def test_all_sockets_of_a_person_are_told_from_one_look(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore, feeds: Counted
) -> None:
    head = await log.head(ALICE)
    with ExitStack() as stack:
        readers = [stack.enter_context(feeds.follow(ALICE, head)) for _ in range(SOCKETS)]
        waiting = [asyncio.create_task(next_of(reader, 4)) for reader in readers]
        await eventually(lambda: all(reader._waiter is not None for reader in readers))  # noqa: SLF001 - they are told
        assert await timelines.push([ALICE], FIRST) == 1
        before = await reads(redis)
        for item in range(FIRST + 1, FIRST + 4):
            assert await timelines.push([ALICE], item) == 1
        found = await asyncio.gather(*waiting)
        assert await reads(redis) - before <= 1  # a look that was due in between
    assert [ids(told) for told in found] == [[*range(FIRST, FIRST + 4)]] * SOCKETS
    assert {len({id(told[place]) for told in found}) for place in range(1, 4)} == {1}


async def test_people_who_are_told_the_same_share_what_is_made_of_it(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore, feeds: Counted, broadcast: ResilientBroadcast
) -> None:
    """All that came while the events before it were judged is judged together."""
    heads = [await log.head(user_id) for user_id in (ALICE, BOB)]
    feeds.gate.clear()
    async with AsyncExitStack() as stack:
        for user_id in (ALICE, BOB):  # so that no bell is lost
            await stack.enter_async_context(broadcast.subscribe(log.bell(user_id)))
        readers = [stack.enter_context(feeds.follow(*one)) for one in zip((ALICE, BOB), heads, strict=True)]
        waiting = [asyncio.create_task(next_of(reader, 7)) for reader in readers]
        await eventually(lambda: all(reader._waiter is not None for reader in readers))  # noqa: SLF001 - they are told
        for item in range(FIRST, FIRST + 7):
            assert await timelines.push([ALICE, BOB], item) == 2
            await eventually(lambda: feeds.judged)
        await eventually(lambda: len(feeds._new) >= 12)  # noqa: SLF001 - what waits for the gate
        feeds.gate.set()
        hers, his = await asyncio.gather(*waiting)
    assert ids(hers) == ids(his) == [*range(FIRST, FIRST + 7)]
    assert all(one.alike is other.alike for one, other in zip(hers[1:], his[1:], strict=True))
    assert {(user_id, item) for user_id in (ALICE, BOB) for item in range(FIRST + 1, FIRST + 7)} <= set(
        feeds.judged[-1]
    )


async def test_lost_rings_cost_no_event(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore, feeds: Counted
) -> None:
    with feeds.follow(ALICE, await log.head(ALICE)) as reader:
        waiting = asyncio.create_task(next_of(reader, 20))
        for item in range(FIRST, FIRST + 20):
            await kill_subscriber_connections(redis)
            assert await timelines.push([ALICE], item) == 1
        assert ids(await waiting) == [*range(FIRST, FIRST + 20)]


async def test_who_does_not_read_for_a_while_gets_everything_once_they_do(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore, feeds: Counted
) -> None:
    head = await log.head(ALICE)
    with feeds.follow(ALICE, head) as slow, feeds.follow(ALICE, head) as quick:
        changes = slow.changes()
        first = asyncio.ensure_future(anext(changes))
        following = asyncio.create_task(next_of(quick, 1))
        await eventually(lambda: timelines.push([ALICE], FIRST))
        assert (await first).change.item_id == FIRST
        await following
        for item in range(FIRST + 1, FIRST + 701):
            await timelines.push([ALICE], item)
        found = [(await anext(changes)).change.item_id for _ in range(700)]
    assert found == [*range(FIRST + 1, FIRST + 701)]


async def test_a_log_that_was_lost_is_told_as_a_reset(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore, feeds: Counted
) -> None:
    with feeds.follow(ALICE, await log.head(ALICE)) as reader:
        waiting = asyncio.create_task(next_of(reader, 2))
        await timelines.push([ALICE], FIRST)
        await eventually(lambda: feeds.judged)
        await redis.flushdb()
        found = await waiting
    assert [told.change.kind for told in found] == [ChangeKind.ADDED, ChangeKind.RESET]


@pytest.mark.parametrize("more", [1, 2])
async def test_a_log_whose_end_was_lost_is_told_as_a_reset_before_what_is_new(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore, feeds: Counted, more: int
) -> None:
    """As after a failover: what was told is not in the log any more, and something else has its place."""
    with feeds.follow(ALICE, await log.head(ALICE)) as reader:
        waiting = asyncio.create_task(next_of(reader, 4))
        await timelines.push([ALICE], FIRST)
        kept = await redis.dump(keys.log(keys.home(ALICE))) or b""
        await timelines.push([ALICE], FIRST + 1)
        await eventually(lambda: len(feeds.judged) == 2)
        await redis.restore(keys.log(keys.home(ALICE)), 0, kept, replace=True)
        for item in range(FIRST + 2, FIRST + 2 + more):
            await timelines.push([ALICE], item)
        await eventually(lambda: len(feeds.judged) > 2)
        await timelines.push([ALICE], FIRST + 4)
        found = await waiting
    kinds = [told.change.kind for told in found]
    assert kinds == [ChangeKind.ADDED, ChangeKind.ADDED, ChangeKind.RESET, ChangeKind.ADDED]
    assert found[-1].change.item_id == FIRST + 4


async def test_who_comes_back_to_a_place_that_was_lost_is_told_of_a_reset(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore, feeds: Counted
) -> None:
    head = await log.head(ALICE)
    await timelines.push([ALICE], FIRST)
    lost = await log.head(ALICE)
    assert (lost.epoch, lost.place, lost.stamp > 0) == (head.epoch, 0, True)
    await redis.delete(keys.log(keys.home(ALICE)))
    await eventually(lambda: wall_ms() > lost.stamp)
    await timelines.push([ALICE], FIRST + 1)
    with feeds.follow(ALICE, lost) as reader:
        (reset,) = await next_of(reader, 1)
    assert (reset.change.kind, reset.change.place) == (ChangeKind.RESET, lost)
    assert reset.change.place.stamp > lost.stamp


async def test_nothing_is_left_of_who_has_gone(
    log: EventLog[TimelineChange], broadcast: ResilientBroadcast, feeds: Counted
) -> None:
    place: StreamPosition = await log.head(ALICE)
    for _ in range(3):
        with feeds.follow(ALICE, place), feeds.follow(ALICE, place):
            assert broadcast._hearers  # noqa: SLF001 - what a leak would be
    assert not broadcast._hearers  # noqa: SLF001
    assert await log.range(ALICE, place, 1) == LogSlice(place, [])
