"""Jobs that can't be done, one among a thousand that can."""

import asyncio
import time
from contextlib import suppress
from itertools import cycle, islice

from bench.chaos.arena import Arena
from bench.harness.waiting import until
from core.ids import TweetId, UserId
from datastore.jobs.jobs import FANOUT, FanOut
from datastore.jobs.queue import JobQueue, enqueue

ORDINARY = 999
A_SECOND = 25
_NOBODY = UserId(1)
_LAID_ASIDE_SECONDS = 90.0


async def feed(arena: Arena, poisons: int) -> int:
    """Hands over so many, each among ordinary ones, at an even pace; how many were laid aside in the end."""
    queue = JobQueue(arena.stores.jobs.redis, FANOUT)
    before = await queue.dead_count()
    for _ in range(poisons):
        await _feed_ordinary(arena, ORDINARY // 2)
        await enqueue(arena.stores.jobs.redis, FanOut(await _broken_tweet(arena), _NOBODY))
        await _feed_ordinary(arena, ORDINARY - ORDINARY // 2)

    async def are_laid_aside() -> bool:
        return await queue.dead_count() - before >= poisons

    with suppress(TimeoutError):
        await until(are_laid_aside, within=_LAID_ASIDE_SECONDS)
    await arena.stores.mongo.collection("tweets").delete_many({"author": _NOBODY})
    return await queue.dead_count() - before


async def _feed_ordinary(arena: Arena, count: int) -> None:
    """Fan-outs of what stands in the lists already: the same work, and nothing changes."""
    population = arena.load.crowd.population
    known = cycle([(tweets[-1], population.ids[author]) for author, tweets in enumerate(population.tweets) if tweets])
    begin = time.monotonic()
    for number, (tweet_id, author) in enumerate(islice(known, count)):
        await enqueue(arena.stores.jobs.redis, FanOut(tweet_id, author))
        await asyncio.sleep(max(begin + number / A_SECOND - time.monotonic(), 0))


async def _broken_tweet(arena: Arena) -> TweetId:
    """A document that is none: whoever reads it fails, each time."""
    tweet_id = TweetId(arena.stores.ids())
    row = {"_id": tweet_id, "author": _NOBODY, "text": 7}
    await arena.stores.mongo.collection("tweets").insert_one(row)
    return tweet_id
