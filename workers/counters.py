"""Adds likes, retweets, quotes and replies to the counts of tweets, and follows to those of people: in batches, each of
them once a second at most.

Which ones are due comes from one queue for each part of them. A queue may be lost with Redis, and an entry come
twice: what is added is what MongoDB says is on its way.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import structlog

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.counts.pending import CountStore, GoneTargetsError
from datastore.jobs.queue import Delivery, JobQueue, enqueue
from datastore.stores import Stores
from workers.accounts import delete_follows

EVERY_MS = 1_000
OVERDUE = timedelta(seconds=5)
_CLAIM_IDLE_MS = 5_000
_CLAIM_SECONDS = 1.0
_TAKEN_AT_ONCE = 2_000
_TARGETS_AT_ONCE = 100
_WAIT_MS = 200
_PAUSE_SECONDS = 0.5
# What comes meanwhile is taken with one command.
_GATHERING_SECONDS = 0.02
_log = structlog.get_logger()
_Clear = Callable[[Stores, int], Awaitable[None]]


class Counters:
    """Any number may run. `every_ms`: how often one tweet, or person, is written to, at most."""

    def __init__(self, stores: Stores, *, every_ms: int = EVERY_MS, overdue: timedelta = OVERDUE) -> None:
        self._stores, self._every_ms, self._overdue = stores, every_ms, overdue
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"

    async def run(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            for counts, count_all in (
                (self._stores.tweets.pending_counts, count),
                (self._stores.users.pending_counts, count_people),
            ):
                for name in counts.spec.queues:
                    due = _Due(JobQueue(self._stores.jobs.redis, name), counts, count_all)
                    group.create_task(self._consume(due, stop), name=name)
                group.create_task(self._look_for_forgotten(counts, stop), name=counts.spec.queue)

    async def _consume(self, due: "_Due", stop: asyncio.Event) -> None:
        queue, waiting, claimed_at = due.queue, due.waiting, 0.0
        while not stop.is_set():
            try:
                wait_ms = min(_WAIT_MS, self._every_ms // 4) if waiting else _WAIT_MS
                _sort_in(waiting, await queue.take(self._consumer, _TAKEN_AT_ONCE, wait_ms))
                if monotonic() - claimed_at > _CLAIM_SECONDS:
                    claimed_at = monotonic()
                    _sort_in(waiting, await queue.claim(self._consumer, _CLAIM_IDLE_MS, _TAKEN_AT_ONCE))
                await self._count_due(due)
                await asyncio.sleep(_GATHERING_SECONDS)
            except UnavailableError as error:
                await _pause(stop, error)
            except Exception:  # noqa: BLE001 - whatever is wrong with some counts must not end the worker
                _log.exception("counting failed, will be tried again", queue=queue.name)
                await asyncio.sleep(_PAUSE_SECONDS)
        await self._leave(queue)

    async def _count_due(self, due: "_Due") -> None:
        taken = await due.counts.try_acquire(list(due.waiting)[: due.at_once], self._every_ms)
        if not taken:
            return
        entries = [entry for target in taken for entry in due.waiting[target]]
        try:
            await due.count_all(self._stores, taken)
        except UnavailableError:  # perhaps one of them is held by another transaction, and all are one of ours
            due.at_once = max(len(taken) // 2, 1)
            for target in taken:  # behind those that wait, which it would hold up else
                due.waiting[target] = due.waiting.pop(target)
            raise
        due.at_once = min(due.at_once * 2, _TARGETS_AT_ONCE)
        await due.queue.acknowledge(*entries)
        for target in taken:
            del due.waiting[target]

    async def _leave(self, queue: JobQueue) -> None:
        try:
            await queue.remove_consumer(self._consumer)
        except UnavailableError as error:
            _log.warning("consumer not retired", error=repr(error))

    async def _look_for_forgotten(self, counts: CountStore, stop: asyncio.Event) -> None:
        """What nobody was told of, or was lost with Redis."""
        while not stop.is_set():
            try:
                forgotten = await counts.overdue_targets(self._overdue, _TAKEN_AT_ONCE)
                await counts.enqueue(*forgotten)
            except UnavailableError as error:
                _log.warning("forgotten changes not looked for", error=repr(error))
            try:
                await asyncio.wait_for(stop.wait(), self._overdue.total_seconds())
            except TimeoutError:
                continue


@dataclass(slots=True)
class _Due:
    """What one queue says is to be counted, by target with the entries that say so; so many `at_once`."""

    queue: JobQueue
    counts: CountStore
    count_all: Callable[[Stores, Sequence[int]], Awaitable[None]]
    waiting: dict[int, set[bytes]] = field(default_factory=dict)
    at_once: int = _TARGETS_AT_ONCE


async def count(stores: Stores, tweet_ids: Sequence[int]) -> None:
    """Adds what is on its way to these tweets. What came to one as it was deleted goes with it."""
    await _count(stores, stores.tweets.pending_counts, tweet_ids, _clear_tweet)


async def count_people(stores: Stores, user_ids: Sequence[int]) -> None:
    """Adds what is on its way to these people. Who followed one as the account was deleted does so no more."""
    await _count(stores, stores.users.pending_counts, user_ids, _clear_person)


async def _count(stores: Stores, counts: CountStore, targets: Sequence[int], clear: _Clear) -> None:
    """Of what is gone the changes are dropped last, so that whoever dies in between leaves another to do it again."""
    try:
        await counts.apply(targets)
    except GoneTargetsError:
        gone = await counts.deleted_among(targets)
        for target in gone:
            while changes := await counts.pending_of(target):
                await clear(stores, target)
                await counts.drop(changes)
        if standing := [target for target in targets if target not in gone]:
            await _count(stores, counts, standing, clear)


async def _clear_tweet(stores: Stores, target: int) -> None:
    await stores.tweets.likes.delete_to(target)
    while (act := await stores.tweets.retweets.delete_next_of(stores.ids(), TweetId(target))) is not None:
        await enqueue(stores.jobs.redis, act)


async def _clear_person(stores: Stores, target: int) -> None:
    await delete_follows(stores, UserId(target))


def _sort_in(waiting: dict[int, set[bytes]], deliveries: Sequence[Delivery]) -> None:
    """By target; what names none is sorted in as nobody's, and done with the others."""
    for delivery in deliveries:
        target = int(delivery.raw) if delivery.raw.isdigit() else 0
        waiting.setdefault(target, set()).add(delivery.entry_id)


async def _pause(stop: asyncio.Event, error: UnavailableError) -> None:
    _log.warning("a store is away", error=repr(error), pause_seconds=_PAUSE_SECONDS)
    try:
        await asyncio.wait_for(stop.wait(), _PAUSE_SECONDS)
    except TimeoutError:
        return
