"""Event logs of home timelines: who has one, when an epoch ends, and how far back it reaches."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from core.ids import wall_ms
from datastore.records.items import ItemKind
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.changes import ChangeKind, ResetReason, StreamPosition, TimelineChange
from datastore.timelines.event_log import LIVE_MS, EventLog, LogSlice, home_log
from datastore.timelines.home import HomeTimelineStore
from tests.datastore.redis.pubsub.pubsub_backends import next_event, open_backend
from tests.support.scenarios.timelines.home_lists import ALICE, BOB, FIRST, with_empty_lists
from tests.support.waiting import eventually

REDIS = ("server", "cluster")


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with open_redis(redis_url) as redis:
        yield redis


@pytest.fixture
async def timelines(redis: Redis, pipeline: CommandPipeline) -> HomeTimelineStore:
    """Lists of at most three ids. Those of Alice and Bob are empty."""
    return await with_empty_lists(redis, pipeline, 3)


@pytest.fixture
def log(redis: Redis, pipeline: CommandPipeline) -> EventLog[TimelineChange]:
    return home_log(pipeline)


def contents(found: LogSlice[TimelineChange]) -> list[tuple[ChangeKind, int]]:
    assert found.changes is not None
    return [(change.kind, change.item_id) for change in found.changes]


async def test_new_log_begins_before_its_first_offset(log: EventLog[TimelineChange]) -> None:
    before = wall_ms()
    end = await log.position(ALICE)
    assert end == StreamPosition(end.epoch, -1)
    assert before - 1_000 <= end.epoch <= wall_ms() + 1_000
    assert await log.position(ALICE) == end
    assert await log.range(ALICE, end, 10) == LogSlice(end, [])


async def test_changes_are_logged_in_order_with_kinds_and_times(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start, before = await log.position(ALICE), wall_ms()
    await timelines.push([ALICE], FIRST)
    await timelines.remove([ALICE], [(ItemKind.RETWEET, FIRST)])
    await timelines.merge(ALICE, [FIRST + 1])
    after = wall_ms()

    found = await log.range(ALICE, start, 10)

    instants = [change.at for change in found.changes or []]
    positions = [StreamPosition(start.epoch, offset) for offset in range(3)]
    assert found == LogSlice(
        positions[-1],
        [
            TimelineChange(positions[0], instants[0], ChangeKind.ADDED, FIRST),
            TimelineChange(positions[1], instants[1], ChangeKind.REMOVED, FIRST, ItemKind.RETWEET),
            TimelineChange(positions[2], instants[2], ChangeKind.RESET, 0, ItemKind.TWEET, ResetReason.REBUILT),
        ],
    )
    first, last = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (before, after))
    assert instants == sorted(instants)
    assert first <= instants[0] <= instants[-1] <= last


async def test_what_changes_nothing_is_not_contents(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    for item in (FIRST + 1, FIRST + 2, FIRST + 3):
        await timelines.push([ALICE], item)
    start = await log.position(ALICE)
    assert await timelines.push([ALICE], FIRST + 2) == 0
    assert await timelines.push([ALICE], FIRST) == 0  # older than the window
    assert await timelines.remove([ALICE], [(ItemKind.TWEET, FIRST)]) == 0
    assert await timelines.merge(ALICE, [FIRST + 3, FIRST]) == 0
    assert await log.range(ALICE, start, 10) == LogSlice(start, [])


async def test_only_who_is_live_is_contents(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.position(ALICE)
    await timelines.push([ALICE, BOB], FIRST)
    assert contents(await log.range(ALICE, start, 10)) == [(ChangeKind.ADDED, FIRST)]
    assert await redis.exists(keys.log(keys.home(BOB)), keys.live(keys.home(BOB))) == 0
    assert (await log.position(BOB)).offset == -1


async def test_rebuild_logs_one_reset_at_its_end(log: EventLog[TimelineChange], timelines: HomeTimelineStore) -> None:
    start = await log.position(ALICE)
    await timelines.drop(ALICE)
    assert await timelines.push([ALICE], FIRST) == 0
    assert await timelines.begin_build(ALICE, "token")
    assert await timelines.push([ALICE], FIRST + 2) == 1
    assert await timelines.remove([ALICE], [(ItemKind.TWEET, FIRST + 2)]) == 1
    assert await timelines.merge(ALICE, [FIRST + 3]) == 1
    assert await log.range(ALICE, start, 10) == LogSlice(start, [])

    assert await timelines.commit_build(ALICE, "token", [FIRST], complete=True)

    assert contents(await log.range(ALICE, start, 10)) == [(ChangeKind.RESET, 0)]


async def test_rebuild_that_finds_nothing_logs_nothing(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.position(ALICE)
    await timelines.drop(ALICE)
    assert await timelines.begin_build(ALICE, "token")
    assert await timelines.commit_build(ALICE, "token", [], complete=True)
    assert await log.range(ALICE, start, 10) == LogSlice(start, [])


async def test_slice_is_bounded_and_begins_at_any_position(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.position(ALICE)
    for item in range(5):
        await timelines.push([ALICE], FIRST + item)
    slices = [await log.range(ALICE, StreamPosition(start.epoch, offset), 2) for offset in (-1, 1, 3, 4)]
    end = StreamPosition(start.epoch, 4)
    assert [found.end for found in slices] == [end] * 4
    assert [contents(found) for found in slices] == [
        [(ChangeKind.ADDED, FIRST), (ChangeKind.ADDED, FIRST + 1)],
        [(ChangeKind.ADDED, FIRST + 2), (ChangeKind.ADDED, FIRST + 3)],
        [(ChangeKind.ADDED, FIRST + 4)],
        [],
    ]


async def test_user_who_was_not_live_gets_a_new_epoch_and_a_lost_position(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.position(ALICE)
    await timelines.push([ALICE], FIRST)
    await redis.delete(keys.live(keys.home(ALICE)))
    await eventually(lambda: wall_ms() > start.epoch + 1)

    found = await log.range(ALICE, StreamPosition(start.epoch, 0), 10)

    assert found == LogSlice(StreamPosition(found.end.epoch, -1), None)
    assert found.end.epoch > start.epoch
    assert await redis.exists(keys.log(keys.home(ALICE))) == 0
    await timelines.push([ALICE], FIRST + 1)
    assert contents(await log.range(ALICE, found.end, 10)) == [(ChangeKind.ADDED, FIRST + 1)]


async def test_trimmed_position_is_lost_and_a_kept_one_is_not(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.position(ALICE)
    for item in range(6):
        await timelines.push([ALICE], FIRST + item)
    await redis.xtrim(keys.log(keys.home(ALICE)), maxlen=2, approximate=False)
    end = StreamPosition(start.epoch, 5)
    for offset in (-1, 0, 2):
        assert await log.range(ALICE, StreamPosition(start.epoch, offset), 10) == LogSlice(end, None)
    kept = await log.range(ALICE, StreamPosition(start.epoch, 3), 10)
    assert (kept.end, contents(kept)) == (end, [(ChangeKind.ADDED, FIRST + 4), (ChangeKind.ADDED, FIRST + 5)])


async def test_position_beyond_the_end_is_lost(log: EventLog[TimelineChange], timelines: HomeTimelineStore) -> None:
    start = await log.position(ALICE)
    await timelines.push([ALICE], FIRST)
    end = StreamPosition(start.epoch, 0)
    assert await log.range(ALICE, StreamPosition(start.epoch, 1), 10) == LogSlice(end, None)
    assert await log.range(ALICE, StreamPosition(start.epoch + 1, 0), 10) == LogSlice(end, None)
    assert await log.range(ALICE, StreamPosition(0, -1), 10) == LogSlice(end, None)


async def test_read_keeps_user_and_log_live(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    await log.position(ALICE)
    await redis.pexpire(keys.live(keys.home(ALICE)), 60_000)
    await timelines.push([ALICE], FIRST)
    assert 0 < await redis.pttl(keys.log(keys.home(ALICE))) <= 60_000
    await log.position(ALICE)
    for key in (keys.live(keys.home(ALICE)), keys.log(keys.home(ALICE))):
        assert LIVE_MS - 60_000 < await redis.pttl(key) <= LIVE_MS


async def test_each_change_of_a_live_user_is_notified(
    redis_url: str, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    await log.position(ALICE)
    async with open_backend(redis_url) as backend:
        for person in (ALICE, BOB):
            await backend.subscribe(log.channel(person))

        await timelines.push([ALICE, BOB], FIRST)
        await timelines.remove([ALICE, BOB], [(ItemKind.TWEET, FIRST)])

        events = [await next_event(backend) for _ in range(2)]
    assert [event.channel for event in events] == [log.channel(ALICE)] * 2


async def test_messages_contain_the_changes_of_the_log(
    redis_url: str, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    people = (ALICE, BOB)
    starts = [await log.position(person) for person in people]
    await timelines.push([BOB], FIRST - 1)
    async with open_backend(redis_url) as backend:
        for person in people:
            await backend.subscribe(log.channel(person))

        await timelines.push(people, FIRST)
        await timelines.remove(people, [(ItemKind.TWEET, FIRST)])

        events = [await next_event(backend) for _ in range(4)]
    received = [
        [log.parse_message(event.message) for event in events if event.channel == log.channel(person)]
        for person in people
    ]
    of_alice, of_bob = [
        (await log.range(person, start, 10)).changes for person, start in zip(people, starts, strict=True)
    ]
    assert of_bob is not None
    assert received == [of_alice, of_bob[1:]]
