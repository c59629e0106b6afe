"""How pushes and reads of lists go with more shards of Redis, and whether a celebrity delays the others.

All on one machine: what more servers bring is bounded by its cores; what a cluster costs shows.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.figures import Figure, percentile
from bench.waiting import until
from core.clusters import Address
from core.ids import UserId
from core.settings import Settings
from datastore import keys
from datastore.accounts import AccountRecord, UserRecord
from datastore.bulk import chunked, for_each, ids_at, insert_new
from datastore.clustering import form_cluster
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

SHARDS = (1, 2, 3)
LISTS, LENGTH, ROUNDS, CHUNK = 3_000, 200, 5, 500
FANS, OTHERS, OTHER_FANS, OTHER_POSTS = 100_000, 20, 10, 200
_HIGHEST_PORT = 55_535


async def run() -> list[Figure]:
    return [*await _shards(), *await _celebrity()]


async def _shards() -> list[Figure]:
    figures = []
    async with embedded_stores(None) as urls:
        figures += await _figures_of_lists("one server, no cluster", urls.mongo, urls.redis)
        for shards in SHARDS:
            async with running_cluster(shards) as url:
                figures += await _figures_of_lists(f"cluster of {shards}", urls.mongo, url)
    return figures


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


async def _figures_of_lists(where: str, mongo_url: str, redis_url: str) -> list[Figure]:
    async with open_stores(Settings(mongo_url=mongo_url, redis_url=redis_url)) as stores:
        readers = [UserId(stores.ids()) for _ in range(LISTS)]
        full = [str(stores.ids()) for _ in range(LENGTH)]
        for some in chunked(readers, 200):
            await send_all(stores.redis, [("RPUSH", keys.home(reader), *reversed(full)) for reader in some])

        async def push(item_id: int) -> None:
            await for_each(chunked(readers, CHUNK), lambda some: stores.timelines.push(some, item_id), at_once=2)

        async def read(reader: UserId) -> None:
            await stores.timelines.range(reader, 20)

        pushed = await _rate(LISTS * ROUNDS, lambda: _repeat(ROUNDS, lambda: push(stores.ids())))
        read_rate = await _rate(LISTS, lambda: for_each(readers, read, at_once=32))
    return [
        Figure("scale", f"pushes, {where}", f"{pushed:,.0f}/s"),
        Figure("scale", f"windows of 20 read, {where}", f"{read_rate:,.0f}/s"),
    ]


async def _repeat(times: int, act: Callable[[], Awaitable[None]]) -> None:
    for _ in range(times):
        await act()


async def _rate(things: int, act: Callable[[], Awaitable[None]]) -> float:
    began = perf_counter()
    await act()
    return things / (perf_counter() - began)


async def _celebrity() -> list[Figure]:
    """A star with 100,000 followers posts again and again; others post meanwhile, each to ten."""
    async with embedded_stores(None) as urls:
        settings = Settings(mongo_url=urls.mongo, redis_url=urls.redis, fanout_limit=10 * FANS)
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
    return [
        Figure(
            "scale", f"others' fan-out while {FANS:,} of a star are pushed to, p50", f"{percentile(delays, 50):.0f} ms"
        ),
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
