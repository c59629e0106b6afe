"""Cost of trends: a post with hashtags, with and without trends in turn, and a snapshot of busy hashtags."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from time import perf_counter

import pymongo
import structlog

from bench.data.population import PASSWORD, Plan, Population, store_population
from bench.deployment.stack import running_stack
from bench.harness.client import Client, connected, sign_in
from bench.harness.figures import Figure, percentile
from core.ids import TweetId, first_id_of, wall_ms
from core.text.entities import extract_entities
from core.trends.scoring import HOUR_MS
from datastore.admin.indexes import INDEXES
from datastore.jobs.routing import FANOUT
from datastore.mongo.bulk import chunked
from datastore.mongo.client import Document
from datastore.records.items import COLLECTION
from datastore.redis import trend_keys
from datastore.stores import Stores, open_stores
from datastore.trends.tag_uses import NEWEST_TAGGED
from datastore.tweets.factory import build_tweet, to_document
from workers.trends.trends import TrendsWorker

PEOPLE, HASHTAGS, USES = 2_000, 100, 1_000
ROUNDS, POSTS = 12, 40
SNAPSHOTS = 7
_STORE_SECONDS = 120.0


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    async with running_stack(FANOUT) as stack, open_stores(stack.settings) as stores, connected(stack.url) as http:
        people = await store_population(stores, Plan([[] for _ in range(PEOPLE)], [0]), lists_of=())
        author = await sign_in(http, people.handle(0), PASSWORD)
        posting = await _posting(stores, author)
        await _use_hashtags(stores, people)
        trends = TrendsWorker(stores.trends, stores.users.accounts)
        times = [await _time_to_compute(trends) for _ in range(SNAPSHOTS)]
        shown = len((await stores.trends.snapshots.latest()).trends)
        memory = await _memory(stores)
    return _figures(posting, times, shown, memory)


async def _posting(stores: Stores, author: Client) -> dict[bool, list[float]]:
    """Milliseconds of each post, with trends and without."""
    posting: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * ROUNDS):
        is_on = bool(number % 2)
        async with _trending(stores) if is_on else _without_index(stores):
            for post in range(POSTS):
                began = perf_counter()
                await author.post(f"caw {number} {post} #rooks #tag{post} #round{number}")
                posting[is_on].append((perf_counter() - began) * 1_000)
    return posting


@asynccontextmanager
async def _trending(stores: Stores) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(TrendsWorker(stores.trends, stores.users.accounts).run(stop))
    yield
    stop.set()
    await running
    await stores.redis.delete(trend_keys.trends_lease())


@asynccontextmanager
async def _without_index(stores: Stores) -> AsyncIterator[None]:
    """Drops the index that only trends use; the other one also serves hashtag pages."""
    tweets = stores.mongo.collection(COLLECTION)
    await tweets.drop_index(NEWEST_TAGGED)
    yield
    await tweets.create_indexes([index for index in INDEXES[COLLECTION] if index.document["name"] == NEWEST_TAGGED])


async def _use_hashtags(stores: Stores, people: Population) -> None:
    """Stores the uses of all hashtags, spread over the last two hours."""
    with pymongo.timeout(_STORE_SECONDS):
        for some in chunked(_uses(people)):
            await stores.mongo.collection(COLLECTION).insert_many(some, ordered=False)


def _uses(people: Population) -> Iterable[Document]:
    dice, now_ms = random.Random(3), wall_ms()
    for number in range(HASHTAGS * USES):
        text = f"caw #busy{number % HASHTAGS}"
        tweet_id = TweetId(first_id_of(now_ms - dice.randrange(2 * HOUR_MS)) + number)
        author = people.ids[dice.randrange(PEOPLE)]
        yield to_document(build_tweet(tweet_id, author, text, entities=extract_entities(text), mentioned_ids={}))


async def _time_to_compute(trends: TrendsWorker) -> float:
    began = perf_counter()
    assert await trends.publish_snapshot()
    return (perf_counter() - began) * 1_000


async def _memory(stores: Stores) -> tuple[float, float]:
    """Kilobytes that trends use in Redis, and megabytes for 25 hours with the maximum number of hashtags."""
    used = 0
    for key in await stores.redis.keys("trends:*"):
        used += await stores.redis.memory_usage(key, samples=0) or 0
    await stores.trends.hourly_usage.record_hour(1, {f"hashtag_{number}_of_the_hour": 1.0 for number in range(5_000)})
    full = await stores.redis.memory_usage(trend_keys.trends_hour(1), samples=0) or 0
    return used / 2**10, 25 * full / 2**20


def _figures(
    posting: dict[bool, list[float]], times: list[float], shown: int, memory: tuple[float, float]
) -> list[Figure]:
    on, off = percentile(posting[True], 50), percentile(posting[False], 50)
    now, full = memory
    return [
        Figure("trends", f"a post with three hashtags, p50 of {len(posting[True])}, trends on", f"{on:.2f} ms"),
        Figure("trends", "  trends off, without their index", f"{off:.2f} ms", "", f"{on / off:.2f}"),
        Figure(
            "trends",
            f"a snapshot, {HASHTAGS} hashtags of {USES:,} uses among others, p50 of {SNAPSHOTS}",
            f"{percentile(times, 50):.0f} ms, {shown} trends",
            "every 10 s",
        ),
        Figure("trends", "memory in Redis then, and with 25 full hours", f"{now:.0f} kB and {full:.1f} MB"),
    ]
