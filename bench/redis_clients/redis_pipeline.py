"""The three Redis reads of a page (ids, tweets, people) through our pipeline and through redis-py, in turn."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median

from redis.asyncio import Redis

from bench.harness.figures import Figure
from datastore.embedded.stores import embedded_stores
from datastore.redis.client import open_redis, send_all
from datastore.redis.node.pipeline import CommandPipeline, open_node_pipeline

ROUNDS, PAGES, AT_ONCE = 15, 100, 32
IDS, ROW_BYTES = 31, 300
GOAL = 5
_LIST = "bench:list"
_TWEETS = [f"bench:tweet:{number}" for number in range(IDS)]
_PEOPLE = [f"bench:user:{number}" for number in range(20)]

Page = Callable[[], Awaitable[None]]


async def run() -> list[Figure]:
    async with (
        embedded_stores(None) as urls,
        open_redis(urls.redis) as redis,
        open_node_pipeline(urls.redis) as pipeline,
    ):
        rows = [("SET", key, "x" * ROW_BYTES) for key in (*_TWEETS, *_PEOPLE)]
        await send_all(redis, [("RPUSH", _LIST, *range(800)), *rows])
        ways = (_pipelined(pipeline), _by_redis_py(redis))
        alone = [[await _cpu_us(way, 1) for way in ways] for _ in range(ROUNDS)]
        crowded = [[await _cpu_us(way, AT_ONCE) for way in ways] for _ in range(ROUNDS)]
    return [*_figures("one page after the other", alone), *_figures(f"{AT_ONCE} pages at once", crowded)]


def _pipelined(pipeline: CommandPipeline) -> Page:
    async def page() -> None:
        (ids,) = await pipeline.submit([("LRANGE", _LIST, 0, IDS - 1)])
        tweets, people = await pipeline.fetch(_TWEETS), await pipeline.fetch(_PEOPLE)
        assert (len(ids), len(tweets), len(people)) == (IDS, IDS, 20)

    return page


def _by_redis_py(redis: Redis) -> Page:
    async def page() -> None:
        (ids,) = await send_all(redis, [("LRANGE", _LIST, 0, IDS - 1)])
        (tweets,), (people,) = await send_all(redis, [("MGET", *_TWEETS)]), await send_all(redis, [("MGET", *_PEOPLE)])
        assert (len(ids), len(tweets), len(people)) == (IDS, IDS, 20)

    return page


async def _cpu_us(page: Page, at_once: int) -> float:
    """Processor time of this process per page."""

    async def reader() -> None:
        for _ in range(PAGES // at_once + 1):
            await page()

    began = time.process_time()
    await asyncio.gather(*[reader() for _ in range(at_once)])
    return (time.process_time() - began) / ((PAGES // at_once + 1) * at_once) * 1e6


def _figures(what: str, rounds: Sequence[Sequence[float]]) -> list[Figure]:
    ours, other = zip(*rounds, strict=True)
    ratio = median(theirs / mine for mine, theirs in rounds)
    return [
        Figure(
            "redis_pipeline", f"three reads, {what}: pipelined", f"{median(ours):.0f} us", f">= {GOAL}", f"{ratio:.2f}"
        ),
        Figure("redis_pipeline", "  by redis-py", f"{median(other):.0f} us"),
    ]
