"""Adds likes, retweets, quotes and replies to the counts of tweets: in batches, each tweet once a second at most.

Which tweets are due comes from one queue for each part of them. A queue may be lost with Redis, and an entry come
twice: what is added is what MongoDB says is on its way.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic

import structlog

from core.errors import UnavailableError
from core.ids import TweetId
from datastore.counting import QUEUES, GoneTweetsError
from datastore.queue import Delivery, JobQueue, enqueue
from datastore.stores import Stores

EVERY_MS = 1_000
OVERDUE = timedelta(seconds=5)
_CLAIM_IDLE_MS = 5_000
_CLAIM_SECONDS = 1.0
_TAKEN_AT_ONCE = 2_000
_TWEETS_AT_ONCE = 100
_WAIT_MS = 200
_PAUSE_SECONDS = 0.5
# What comes meanwhile is taken with one command.
_GATHERING_SECONDS = 0.02
_log = structlog.get_logger()


class Counters:
    """Any number may run. `every_ms`: how often one tweet is written to, at most."""

    def __init__(self, stores: Stores, *, every_ms: int = EVERY_MS, overdue: timedelta = OVERDUE) -> None:
        self._stores, self._every_ms, self._overdue = stores, every_ms, overdue
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"

    async def run(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            for name in QUEUES:
                group.create_task(self._consume(JobQueue(self._stores.jobs, name), stop), name=name)
            group.create_task(self._look_for_forgotten(stop), name="counters")

    async def _consume(self, queue: JobQueue, stop: asyncio.Event) -> None:
        waiting, claimed_at = dict[TweetId, set[bytes]](), 0.0
        while not stop.is_set():
            try:
                wait_ms = min(_WAIT_MS, self._every_ms // 4) if waiting else _WAIT_MS
                _sort_in(waiting, await queue.take(self._consumer, _TAKEN_AT_ONCE, wait_ms))
                if monotonic() - claimed_at > _CLAIM_SECONDS:
                    claimed_at = monotonic()
                    _sort_in(waiting, await queue.claim(self._consumer, _CLAIM_IDLE_MS, _TAKEN_AT_ONCE))
                await self._count_due(queue, waiting)
                await asyncio.sleep(_GATHERING_SECONDS)
            except UnavailableError as error:
                await _pause(stop, error)
            except Exception:  # noqa: BLE001 - whatever is wrong with some counts must not end the worker
                _log.exception("counting failed, will be tried again", queue=queue.name)
                await asyncio.sleep(_PAUSE_SECONDS)
        await self._leave(queue)

    async def _count_due(self, queue: JobQueue, waiting: dict[TweetId, set[bytes]]) -> None:
        due = await self._stores.counts.take_turns(list(waiting)[:_TWEETS_AT_ONCE], self._every_ms)
        if not due:
            return
        entries = [entry for tweet_id in due for entry in waiting[tweet_id]]
        await count(self._stores, due)
        await queue.done(*entries)
        for tweet_id in due:
            del waiting[tweet_id]

    async def _leave(self, queue: JobQueue) -> None:
        try:
            await queue.retire(self._consumer)
        except UnavailableError as error:
            _log.warning("consumer not retired", error=repr(error))

    async def _look_for_forgotten(self, stop: asyncio.Event) -> None:
        """What nobody was told of, or was lost with Redis."""
        while not stop.is_set():
            try:
                forgotten = await self._stores.counts.overdue(self._overdue, _TAKEN_AT_ONCE)
                await self._stores.counts.announce(*forgotten)
            except UnavailableError as error:
                _log.warning("forgotten changes not looked for", error=repr(error))
            try:
                await asyncio.wait_for(stop.wait(), self._overdue.total_seconds())
            except TimeoutError:
                continue


async def count(stores: Stores, tweet_ids: Sequence[TweetId]) -> None:
    """Adds what is on its way to these tweets. What came to one as it was deleted goes with it."""
    try:
        await stores.counts.apply(tweet_ids)
    except GoneTweetsError:
        gone = await stores.counts.gone_among(tweet_ids)
        for tweet_id in gone:
            await _clear(stores, tweet_id)
        if standing := [tweet_id for tweet_id in tweet_ids if tweet_id not in gone]:
            await count(stores, standing)


async def _clear(stores: Stores, tweet_id: TweetId) -> None:
    """The changes last, so that whoever dies in between leaves another to do it again."""
    while changes := await stores.counts.waiting_for(tweet_id):
        await stores.likes.delete_to(tweet_id)
        while (act := await stores.retweets.delete_next_of(stores.ids(), tweet_id)) is not None:
            await enqueue(stores.jobs, act)
        await stores.counts.drop(changes)


def _sort_in(waiting: dict[TweetId, set[bytes]], deliveries: Sequence[Delivery]) -> None:
    """By tweet; what names none is sorted in as nobody's, and done with the others."""
    for delivery in deliveries:
        tweet_id = TweetId(int(delivery.raw) if delivery.raw.isdigit() else 0)
        waiting.setdefault(tweet_id, set()).add(delivery.entry_id)


async def _pause(stop: asyncio.Event, error: UnavailableError) -> None:
    _log.warning("a store is away", error=repr(error), pause_seconds=_PAUSE_SECONDS)
    try:
        await asyncio.wait_for(stop.wait(), _PAUSE_SECONDS)
    except TimeoutError:
        return
