"""The in-process cache: never serves a row that another process changed, and stays within its bounds."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from core.ids import UserId
from datastore.cache.local import LocalCache
from datastore.cache.pending_read import resolve_reads
from datastore.cache.rows import RowCache
from datastore.redis.node.pipeline import CommandPipeline, open_node_pipeline
from datastore.redis.node.tracking import KeyTracking


class Bird(msgspec.Struct, frozen=True, array_like=True):
    id: UserId
    name: str


class Aviary:
    """One database, and two processes that read it through caches of their own."""

    def __init__(self, *pipelines: CommandPipeline) -> None:
        self.rows = {UserId(number): "egg" for number in range(4)}
        self.loads = 0
        self.caches = [
            RowCache[UserId, Bird](pipeline, Bird, key=lambda id_: f"bird:{id_}", load=self.load, ttl_seconds=100)
            for pipeline in pipelines
        ]

    async def load(self, ids: Sequence[UserId]) -> Mapping[UserId, Bird]:
        self.loads += 1
        return {id_: Bird(id_, self.rows[id_]) for id_ in ids if id_ in self.rows}

    async def rename(self, by: int, id_: int, name: str) -> None:
        self.rows[UserId(id_)] = name
        await self.caches[by].invalidate(UserId(id_))

    async def delete(self, by: int, id_: int) -> None:
        self.rows.pop(UserId(id_), None)
        await self.caches[by].invalidate(UserId(id_))

    async def seen(self, by: int, *ids: int) -> list[str | None]:
        rows = await self.caches[by].get_many([UserId(id_) for id_ in ids])
        return [None if row is None else row.name for row in rows]


@pytest.fixture
async def aviary(redis: Redis, redis_url: str) -> AsyncIterator[Aviary]:
    async with open_node_pipeline(redis_url) as one, open_node_pipeline(redis_url) as other:
        yield Aviary(one, other)


async def is_served_locally(aviary: Aviary, redis: Redis, by: int, *ids: int) -> bool:
    """Whether no row is fetched from Redis."""
    await redis.config_resetstat()
    await aviary.seen(by, *ids)
    return "cmdstat_mget" not in await redis.info("commandstats")


async def test_row_read_twice_is_served_locally(aviary: Aviary, redis: Redis) -> None:
    assert await aviary.seen(0, 1) == ["egg"]
    assert not await is_served_locally(aviary, redis, 0, 1)
    assert await is_served_locally(aviary, redis, 0, 1)


async def test_row_that_another_process_changed_or_deleted_is_never_served(aviary: Aviary, redis: Redis) -> None:
    for _ in range(2):
        await aviary.seen(0, 1, 2)
    assert await is_served_locally(aviary, redis, 0, 1, 2)
    await aviary.rename(1, 1, "rook")
    assert await aviary.seen(0, 1, 2) == ["rook", "egg"]
    await aviary.delete(1, 2)
    assert await aviary.seen(0, 1, 2) == ["rook", None]


async def test_read_as_of_a_moment_before_the_last_reply_needs_no_barrier(aviary: Aviary, redis: Redis) -> None:
    for _ in range(2):
        await aviary.seen(0, 1)
    cache = aviary.caches[0]
    began = time.monotonic()
    await cache.pipeline.submit([("PING",)])
    await redis.config_resetstat()
    assert [row and row.name for row in await cache.get_many([UserId(1)], began)] == ["egg"]
    assert "cmdstat_ping" not in await redis.info("commandstats")


async def test_reads_of_several_caches_are_resolved_together(aviary: Aviary, redis: Redis) -> None:
    one, other = (
        aviary.caches[0],
        RowCache[UserId, Bird](
            aviary.caches[0].pipeline, Bird, key=lambda id_: f"other:{id_}", load=aviary.load, ttl_seconds=100
        ),
    )
    reads = [one.begin_read([UserId(1), UserId(2)]), other.begin_read([UserId(3)])]
    await resolve_reads(*reads)
    assert [[row and row.id for row in read.rows()] for read in reads] == [[1, 2], [3]]
    assert aviary.loads == 2


acts = st.lists(
    st.tuples(st.sampled_from(["rename", "delete", "read", "lose"]), st.integers(0, 1), st.integers(0, 3)), max_size=25
)


@given(acts)
async def test_each_read_sees_every_change_made_before_it(redis: Redis, redis_url: str, played: list[tuple]) -> None:  # type: ignore[type-arg]
    await redis.flushdb()
    async with open_node_pipeline(redis_url) as one, open_node_pipeline(redis_url) as other:
        aviary = Aviary(one, other)
        for step, (act, by, id_) in enumerate(played):
            match act:
                case "rename":
                    await aviary.rename(by, id_, f"bird {step}")
                case "delete":
                    await aviary.delete(by, id_)
                case "lose":
                    await redis.client_kill_filter(skipme=True)
            expected = [aviary.rows.get(UserId(number)) for number in range(4)]
            assert await aviary.seen(by, 0, 1, 2, 3) == expected
            for number in range(4):  # expires the tombstones, so that rows are cached again
                if await redis.get(f"bird:{number}") == b"":
                    await redis.delete(f"bird:{number}")


async def test_read_concurrent_with_a_change_sees_either_row_and_the_next_read_the_new_one(aviary: Aviary) -> None:
    for turn in range(200):
        seen, _ = await asyncio.gather(aviary.seen(0, 1), aviary.rename(1, 1, f"bird {turn}"))
        assert seen[0] in (f"bird {turn - 1}", f"bird {turn}", "egg")
        assert await aviary.seen(0, 1) == [f"bird {turn}"]


class _Connection:
    is_tracking, last_answered_sent_at = True, 0.0


def test_size_is_bounded_and_the_oldest_entries_are_evicted() -> None:
    cache = LocalCache[UserId, str](limit_bytes=4 * 1024)
    for number in range(100):
        cache.put(UserId(number), "row", KeyTracking(_Connection()), 100)  # type: ignore[arg-type]
    entries = cache.get([UserId(number) for number in range(100)])
    assert list(entries) == [UserId(number) for number in range(89, 100)]


def test_large_rows_and_changed_rows_are_not_put() -> None:
    cache, changed = LocalCache[UserId, str](), KeyTracking(_Connection())  # type: ignore[arg-type]
    changed.is_current = False
    cache.put(UserId(1), "row", changed, 100)
    cache.put(UserId(2), "row", KeyTracking(_Connection()), 1 << 18)  # type: ignore[arg-type]
    assert cache.get([UserId(1), UserId(2)]) == {}


def test_rows_expire() -> None:
    cache = LocalCache[UserId, str](seconds=0.0)
    cache.put(UserId(1), "row", KeyTracking(_Connection()), 100)  # type: ignore[arg-type]
    assert cache.get([UserId(1)]) == {}
