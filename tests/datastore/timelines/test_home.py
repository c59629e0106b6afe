"""Home timelines in Redis against a model: whatever the order of changes, a list is one unbroken window."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from core.ids import SnowflakeMaker, UserId
from datastore.records.items import ItemKind
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.changes import ChangeKind, StreamPosition
from datastore.timelines.event_log import LIVE_MS, home_log
from datastore.timelines.home import LIST_TTL_MS, Direction, HomeTimelineStore, WindowState
from tests.datastore.timelines.home_model import HomeModel

# Neighbours from here on are one number to Lua.
FIRST = 1 << 60
ALICE, BOB = UserId(FIRST + 1), UserId(FIRST + 2)
_new_id = SnowflakeMaker(3)

small = st.integers(0, 14)
steps = st.one_of(
    st.tuples(st.just("push"), small),
    st.tuples(st.just("push"), small),
    st.tuples(st.just("remove"), small),
    st.tuples(st.just("merge"), st.frozensets(small, max_size=9)),
    st.tuples(st.just("begin"), st.none()),
    st.tuples(st.just("query"), st.none()),
    st.tuples(st.just("commit"), st.none()),
    st.tuples(st.just("drop"), st.none()),
)
Step = tuple[str, int | frozenset[int] | None]

REDIS = ("server", "cluster")


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with open_redis(redis_url) as redis:
        yield redis


@settings(max_examples=200)
@given(length=st.integers(1, 6), played=st.lists(steps, max_size=30), is_built=st.booleans())
@example(length=2, played=[("merge", frozenset({8, 9})), ("merge", frozenset({1}))], is_built=True)
@example(
    length=1,
    played=[("begin", None), ("query", None), ("push", 1), ("push", 2), ("commit", None)],
    is_built=False,
)
@example(
    length=2,
    played=[
        ("begin", None),
        ("query", None),
        ("push", 1),
        ("push", 2),
        ("push", 3),
        ("remove", 3),
        ("commit", None),
        ("begin", None),
        ("commit", None),
    ],
    is_built=False,
)
async def test_list_and_log_are_what_the_changes_make_of_them(
    redis: Redis, pipeline: CommandPipeline, length: int, played: list[Step], is_built: bool
) -> None:
    home = HomeModel(redis, pipeline, length, UserId(_new_id()))
    start = await home_log(pipeline).position(home.user_id)
    for name, argument in [*([("begin", None), ("commit", None)] if is_built else []), *played]:
        match argument:
            case int():
                await getattr(home, name)(FIRST + argument)
            case frozenset():
                await home.merge(frozenset(FIRST + item for item in argument))
            case _ if name == "query":
                home.query()
            case _:
                await getattr(home, name)()
        await home.check()
    await home.check_log(start)


@settings(max_examples=60)
@given(
    ids=st.frozensets(small, max_size=8),
    is_complete=st.booleans(),
    count=st.integers(1, 9),
    start=st.none() | st.integers(-2, 16),
)
async def test_range_gives_what_lies_next_to_any_place(
    redis: Redis, pipeline: CommandPipeline, ids: frozenset[int], is_complete: bool, count: int, start: int | None
) -> None:
    store, user_id = HomeTimelineStore(redis, pipeline, 8), UserId(_new_id())
    held = [FIRST + item for item in sorted(ids, reverse=True)]
    is_complete = is_complete or not held
    await build(store, user_id, held, is_complete=is_complete)
    place = None if start is None else FIRST + start
    older = await store.range(user_id, count, start=place)
    newer = await store.range(user_id, count, start=place, direction=Direction.NEWER)
    assert older.ids == [item for item in held if place is None or item < place][:count]
    assert newer.ids == [item for item in held if place is not None and item > place][-count:]
    assert older._replace(ids=[]) == newer._replace(ids=[])
    assert (older.state, older.floor) == (
        (WindowState.COMPLETE, 0) if is_complete else (WindowState.TRUNCATED, held[-1])
    )


async def build(store: HomeTimelineStore, user_id: UserId, ids: list[int], *, is_complete: bool = True) -> None:
    assert await store.begin_build(user_id, "token")
    assert await store.commit_build(user_id, "token", ids, complete=is_complete)


async def test_ids_of_different_length_stand_by_their_value(redis: Redis, pipeline: CommandPipeline) -> None:
    store = HomeTimelineStore(redis, pipeline, 5)
    await build(store, ALICE, [])
    for item in (99, 1000, 100, 999, 98):
        await store.push([ALICE], item)
    assert (await store.range(ALICE, 9)).ids == [1000, 999, 100, 99, 98]
    assert (await store.range(ALICE, 9, start=500)).ids == [100, 99, 98]


async def test_a_push_reaches_the_lists_that_are_there_and_says_how_many(
    redis: Redis, pipeline: CommandPipeline
) -> None:
    store = HomeTimelineStore(redis, pipeline, 5)
    carol = UserId(FIRST + 3)
    await build(store, ALICE, [])
    await build(store, BOB, [FIRST])
    assert await store.push([ALICE, BOB, carol], FIRST) == 1
    assert await store.push([ALICE, BOB, carol], FIRST + 1) == 2
    assert await store.push([ALICE, BOB, carol], FIRST + 1) == 0
    assert [await store.ids(user_id) for user_id in (ALICE, BOB, carol)] == [[FIRST + 1, FIRST]] * 2 + [[]]
    assert await store.existing_among([ALICE, carol, BOB]) == [ALICE, BOB]


async def test_a_removal_takes_several_items_out_of_several_lists(redis: Redis, pipeline: CommandPipeline) -> None:
    store = HomeTimelineStore(redis, pipeline, 5)
    await build(store, ALICE, [FIRST + 2, FIRST + 1, FIRST])
    await build(store, BOB, [FIRST + 1])
    gone = [(ItemKind.TWEET, FIRST + 1), (ItemKind.RETWEET, FIRST + 2)]
    assert await store.remove([ALICE, BOB], gone) == 3
    assert await store.remove([ALICE, BOB], gone) == 0
    assert [await store.ids(user_id) for user_id in (ALICE, BOB)] == [[FIRST], []]
    assert (await store.range(BOB, 5)).state is WindowState.COMPLETE


async def test_a_list_longer_than_a_call_takes_at_once_is_built_whole(redis: Redis, pipeline: CommandPipeline) -> None:
    store = HomeTimelineStore(redis, pipeline, 1_300)
    ids = list(range(FIRST + 1_200, FIRST, -1))
    await build(store, ALICE, ids)
    assert await store.ids(ALICE) == ids


async def test_one_build_at_a_time_and_only_where_there_is_no_list(redis: Redis, pipeline: CommandPipeline) -> None:
    store = HomeTimelineStore(redis, pipeline, 5)
    assert await store.begin_build(ALICE, "one")
    assert not await store.begin_build(ALICE, "other")
    assert not await store.commit_build(ALICE, "other", [FIRST], complete=True)
    assert (await store.range(ALICE, 5)).state is WindowState.BUILDING
    assert await store.commit_build(ALICE, "one", [FIRST], complete=True)
    assert not await store.begin_build(ALICE, "third")
    assert not await store.commit_build(ALICE, "one", [FIRST + 1], complete=True)
    assert await store.ids(ALICE) == [FIRST]


async def test_a_build_that_takes_too_long_is_superseded_by_the_next(redis: Redis, pipeline: CommandPipeline) -> None:
    store = HomeTimelineStore(redis, pipeline, 5)
    assert await store.begin_build(ALICE, "slow")
    assert 0 < await redis.pttl(keys.rebuild_token(ALICE)) <= 5_000
    await redis.delete(keys.rebuild_token(ALICE))
    assert await store.begin_build(ALICE, "next")
    assert not await store.commit_build(ALICE, "slow", [FIRST], complete=True)
    assert await store.commit_build(ALICE, "next", [FIRST + 1], complete=True)
    assert await store.ids(ALICE) == [FIRST + 1]


async def test_a_list_that_is_dropped_supersedes_the_build(redis: Redis, pipeline: CommandPipeline) -> None:
    store = HomeTimelineStore(redis, pipeline, 5)
    await build(store, BOB, [FIRST])
    assert await store.begin_build(ALICE, "token")
    await store.drop(ALICE, BOB)
    assert not await store.commit_build(ALICE, "token", [FIRST], complete=True)
    assert await store.existing_among([ALICE, BOB]) == []
    assert await redis.exists(keys.rebuild_token(ALICE)) == 0


async def test_reading_keeps_list_and_reader_alive(redis: Redis, pipeline: CommandPipeline) -> None:
    store = HomeTimelineStore(redis, pipeline, 5)
    await build(store, ALICE, [FIRST])
    await redis.pexpire(keys.home(ALICE), 60_000)
    assert await store.ids(ALICE) == [FIRST]
    assert await redis.exists(keys.live(keys.home(ALICE))) == 0
    assert await redis.pttl(keys.home(ALICE)) <= 60_000
    await store.range(ALICE, 1)
    assert LIST_TTL_MS - 60_000 < await redis.pttl(keys.home(ALICE)) <= LIST_TTL_MS
    assert LIVE_MS - 60_000 < await redis.pttl(keys.live(keys.home(ALICE))) <= LIVE_MS


async def test_a_read_tells_the_place_in_the_log_up_to_which_it_knows_all(
    redis: Redis, pipeline: CommandPipeline
) -> None:
    store = HomeTimelineStore(redis, pipeline, 5)
    await build(store, ALICE, [])
    before = await store.range(ALICE, 5)
    await store.push([ALICE], FIRST)
    after = await store.range(ALICE, 5)
    assert (before.ids, before.head.offset) == ([], -1)
    assert (after.ids, after.head) == ([FIRST], StreamPosition(before.head.epoch, 0))
    found = await home_log(pipeline).range(ALICE, before.head, 5)
    assert [change.kind for change in found.changes or []] == [ChangeKind.ADDED]


async def test_a_read_tells_whether_the_reader_is_joined(redis: Redis, pipeline: CommandPipeline) -> None:
    store = HomeTimelineStore(redis, pipeline, 5)
    assert not (await store.range(ALICE, 5)).is_joined
    await redis.set(keys.audiences_joined(ALICE), b"1")
    assert (await store.range(ALICE, 5)).is_joined
