"""Pushes into home lists by one process, beside LPUSH and LTRIM in a redis-py pipeline.

Both push to the same full lists in alternating rounds of one run, so that ratios are of the same moments.
"""

from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple

from redis.asyncio import Redis

from bench.harness.figures import Figure
from core.ids import SnowflakeMaker, UserId
from core.runtime.tasks import for_each
from datastore.embedded.stores import embedded_stores
from datastore.mongo.bulk import chunked
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.redis.node.pipeline import open_node_pipeline
from datastore.timelines.home import HomeTimelineStore

LENGTH = 800
LISTS = 4_000
ROUNDS = 9
CHUNKS = (100, 200, 500, 1_000)
AT_ONCE = (1, 2, 4, 8)
GOAL = 100_000
_PushChunk = Callable[[Sequence[UserId], int], Awaitable[object]]


class Way(NamedTuple):
    """Lists per call, and concurrent calls."""

    chunk: int
    at_once: int


class Rates(NamedTuple):
    """Pushes per second; each is the median of all rounds."""

    ours: float
    plain: float
    ratio: float


async def run() -> list[Figure]:
    async with (
        embedded_stores(None) as urls,
        open_redis(urls.redis) as redis,
        open_node_pipeline(urls.redis) as pipeline,
    ):
        ids, store = SnowflakeMaker(0), HomeTimelineStore(redis, pipeline, LENGTH)
        readers = [UserId(ids()) for _ in range(LISTS)]
        await _fill(redis, ids, readers)
        found = {}
        for way in [Way(chunk, at_once) for chunk in CHUNKS for at_once in AT_ONCE]:
            found[way] = await _compare(store, redis, readers, way)
            print(f"fanout: {way}: {_per_second(found[way].ours)}, plain {_per_second(found[way].plain)}", flush=True)
        size = await _bytes_of_a_list(redis, readers)
    return _figures(found, size)


async def _fill(redis: Redis, ids: SnowflakeMaker, readers: Sequence[UserId]) -> None:
    full = [str(ids()) for _ in range(LENGTH)]
    for some in chunked(readers, 200):
        async with redis.pipeline(transaction=False) as pipe:
            for reader in some:
                pipe.execute_command("LPUSH", keys.home(reader), *full)
            await pipe.execute()


async def _compare(store: HomeTimelineStore, redis: Redis, readers: Sequence[UserId], way: Way) -> Rates:
    ids = SnowflakeMaker(0)

    async def plain(some: Sequence[UserId], item_id: int) -> None:
        async with redis.pipeline(transaction=False) as pipe:
            for reader in some:
                pipe.execute_command("LPUSH", keys.home(reader), item_id)
                pipe.execute_command("LTRIM", keys.home(reader), 0, LENGTH - 1)
            await pipe.execute()

    rounds = [
        (await _rate(store.push, readers, ids(), way), await _rate(plain, readers, ids(), way)) for _ in range(ROUNDS)
    ]
    ours, other = zip(*rounds, strict=True)
    return Rates(median(ours), median(other), median(one / two for one, two in rounds))


async def _rate(push: _PushChunk, readers: Sequence[UserId], item_id: int, way: Way) -> float:
    began = perf_counter()
    await for_each(chunked(readers, way.chunk), lambda some: push(some, item_id), at_once=way.at_once)
    return len(readers) / (perf_counter() - began)


async def _bytes_of_a_list(redis: Redis, readers: Sequence[UserId]) -> float:
    sizes = [await redis.memory_usage(keys.home(reader), samples=0) for reader in readers[:100]]
    assert await redis.llen(keys.home(readers[0])) == LENGTH
    return sum(filter(None, sizes)) / len(sizes)


def _figures(found: dict[Way, Rates], size: float) -> list[Figure]:
    best = max(found, key=lambda way: found[way].ours)
    others = max(rates.plain for rates in found.values())
    how = f"{best.chunk} lists a call, {best.at_once} calls under way"
    return [
        Figure("fanout", f"pushes into lists of {LENGTH} ids, {how}", _per_second(found[best].ours), f">= {GOAL:,}/s"),
        Figure("fanout", "the same by redis-py: LPUSH and LTRIM in a pipeline", _per_second(found[best].plain)),
        Figure("fanout", "ours against that, turn by turn", "", ">= 3.0", f"{found[best].ratio:.2f}"),
        Figure("fanout", "ours against the best of all its pipelines", "", "", f"{found[best].ours / others:.2f}"),
        Figure("fanout", f"memory of a list of {LENGTH} ids", f"{size:,.0f} bytes", "<= 8,500"),
    ]


def _per_second(rate: float) -> str:
    return f"{rate:,.0f}/s"
