"""How pushes and reads of lists go with more shards of Redis, and whether a celebrity delays the others.

All on one machine: what more servers bring is bounded by its cores; what a cluster costs shows.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from bench.figures import Figure, percentile
from bench.publishing import program, publish
from bench.waiting import until
from core.clusters import Address
from core.ids import UserId
from core.settings import Settings
from datastore import keys
from datastore.accounts import AccountRecord, UserRecord
from datastore.bulk import chunked, for_each, ids_at, insert_new
from datastore.clustering import form_cluster
from datastore.curves import Axes, curves
from datastore.embedded import embedded_stores, free_port
from datastore.indexes import make_indexes
from datastore.items import TweetRecord
from datastore.jobs import FanOut
from datastore.processes import StoreProcess
from datastore.programs import find_valkey
from datastore.queue import enqueue
from datastore.redis import send_all
from datastore.servers import ClusterNodeServer
from datastore.stores import Stores, open_stores
from workers import fanout
from workers.readers import people_at_once

SHARDS = (1, 2, 3)
LISTS, LENGTH, ROUNDS, FOLLOWERS = 16_000, 200, 3, 75
FANS, OTHERS, OTHER_FANS, OTHER_POSTS = 100_000, 20, 10, 200
_HIGHEST_PORT = 55_535


class Rates(NamedTuple):
    """A second: pushes to all lists as workers push to very many, pushes to 75 at a time, and windows of 20 read."""

    wide: float
    pushes: float
    reads: float


async def run() -> list[Figure]:
    return figures(await measure())


async def measure() -> tuple[dict[int, Rates], list[Figure]]:
    """By number of shards, 0: one server, no cluster; and what was found of the celebrity."""
    rates: dict[int, Rates] = {}
    async with embedded_stores(None) as urls:
        rates[0] = await _rates(urls.mongo, urls.redis)
        for shards in SHARDS:
            async with running_cluster(shards) as url:
                rates[shards] = await _rates(urls.mongo, url)
    async with embedded_stores(None) as urls:
        celebrity = await _celebrity("one server", urls.mongo, urls.redis)
    async with embedded_stores(None) as urls, running_cluster(SHARDS[-1]) as url:
        celebrity += await _celebrity(f"cluster of {SHARDS[-1]}", urls.mongo, url)
    return rates, celebrity


def figures(found: tuple[dict[int, Rates], list[Figure]]) -> list[Figure]:
    rates, celebrity = found
    shown = []
    for shards, one in rates.items():
        where = f"cluster of {shards}" if shards else "one server, no cluster"
        shown += [
            Figure("scale", f"pushes to {LISTS:,} lists, {where}", f"{one.wide:,.0f}/s"),
            Figure("scale", f"pushes to {FOLLOWERS} at a time, {where}", f"{one.pushes:,.0f}/s"),
            Figure("scale", f"windows of 20 read, {where}", f"{one.reads:,.0f}/s"),
        ]
    return [*shown, *celebrity]


def picture(found: tuple[dict[int, Rates], list[Figure]]) -> str:
    lines = {
        name: [(float(shards), getattr(rates, field)) for shards, rates in found[0].items() if shards]
        for name, field in (("pushes, wide", "wide"), ("pushes to 75", "pushes"), ("windows read", "reads"))
    }
    return curves(Axes("Lists by shards, all on two cores", "shards of Redis", "a second", by_steps=True), lines)


@asynccontextmanager
async def running_cluster(masters: int) -> AsyncIterator[str]:
    with TemporaryDirectory(prefix="rookery-bench-") as folder:
        ports = [next(port for port in iter(free_port, 0) if port <= _HIGHEST_PORT) for _ in range(masters)]
        servers = [ClusterNodeServer(find_valkey(), Path(folder) / str(port), port) for port in ports]
        processes = [StoreProcess(server, is_ephemeral=True) for server in servers]
        try:
            await asyncio.gather(*[process.start() for process in processes])
            await form_cluster([Address("127.0.0.1", port) for port in ports], masters)
            yield "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in ports)
        finally:
            await asyncio.gather(*[process.stop() for process in processes])


async def _rates(mongo_url: str, redis_url: str) -> Rates:
    async with open_stores(Settings(mongo_url=mongo_url, redis_url=redis_url)) as stores:
        readers = [UserId(stores.ids()) for _ in range(LISTS)]
        full = [str(stores.ids()) for _ in range(LENGTH)]
        for some in chunked(readers, 200):
            await send_all(stores.redis, [("RPUSH", keys.home(reader), *reversed(full)) for reader in some])

        async def push(size: int, at_once: int) -> None:
            item = stores.ids()
            await for_each(chunked(readers, size), lambda some: stores.timelines.push(some, item), at_once=at_once)

        async def read(reader: UserId) -> None:
            await stores.timelines.range(reader, 20)

        await push(people_at_once(stores), 2)  # by which all servers know the script
        return Rates(
            await _rate(LISTS * ROUNDS, lambda: _repeat(ROUNDS, lambda: push(people_at_once(stores), 2))),
            await _rate(LISTS * ROUNDS, lambda: _repeat(ROUNDS, lambda: push(FOLLOWERS, 16))),
            await _rate(LISTS, lambda: for_each(readers, read, at_once=32)),
        )


async def _repeat(times: int, act: Callable[[], Awaitable[None]]) -> None:
    for _ in range(times):
        await act()


async def _rate(things: int, act: Callable[[], Awaitable[None]]) -> float:
    began = perf_counter()
    await act()
    return things / (perf_counter() - began)


async def _celebrity(where: str, mongo_url: str, redis_url: str) -> list[Figure]:
    """A star with 100,000 followers posts again and again; others post meanwhile, each to ten."""
    settings = Settings(mongo_url=mongo_url, redis_url=redis_url, fanout_limit=10 * FANS)
    async with open_stores(settings) as stores:
        await make_indexes(stores.mongo)
        star, fans = await author_with_fans(stores, "star", FANS)
        others: list[tuple[UserId, list[UserId]]] = [
            await author_with_fans(stores, f"other{number}", OTHER_FANS) for number in range(OTHERS)
        ]
        stop = asyncio.Event()
        working = asyncio.create_task(fanout.run(stores, stop))
        began = perf_counter()
        await post(stores, star)
        delays = await _posts_of_others(stores, others)
        last = await post(stores, star)
        await until(lambda: _holds(stores, fans[-1], last))
        seconds = perf_counter() - began
        stop.set()
        await working
    what = f"{where}: others' fan-out while {FANS:,} of a star are pushed to"
    return [
        Figure("scale", f"{what}, p50", f"{percentile(delays, 50):.0f} ms"),
        Figure("scale", "  p99", f"{percentile(delays, 99):.0f} ms", "< 1000 ms"),
        Figure("scale", "  two posts of the star in all their lists", f"{seconds:.1f} s, {2 * FANS / seconds:,.0f}/s"),
    ]


async def author_with_fans(stores: Stores, name: str, fans: int) -> tuple[UserId, list[UserId]]:
    author = UserId(stores.ids())
    await stores.users.insert(AccountRecord(UserRecord(author, name, name), f"{name}@made-up.invalid", "none"))
    await stores.mongo.collection("users").update_one({"_id": author}, {"$set": {"counts.followers": fans}})
    followers = [UserId(id_) for id_ in ids_at([1_700_000_000_000 + author % 1_000_000] * fans)]
    rows = [{"_id": stores.ids(), "follower": follower, "followee": author} for follower in followers]
    for some in chunked(rows, 5_000):
        await insert_new(stores.mongo.collection("follows"), some)
    for readers in chunked(followers, 2_000):
        await send_all(stores.redis, [("RPUSH", keys.home(reader), 1, 0) for reader in readers])
    return author, followers


async def post(stores: Stores, author: UserId) -> int:
    tweet_id = stores.ids()
    await stores.tweets.insert(TweetRecord(tweet_id, author, "A rook has landed", tweet_id))  # type: ignore[arg-type]
    await enqueue(stores.jobs, FanOut(tweet_id, author))  # type: ignore[arg-type]
    return tweet_id


async def _posts_of_others(stores: Stores, others: Sequence[tuple[UserId, list[UserId]]]) -> list[float]:
    """Milliseconds until the last of their followers has it."""
    delays = []
    for number in range(OTHER_POSTS):
        author, fans = others[number % len(others)]
        began = perf_counter()
        tweet_id = await post(stores, author)
        await until(lambda fan=fans[-1], item=tweet_id: _holds(stores, fan, item))  # type: ignore[misc]
        delays.append((perf_counter() - began) * 1000)
    return delays


async def _holds(stores: Stores, reader: UserId, item_id: int) -> bool:
    return bool(await stores.redis.lindex(keys.home(reader), 0) == str(item_id).encode())


if __name__ == "__main__":
    publish(measure(), figures, picture, program("scale", "Shards, and a celebrity.").parse_args().picture)
