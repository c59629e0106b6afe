"""Poison jobs: each fails forever, one among a thousand ordinary jobs."""

import asyncio
import time
from contextlib import suppress
from itertools import cycle, islice

from bench.chaos.experiment import Experiment
from bench.harness.waiting import until
from core.ids import TweetId, UserId
from datastore.jobs.jobs import FanOut
from datastore.jobs.queue import JobQueue, enqueue
from datastore.jobs.routing import FANOUT

ORDINARY = 999
A_SECOND = 25
_NOBODY = UserId(1)
_DEAD_SECONDS = 90.0


async def enqueue_poison_jobs(experiment: Experiment, poisons: int) -> int:
    """Enqueues so many poison jobs, each amid ordinary ones, at an even pace. Returns how many became dead letters."""
    queue = JobQueue(experiment.stores.jobs.redis, FANOUT)
    before = await queue.dead_count()
    for _ in range(poisons):
        await _enqueue_ordinary(experiment, ORDINARY // 2)
        await enqueue(experiment.stores.jobs.redis, FanOut(await _broken_tweet(experiment), _NOBODY))
        await _enqueue_ordinary(experiment, ORDINARY - ORDINARY // 2)

    async def are_dead() -> bool:
        return await queue.dead_count() - before >= poisons

    with suppress(TimeoutError):
        await until(are_dead, within=_DEAD_SECONDS)
    await experiment.stores.mongo.collection("tweets").delete_many({"author": _NOBODY})
    return await queue.dead_count() - before


async def _enqueue_ordinary(experiment: Experiment, count: int) -> None:
    """Fan-outs of tweets that the lists already have: the same work without an effect."""
    population = experiment.workload.users.population
    known = cycle([(tweets[-1], population.ids[author]) for author, tweets in enumerate(population.tweets) if tweets])
    begin = time.monotonic()
    for number, (tweet_id, author) in enumerate(islice(known, count)):
        await enqueue(experiment.stores.jobs.redis, FanOut(tweet_id, author))
        await asyncio.sleep(max(begin + number / A_SECOND - time.monotonic(), 0))


async def _broken_tweet(experiment: Experiment) -> TweetId:
    """Inserts a malformed tweet, which fails every reader."""
    tweet_id = TweetId(experiment.stores.ids())
    row = {"_id": tweet_id, "author": _NOBODY, "text": 7}
    await experiment.stores.mongo.collection("tweets").insert_one(row)
    return tweet_id
