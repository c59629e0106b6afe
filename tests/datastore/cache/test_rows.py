"""The read-through cache: it fails open, keeps the order of ids, and never fills with a row read before a change."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from structlog.testing import capture_logs

from core.errors import UnavailableError
from core.ids import UserId
from datastore.cache.rows import RowCache
from datastore.embedded.stores import free_port
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.redis.node.pipeline import CommandPipeline, open_node_pipeline
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

OwnValkey = Callable[[], Awaitable[OwnStore]]
TTL_SECONDS = 100


class Bird(msgspec.Struct, frozen=True, array_like=True):
    id: UserId
    name: str


class Birds:
    """A database behind the cache: a dict that records the loads, and answers once `may_answer` is set."""

    def __init__(self, *names: str) -> None:
        self.rows = {number: Bird(UserId(number), name) for number, name in enumerate(names, 1)}
        self.loads: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def rename(self, number: int, name: str) -> None:
        self.rows[number] = Bird(UserId(number), name)

    async def load(self, ids: Sequence[UserId]) -> Mapping[UserId, Bird]:
        self.loads.append(list(ids))
        found = {id_: self.rows[id_] for id_ in ids if id_ in self.rows}
        await self.may_answer.wait()
        return found


def cache_of(pipeline: CommandPipeline, birds: Birds) -> RowCache[UserId, Bird]:
    return RowCache(pipeline, Bird, key=lambda id_: f"bird:{id_}", load=birds.load, ttl_seconds=TTL_SECONDS)


@pytest.fixture
def birds() -> Birds:
    return Birds("rook", "crow", "raven")


@pytest.fixture
def cache(pipeline: CommandPipeline, birds: Birds) -> RowCache[UserId, Bird]:
    return cache_of(pipeline, birds)


Cache = RowCache[UserId, Bird]


async def names(cache: Cache, *ids: int) -> list[str | None]:
    rows = await cache.get_many([UserId(id_) for id_ in ids])
    return [None if row is None else row.name for row in rows]


async def test_row_is_loaded_once_and_then_read_from_the_cache(cache: Cache, birds: Birds, redis: Redis) -> None:
    assert await names(cache, 1) == ["rook"]
    assert await names(cache, 1) == ["rook"]
    assert birds.loads == [[1]]
    assert await redis.keys() == [b"bird:1"]


async def test_only_rows_that_are_not_cached_are_loaded(cache: Cache, birds: Birds) -> None:
    await names(cache, 2)
    assert await names(cache, 1, 2, 3) == ["rook", "crow", "raven"]
    assert birds.loads == [[2], [1, 3]]


async def test_missing_row_is_none_and_not_cached(cache: Cache, birds: Birds, redis: Redis) -> None:
    assert await names(cache, 9, 1) == [None, "rook"]
    assert await redis.keys() == [b"bird:1"]
    birds.rename(9, "jackdaw")
    assert await names(cache, 9) == ["jackdaw"]


async def test_empty_read_loads_nothing(cache: Cache, birds: Birds) -> None:
    assert await cache.get_many([]) == []
    assert birds.loads == []


async def test_ttl_is_jittered_per_fill_and_equal_within_one(redis: Redis, pipeline: CommandPipeline) -> None:
    birds = Birds(*[f"bird {number}" for number in range(40)])
    cache = cache_of(pipeline, birds)
    pages = [list(birds.rows)[at : at + 2] for at in range(0, 40, 2)]
    for page in pages:
        await names(cache, *page)
    ends = [[await redis.pexpiretime(f"bird:{number}") for number in page] for page in pages]
    assert all(abs(one - other) <= 100 for one, other in ends)
    lifetimes = [await redis.pttl(f"bird:{one}") / 1000 for one, _ in pages]
    assert all(0.75 * TTL_SECONDS < seconds <= 1.2 * TTL_SECONDS for seconds in lifetimes)
    assert max(lifetimes) - min(lifetimes) > 5


@given(st.lists(st.integers(1, 5), max_size=8), st.sets(st.integers(1, 5)))
async def test_order_and_duplicates_are_kept_for_any_cached_rows(
    redis: Redis, pipeline: CommandPipeline, asked: list[int], cached: set[int]
) -> None:
    birds = Birds("rook", "crow", "raven")
    await redis.flushdb()
    await names(cache_of(pipeline, birds), *cached)
    expected = [birds.rows[id_].name if id_ in birds.rows else None for id_ in asked]
    assert await names(cache_of(pipeline, birds), *asked) == expected
    assert birds.loads[1 if cached else 0 :] == ([wanted] if (wanted := to_load(asked, cached)) else [])


def to_load(asked: Sequence[int], cached: set[int]) -> list[int]:
    """Each once, in the order asked. Ids 4 and 5 do not exist and are never cached."""
    return [id_ for id_ in dict.fromkeys(asked) if id_ not in cached or id_ > 3]


async def test_invalidated_row_is_loaded_again_at_once(cache: Cache, birds: Birds) -> None:
    await names(cache, 1, 2)
    birds.rename(1, "old rook")
    await cache.invalidate(UserId(1))
    assert await names(cache, 1, 2) == ["old rook", "crow"]


async def test_row_read_before_a_change_does_not_fill_a_tombstone(cache: Cache, birds: Birds, redis: Redis) -> None:
    birds.may_answer.clear()
    reading = asyncio.create_task(names(cache, 1, 2))
    await eventually(lambda: birds.loads == [[1, 2]])
    birds.rename(1, "old rook")
    await cache.invalidate(UserId(1))
    birds.may_answer.set()

    assert await reading == ["rook", "crow"]
    assert await redis.get("bird:1") == b""
    assert await names(cache, 1, 2) == ["old rook", "crow"]
    assert birds.loads == [[1, 2], [1]]


async def test_tombstone_expires_within_seconds_and_then_the_row_is_cached_again(
    cache: Cache, birds: Birds, redis: Redis
) -> None:
    await cache.invalidate(UserId(1))
    assert 0 < await redis.pttl("bird:1") <= 3_000
    await names(cache, 1)
    assert await redis.get("bird:1") == b""

    await redis.delete("bird:1")
    await names(cache, 1)
    assert await names(cache, 1) == ["rook"]
    assert birds.loads == [[1], [1]]


async def test_reader_that_outlasts_the_tombstone_fills_nothing(
    cache: Cache, birds: Birds, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.cache.rows._TOMBSTONE_MS", 40)
    birds.may_answer.clear()
    reading = asyncio.create_task(names(cache, 1))
    await eventually(lambda: birds.loads == [[1]])
    birds.rename(1, "old rook")
    await cache.invalidate(UserId(1))
    await eventually(lambda: is_gone(redis, "bird:1"))
    birds.may_answer.set()

    assert await reading == ["rook"]
    assert await redis.exists("bird:1") == 0
    assert await names(cache, 1) == ["old rook"]


async def test_bytes_of_another_program_version_are_loaded_again(cache: Cache, birds: Birds, redis: Redis) -> None:
    await redis.set("bird:1", msgspec.msgpack.encode([1]))
    await redis.set("bird:2", b"\xc1")
    assert await names(cache, 1, 2, 3) == ["rook", "crow", "raven"]
    assert birds.loads == [[1, 2, 3]]


async def test_all_rows_are_loaded_without_redis(birds: Birds) -> None:
    async with open_node_pipeline(f"redis://127.0.0.1:{free_port()}") as pipeline:
        cache = cache_of(pipeline, birds)
        assert await names(cache, 3, 9, 3) == ["raven", None, "raven"]
        assert await names(cache, 3) == ["raven"]
    assert birds.loads == [[3, 9], [3]]


async def test_redis_lost_between_read_and_fill_fails_no_reader(birds: Birds, own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_node_pipeline(store.url) as pipeline:
        birds.may_answer.clear()
        reading = asyncio.create_task(names(cache_of(pipeline, birds), 1))
        await eventually(lambda: birds.loads == [[1]])
        await store.kill()
        birds.may_answer.set()
        with capture_logs() as logs:
            assert await reading == ["rook"]
    assert [log["event"] for log in logs] == ["cache away, rows not kept"]


async def test_pending_invalidation_reaches_all_processes_once_redis_is_back(
    birds: Birds, own_valkey: OwnValkey
) -> None:
    store = await own_valkey()
    async with (
        open_redis(store.url) as redis,
        open_node_pipeline(store.url) as pipeline,
        open_node_pipeline(store.url) as elsewhere,
    ):
        cache, other = cache_of(pipeline, birds), cache_of(elsewhere, birds)
        await names(cache, 1, 2)
        await store.kill()
        birds.rename(1, "old rook")
        with capture_logs() as logs:
            await cache.invalidate(UserId(1))
        assert [log["event"] for log in logs] == ["cache away, row not marked"]

        await store.restart()
        assert await redis.get("bird:1") == msgspec.msgpack.encode(Bird(UserId(1), "rook"))
        assert await names(cache, 2) == ["crow"]
        assert await names(other, 1, 2) == ["old rook", "crow"]
        assert await names(cache, 1, 2) == ["old rook", "crow"]


async def test_process_with_a_pending_invalidation_sees_its_own_change(birds: Birds, own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_node_pipeline(store.url) as pipeline:
        cache = cache_of(pipeline, birds)
        await names(cache, 1)
        await store.kill()
        birds.rename(1, "old rook")
        await cache.invalidate(UserId(1))
        assert await names(cache, 1) == ["old rook"]
        await store.restart()
        assert await names(cache, 1) == ["old rook"]


async def is_gone(redis: Redis, key: str) -> bool:
    return not await redis.exists(key)


async def test_stale_copy_serves_without_the_database(pipeline: CommandPipeline, birds: Birds, redis: Redis) -> None:
    is_away = False

    async def load(ids: Sequence[UserId]) -> Mapping[UserId, Bird]:
        if is_away:
            raise UnavailableError("The database")
        return await birds.load(ids)

    def with_copies(seconds: int) -> Cache:
        return RowCache(
            pipeline, Bird, key=lambda id_: f"bird:{id_}", load=load, ttl_seconds=TTL_SECONDS, stale_seconds=seconds
        )

    assert await names(with_copies(TTL_SECONDS), 1, 2) == ["rook", "crow"]
    await redis.delete("bird:1", "bird:2")  # as if they had expired
    is_away = True
    assert await names(with_copies(TTL_SECONDS), 1, 2) == ["rook", "crow"]
    with pytest.raises(UnavailableError):
        await names(with_copies(TTL_SECONDS), 1, 3)
    with pytest.raises(UnavailableError):
        await names(with_copies(0), 1)


async def test_invalidation_removes_the_stale_copy(pipeline: CommandPipeline, birds: Birds, redis: Redis) -> None:
    cache: Cache = RowCache(
        pipeline,
        Bird,
        key=lambda id_: f"bird:{id_}",
        load=birds.load,
        ttl_seconds=TTL_SECONDS,
        stale_seconds=TTL_SECONDS,
    )
    await names(cache, 1)
    assert await redis.exists(keys.stale_copy("bird:1"))
    await cache.invalidate(UserId(1))
    assert not await redis.exists(keys.stale_copy("bird:1"))
    birds.rename(1, "jackdaw")
    assert await names(cache, 1) == ["jackdaw"]  # a tombstone blocks the fill, and so the copy
    assert not await redis.exists(keys.stale_copy("bird:1"))


async def test_concurrent_misses_are_loaded_in_batches(redis_url: str, birds: Birds) -> None:
    birds.may_answer.clear()
    async with open_node_pipeline(redis_url) as pipeline:
        cache = cache_of(pipeline, birds)
        reads = [asyncio.create_task(cache.get_many([UserId(1 + number % 3)])) for number in range(60)]
        await eventually(lambda: bool(birds.loads))
        birds.may_answer.set()
        names = [row.name for (row,) in await asyncio.gather(*reads) if row is not None]
    assert names == ["rook", "crow", "raven"] * 20
    assert len(birds.loads) <= 20
