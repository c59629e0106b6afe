"""Delay of other authors' fan-out while one worker also pushes to a celebrity's followers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.deployment.redis_cluster import running_shards
from bench.harness.figures import Figure, percentile
from bench.harness.waiting import until
from core.ids import UserId
from core.settings import Settings
from datastore.admin.indexes import make_indexes
from datastore.embedded.stores import embedded_stores
from datastore.jobs.jobs import FanOut
from datastore.jobs.queue import enqueue
from datastore.mongo.bulk import chunked, ids_at, insert_new
from datastore.records.items import TweetRecord
from datastore.records.users import AccountRecord, UserRecord
from datastore.redis import keys
from datastore.redis.client import send_all
from datastore.stores import Stores, open_stores
from workers.timelines import fanout

SHARDS = 3
FANS, OTHERS, OTHER_FANS, OTHER_POSTS = 100_000, 20, 10, 200


async def run() -> list[Figure]:
    async with embedded_stores(None) as urls:
        figures = await _celebrity("one server", urls.mongo, urls.redis)
    async with embedded_stores(None) as urls, running_cluster(SHARDS) as url:
        figures += await _celebrity(f"cluster of {SHARDS}", urls.mongo, url)
    return figures


@asynccontextmanager
async def running_cluster(masters: int) -> AsyncIterator[str]:
    with TemporaryDirectory(prefix="rookery-bench-") as folder:
        async with running_shards(Path(folder), masters=masters) as shards:
            yield "redis+cluster://" + ",".join(shard[0].server.address for shard in shards)


async def _celebrity(where: str, mongo_url: str, redis_url: str) -> list[Figure]:
    """A celebrity with 100,000 followers posts repeatedly; other authors with ten followers post meanwhile."""
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
        Figure("celebrity_fanout", f"{what}, p50", f"{percentile(delays, 50):.0f} ms"),
        Figure("celebrity_fanout", "  p99", f"{percentile(delays, 99):.0f} ms", "< 1000 ms"),
        Figure(
            "celebrity_fanout",
            "  two posts of the star in all their lists",
            f"{seconds:.1f} s, {2 * FANS / seconds:,.0f}/s",
        ),
    ]


async def author_with_fans(stores: Stores, name: str, fans: int) -> tuple[UserId, list[UserId]]:
    author = UserId(stores.ids())
    await stores.users.accounts.insert(AccountRecord(UserRecord(author, name, name), f"{name}@made-up.invalid", "none"))
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
    await stores.tweets.items.insert(TweetRecord(tweet_id, author, "A rook has landed", tweet_id))  # type: ignore[arg-type]
    await enqueue(stores.jobs.redis, FanOut(tweet_id, author))  # type: ignore[arg-type]
    return tweet_id


async def _posts_of_others(stores: Stores, others: Sequence[tuple[UserId, list[UserId]]]) -> list[float]:
    """Milliseconds until the last follower's list has the tweet."""
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
