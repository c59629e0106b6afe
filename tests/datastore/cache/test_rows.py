"""The read-through cache: it fails open, keeps the order of ids, and never fills with a row read before a change."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from core.ids import UserId
from datastore.redis.node.pipeline import CommandPipeline, open_node_pipeline
from tests.datastore.cache.birds import TTL_SECONDS, Birds, Cache, cache_of, names
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

OwnValkey = Callable[[], Awaitable[OwnStore]]


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
    redis: Redis, pipeline: CommandPipeline, ids: list[int], cached: set[int]
) -> None:
    birds = Birds("rook", "crow", "raven")
    await redis.flushdb()
    await names(cache_of(pipeline, birds), *cached)
    expected = [birds.rows[id_].name if id_ in birds.rows else None for id_ in ids]
    assert await names(cache_of(pipeline, birds), *ids) == expected
    assert birds.loads[1 if cached else 0 :] == ([wanted] if (wanted := to_load(ids, cached)) else [])


def to_load(ids: Sequence[int], cached: set[int]) -> list[int]:
    """Each once, in the order of the ids. Ids 4 and 5 do not exist and are never cached."""
    return [id_ for id_ in dict.fromkeys(ids) if id_ not in cached or id_ > 3]


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


async def is_gone(redis: Redis, key: str) -> bool:
    return not await redis.exists(key)


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
