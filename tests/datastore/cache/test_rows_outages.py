"""The read-through cache while Redis or MongoDB is away."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError
from structlog.testing import capture_logs

from core.errors import UnavailableError
from core.ids import UserId
from datastore.cache.row_codec import RowChange
from datastore.cache.rows import RowCache
from datastore.embedded.stores import free_port
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.redis.node.pipeline import CommandPipeline, open_node_pipeline
from tests.datastore.cache.birds import TTL_SECONDS, Bird, Birds, Cache, cache_of, names
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

OwnValkey = Callable[[], Awaitable[OwnStore]]


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


async def test_server_without_memory_for_a_tombstone_deletes_the_row(birds: Birds, own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with (
        open_redis(store.url) as redis,
        open_node_pipeline(store.url) as pipeline,
        open_node_pipeline(store.url) as elsewhere,
    ):
        cache, other = cache_of(pipeline, birds), cache_of(elsewhere, birds)
        for act in (cache.invalidate, cache.forget):
            assert await names(other, 1) == [birds.rows[1].name]
            await redis.config_set("maxmemory-policy", "noeviction")
            await redis.config_set("maxmemory", 1)
            birds.rename(1, f"{birds.rows[1].name}s")
            await act(UserId(1))
            assert await names(other, 1) == [birds.rows[1].name]
            await redis.config_set("maxmemory", 0)
            await names(cache, 2)  # sends the tombstone that Redis did not take
            await redis.delete("bird:1")
        assert birds.rows[1].name == "rookss"


async def test_server_that_takes_no_write_at_all_is_told_when_it_does(birds: Birds, own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with (
        open_redis(store.url) as redis,
        open_node_pipeline(store.url) as pipeline,
        open_node_pipeline(store.url) as elsewhere,
    ):
        cache, other = cache_of(pipeline, birds), cache_of(elsewhere, birds)
        await names(cache, 1)
        await names(other, 1)
        await redis.config_set("min-replicas-to-write", 9)
        birds.rename(1, "old rook")
        with pytest.raises(ResponseError, match="NOREPLICAS"):
            await cache.forget(UserId(1))
        await cache.invalidate(UserId(1))
        assert await names(cache, 1) == ["old rook"]
        assert await names(other, 1) == ["rook"]
        other.distrust([1])
        assert await names(other, 1, 2) == ["old rook", "crow"]

        await redis.config_set("min-replicas-to-write", 0)
        await cache.forget(UserId(1))
        other.distrust([])
        assert await names(other, 1) == ["old rook"]


async def test_row_that_has_taken_a_change_in_is_not_forgotten_again(
    pipeline: CommandPipeline, birds: Birds, redis: Redis
) -> None:
    cache, change = cache_of(pipeline, birds), RowChange(1, 2, 3)
    await redis.set("bird:1", b"a row " + change.encode())
    await cache.forget_unless_changed(UserId(1), change)
    assert await redis.get("bird:1") == b"a row " + change.encode()
    await cache.forget_unless_changed(UserId(1), RowChange(1, 2, 4))
    assert await redis.get("bird:1") == b""
    await cache.forget_unless_changed(UserId(2), change)
    assert await redis.get("bird:2") == b""


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
