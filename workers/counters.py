"""Counters: adds pending increments to the counts of tweets and users in batches, each target at most once a second.

Queues name the targets, each queue a part of them. A queue may be lost with Redis, and an entry may come twice: what is
added are the increments that are pending in MongoDB.
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
from datastore.counts.pending import CountStore
from datastore.jobs.queue import Delivery, JobQueue
from datastore.stores import Stores
from workers.counting import count, count_users

EVERY_MS = 1_000
OVERDUE = timedelta(seconds=5)
_CLAIM_IDLE_MS = 5_000
_CLAIM_SECONDS = 1.0
_MAX_ENTRIES = 2_000
_MAX_TARGETS = 100
_WAIT_MS = 500
_PAUSE_SECONDS, _MOST_DOUBLINGS = 0.5, 3
# Targets that are named meanwhile share a transaction; reads include pending increments, so that nobody waits for it.
_LEAST_GATHER_SECONDS, _GATHERED_PART = 0.02, 0.25
_log = structlog.get_logger()
_Clear = Callable[[Stores, int], Awaitable[None]]


class Counters:
    """Any number may run. `every_ms`: minimal time between two writes to one target."""

    def __init__(self, stores: Stores, *, every_ms: int = EVERY_MS, overdue: timedelta = OVERDUE) -> None:
        self._stores, self._every_ms, self._overdue = stores, every_ms, overdue
        self._gather_seconds = max(every_ms / 1000 * _GATHERED_PART, _LEAST_GATHER_SECONDS)
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"

    async def run(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            for counts, count_all in (
                (self._stores.tweets.pending_counts, count),
                (self._stores.users.pending_counts, count_users),
            ):
                for name in counts.spec.queues:
                    queue = _CountQueue(JobQueue(self._stores.jobs.redis, name), counts, count_all)
                    group.create_task(self._consume(queue, stop), name=name)
                group.create_task(self._enqueue_overdue(counts, stop), name=counts.spec.queue)

    async def _consume(self, source: "_CountQueue", stop: asyncio.Event) -> None:
        queue, waiting, claimed_at = source.queue, source.waiting, 0.0
        while not stop.is_set():
            try:
                wait_ms = min(_WAIT_MS, self._every_ms // 4) if waiting else _WAIT_MS
                _add_waiting(waiting, await queue.take(self._consumer, _MAX_ENTRIES, wait_ms))
                if monotonic() - claimed_at > _CLAIM_SECONDS:
                    claimed_at = monotonic()
                    _add_waiting(waiting, await queue.claim(self._consumer, _CLAIM_IDLE_MS, _MAX_ENTRIES))
                is_full = await self._count_waiting(source)
                await asyncio.sleep(_LEAST_GATHER_SECONDS if is_full else self._gather_seconds)
            except UnavailableError as error:
                await _pause(stop, error, source.failures)
                source.failures += 1
            except Exception:  # noqa: BLE001 - a failing count must not end the worker
                _log.exception("counting failed, will be tried again", queue=queue.name)
                await asyncio.sleep(_PAUSE_SECONDS)
        await self._remove_consumer(queue)

    async def _count_waiting(self, source: "_CountQueue") -> bool:
        """Whether more targets wait than share a transaction."""
        acquired = await source.counts.try_acquire(list(source.waiting)[: source.at_once], self._every_ms)
        if not acquired:
            return False
        is_full = len(source.waiting) > source.at_once
        entries = [entry for target in acquired for entry in source.waiting[target]]
        try:
            await source.count_all(self._stores, acquired)
        except UnavailableError:  # one target locked by another transaction fails them all
            source.at_once = max(len(acquired) // 2, 1)
            for target in acquired:  # to the end of the line, so that they do not hold up others
                source.waiting[target] = source.waiting.pop(target)
            raise
        source.at_once, source.failures = min(source.at_once * 2, _MAX_TARGETS), 0
        await source.queue.acknowledge(*entries)
        for target in acquired:
            del source.waiting[target]
        return is_full

    async def _remove_consumer(self, queue: JobQueue) -> None:
        try:
            await queue.remove_consumer(self._consumer)
        except UnavailableError as error:
            _log.warning("consumer not retired", error=repr(error))

    async def _enqueue_overdue(self, counts: CountStore, stop: asyncio.Event) -> None:
        """Enqueues targets again whose entry never reached Redis, or was lost with it."""
        while not stop.is_set():
            try:
                overdue = await counts.overdue_targets(self._overdue, _MAX_ENTRIES)
                await counts.enqueue(*overdue)
            except UnavailableError as error:
                _log.warning("forgotten changes not looked for", error=repr(error))
            try:
                await asyncio.wait_for(stop.wait(), self._overdue.total_seconds())
            except TimeoutError:
                continue


@dataclass(slots=True)
class _CountQueue:
    """One queue with its waiting entries by target; at most `at_once` targets share a transaction.

    `failures` are those in a row.
    """

    queue: JobQueue
    counts: CountStore
    count_all: Callable[[Stores, Sequence[int]], Awaitable[None]]
    waiting: dict[int, set[bytes]] = field(default_factory=dict)
    at_once: int = _MAX_TARGETS
    failures: int = 0


def _add_waiting(waiting: dict[int, set[bytes]], deliveries: Sequence[Delivery]) -> None:
    """Adds entries by target; an unreadable entry counts as target 0, so that it is acknowledged too."""
    for delivery in deliveries:
        target = int(delivery.raw) if delivery.raw.isdigit() else 0
        waiting.setdefault(target, set()).add(delivery.entry_id)


async def _pause(stop: asyncio.Event, error: UnavailableError, failures: int) -> None:
    """Longer from failure to failure: a transaction that waits for a lock holds locks that others wait for."""
    seconds = _PAUSE_SECONDS * 2 ** min(failures, _MOST_DOUBLINGS)
    _log.warning("a store is away", error=repr(error), pause_seconds=seconds)
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
