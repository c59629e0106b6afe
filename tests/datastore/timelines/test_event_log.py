"""The log of what changed in a home timeline: of whom, when it ends, and how far back it reaches."""

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
from datastore.timelines.event_log import EventLog, LIVE_MS, LogSlice, home_log
from datastore.timelines.home import HomeTimelineStore
from tests.datastore.redis.pubsub.pubsub_backends import next_event, open_backend
from tests.support.scenes.emptylists import ALICE, BOB, FIRST, with_empty_lists
from tests.support.waiting import eventually

REDIS = ("server", "cluster")


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with open_redis(redis_url) as redis:
        yield redis


@pytest.fixture
async def timelines(redis: Redis, pipeline: CommandPipeline) -> HomeTimelineStore:
    """Of three ids each; Alice and Bob have empty ones."""
    return await with_empty_lists(redis, pipeline, 3)


@pytest.fixture
def log(redis: Redis, pipeline: CommandPipeline) -> EventLog[TimelineChange]:
    return home_log(redis, pipeline)


def told(found: LogSlice[TimelineChange]) -> list[tuple[ChangeKind, int]]:
    assert found.changes is not None
    return [(change.kind, change.item_id) for change in found.changes]


async def test_log_of_somebody_new_begins_before_its_first_place(log: EventLog[TimelineChange]) -> None:
    before = wall_ms()
    head = await log.head(ALICE)
    assert head == StreamPosition(head.epoch, -1)
    assert before - 1_000 <= head.epoch <= wall_ms() + 1_000
    assert await log.head(ALICE) == head
    assert await log.range(ALICE, head, 10) == LogSlice(head, [])


async def test_changes_are_told_in_order_with_their_kinds_and_instants(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start, before = await log.head(ALICE), wall_ms()
    await timelines.push([ALICE], FIRST)
    await timelines.remove([ALICE], [(ItemKind.RETWEET, FIRST)])
    await timelines.merge(ALICE, [FIRST + 1])
    after = wall_ms()

    found = await log.range(ALICE, start, 10)

    instants = [change.at for change in found.changes or []]
    places = [StreamPosition(start.epoch, place) for place in range(3)]
    assert found == LogSlice(
        places[-1],
        [
            TimelineChange(places[0], instants[0], ChangeKind.ADDED, FIRST),
            TimelineChange(places[1], instants[1], ChangeKind.REMOVED, FIRST, ItemKind.RETWEET),
            TimelineChange(places[2], instants[2], ChangeKind.RESET, 0, ItemKind.TWEET, ResetReason.REBUILT),
        ],
    )
    first, last = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (before, after))
    assert instants == sorted(instants)
    assert first <= instants[0] <= instants[-1] <= last


async def test_what_changes_nothing_is_not_told(log: EventLog[TimelineChange], timelines: HomeTimelineStore) -> None:
    for item in (FIRST + 1, FIRST + 2, FIRST + 3):
        await timelines.push([ALICE], item)
    start = await log.head(ALICE)
    assert await timelines.push([ALICE], FIRST + 2) == 0
    assert await timelines.push([ALICE], FIRST) == 0  # older than the window
    assert await timelines.remove([ALICE], [(ItemKind.TWEET, FIRST)]) == 0
    assert await timelines.merge(ALICE, [FIRST + 3, FIRST]) == 0
    assert await log.range(ALICE, start, 10) == LogSlice(start, [])


async def test_only_who_is_live_is_told(redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore) -> None:
    start = await log.head(ALICE)
    await timelines.push([ALICE, BOB], FIRST)
    assert told(await log.range(ALICE, start, 10)) == [(ChangeKind.ADDED, FIRST)]
    assert await redis.exists(keys.log(keys.home(BOB)), keys.live(keys.home(BOB))) == 0
    assert (await log.head(BOB)).place == -1


async def test_a_build_tells_nothing_until_its_end_which_is_one_reset(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.head(ALICE)
    await timelines.drop(ALICE)
    assert await timelines.push([ALICE], FIRST) == 0
    assert await timelines.begin_build(ALICE, "token")
    assert await timelines.push([ALICE], FIRST + 2) == 1
    assert await timelines.remove([ALICE], [(ItemKind.TWEET, FIRST + 2)]) == 1
    assert await timelines.merge(ALICE, [FIRST + 3]) == 1
    assert await log.range(ALICE, start, 10) == LogSlice(start, [])

    assert await timelines.commit_build(ALICE, "token", [FIRST], complete=True)

    assert told(await log.range(ALICE, start, 10)) == [(ChangeKind.RESET, 0)]


async def test_a_build_that_finds_nothing_tells_nothing(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.head(ALICE)
    await timelines.drop(ALICE)
    assert await timelines.begin_build(ALICE, "token")
    assert await timelines.commit_build(ALICE, "token", [], complete=True)
    assert await log.range(ALICE, start, 10) == LogSlice(start, [])


async def test_a_slice_holds_so_many_changes_and_goes_on_from_any_place(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.head(ALICE)
    for item in range(5):
        await timelines.push([ALICE], FIRST + item)
    slices = [await log.range(ALICE, StreamPosition(start.epoch, place), 2) for place in (-1, 1, 3, 4)]
    head = StreamPosition(start.epoch, 4)
    assert [found.head for found in slices] == [head] * 4
    assert [told(found) for found in slices] == [
        [(ChangeKind.ADDED, FIRST), (ChangeKind.ADDED, FIRST + 1)],
        [(ChangeKind.ADDED, FIRST + 2), (ChangeKind.ADDED, FIRST + 3)],
        [(ChangeKind.ADDED, FIRST + 4)],
        [],
    ]


async def test_who_was_away_gets_another_epoch_and_is_told_that_the_place_is_gone(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.head(ALICE)
    await timelines.push([ALICE], FIRST)
    await redis.delete(keys.live(keys.home(ALICE)))
    await eventually(lambda: wall_ms() > start.epoch + 1)

    found = await log.range(ALICE, StreamPosition(start.epoch, 0), 10)

    assert found == LogSlice(StreamPosition(found.head.epoch, -1), None)
    assert found.head.epoch > start.epoch
    assert await redis.exists(keys.log(keys.home(ALICE))) == 0
    await timelines.push([ALICE], FIRST + 1)
    assert told(await log.range(ALICE, found.head, 10)) == [(ChangeKind.ADDED, FIRST + 1)]


async def test_a_place_that_was_trimmed_away_is_told_from_one_that_is_kept(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.head(ALICE)
    for item in range(6):
        await timelines.push([ALICE], FIRST + item)
    await redis.xtrim(keys.log(keys.home(ALICE)), maxlen=2, approximate=False)
    head = StreamPosition(start.epoch, 5)
    for place in (-1, 0, 2):
        assert await log.range(ALICE, StreamPosition(start.epoch, place), 10) == LogSlice(head, None)
    kept = await log.range(ALICE, StreamPosition(start.epoch, 3), 10)
    assert (kept.head, told(kept)) == (head, [(ChangeKind.ADDED, FIRST + 4), (ChangeKind.ADDED, FIRST + 5)])


async def test_a_place_beyond_the_end_is_not_taken_for_the_end(
    log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    start = await log.head(ALICE)
    await timelines.push([ALICE], FIRST)
    head = StreamPosition(start.epoch, 0)
    assert await log.range(ALICE, StreamPosition(start.epoch, 1), 10) == LogSlice(head, None)
    assert await log.range(ALICE, StreamPosition(start.epoch + 1, 0), 10) == LogSlice(head, None)
    assert await log.range(ALICE, StreamPosition(0, -1), 10) == LogSlice(head, None)


async def test_reading_keeps_person_and_log_alive(
    redis: Redis, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    await log.head(ALICE)
    await redis.pexpire(keys.live(keys.home(ALICE)), 60_000)
    await timelines.push([ALICE], FIRST)
    assert 0 < await redis.pttl(keys.log(keys.home(ALICE))) <= 60_000
    await log.head(ALICE)
    for key in (keys.live(keys.home(ALICE)), keys.log(keys.home(ALICE))):
        assert LIVE_MS - 60_000 < await redis.pttl(key) <= LIVE_MS


async def test_the_bell_rings_for_each_change_of_somebody_live(
    redis_url: str, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    await log.head(ALICE)
    async with open_backend(redis_url) as backend:
        for person in (ALICE, BOB):
            await backend.subscribe(log.bell(person))

        await timelines.push([ALICE, BOB], FIRST)
        await timelines.remove([ALICE, BOB], [(ItemKind.TWEET, FIRST)])

        heard = [await next_event(backend) for _ in range(2)]
    assert [event.channel for event in heard] == [log.bell(ALICE)] * 2


async def test_bells_say_of_each_person_what_their_log_says(
    redis_url: str, log: EventLog[TimelineChange], timelines: HomeTimelineStore
) -> None:
    people = (ALICE, BOB)
    heads = [await log.head(person) for person in people]
    await timelines.push([BOB], FIRST - 1)
    async with open_backend(redis_url) as backend:
        for person in people:
            await backend.subscribe(log.bell(person))

        await timelines.push(people, FIRST)
        await timelines.remove(people, [(ItemKind.TWEET, FIRST)])

        heard = [await next_event(backend) for _ in range(4)]
    rung = [[log.rung(event.message) for event in heard if event.channel == log.bell(person)] for person in people]
    of_alice, of_bob = [(await log.range(person, head, 10)).changes for person, head in zip(people, heads, strict=True)]
    assert of_bob is not None
    assert rung == [of_alice, of_bob[1:]]
