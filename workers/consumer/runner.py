"""Runs the jobs of one queue: takes new ones, claims those of dead consumers, acknowledges after success.

An unreachable store is waited for and costs a job no attempt; only a job that fails by itself goes to the dead letters.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence

import structlog

from core.errors import UnavailableError
from core.keyed_locks import KeyedLock
from core.runtime.metrics import JOB_FAILURES, JOB_SECONDS, JOBS_LAID_ASIDE, QUEUE_LAG_SECONDS, QUEUE_OPEN
from core.runtime.tasks import not_cancelled
from core.runtime.tracing import span
from datastore.cache.batcher import Batcher
from datastore.jobs.jobs import Job
from datastore.jobs.queue import Delivery, JobQueue
from datastore.jobs.routing import ordering_key
from datastore.jobs.stores import JobStores
from workers.consumer.backoff import Backoff
from workers.consumer.concurrency_limit import ConcurrencyLimit

Handler = Callable[[Job], Awaitable[None]]
Route = Callable[[Job], Awaitable[str]]

CLAIM_IDLE_MS = 5_000
_RENEWALS_BEFORE_CLAIM = 3.5
_CLAIM_SECONDS = 1.0
_WAIT_MS = 500
_AT_ONCE = 16
_log = structlog.get_logger()


class Runner:
    """One consumer of one queue. `claim_idle_ms`: after that time without a renewal others may claim its jobs.

    `route` names the queue that a job belongs to; if that is another one, the job is moved there.
    """

    def __init__(
        self,
        jobs: JobStores,
        queue_name: str,
        handler: Handler,
        *,
        claim_idle_ms: int = CLAIM_IDLE_MS,
        at_once: int = _AT_ONCE,
        route: Route | None = None,
    ) -> None:
        self._jobs, self._handler, self._route, self._at_once = jobs, handler, route, at_once
        self._claim_idle_ms = claim_idle_ms
        self._renew_seconds = claim_idle_ms / 1000 / _RENEWALS_BEFORE_CLAIM
        self._queue = JobQueue(jobs.redis, queue_name)
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._running: set[bytes] = set()
        self._locks, self._limit = KeyedLock[int](), ConcurrencyLimit(at_once)
        self._freed = asyncio.Event()
        self._finish = Batcher(self._finish_batch, at_once)

    async def run(self, stop: asyncio.Event) -> None:
        """Runs until `stop` is set, then finishes the running jobs."""
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(self._renew_periodically())
            await self._work(stop)
            renewing.cancel()
        await self._remove_consumer()

    async def _work(self, stop: asyncio.Event) -> None:
        backoff = Backoff(stop)
        async with asyncio.TaskGroup() as group:
            claiming = group.create_task(self._claim_abandoned(group, stop))
            while not stop.is_set():
                try:
                    self._start(group, await self._queue.take(self._consumer, await self._free_slots(), _WAIT_MS), stop)
                    backoff.reset()
                except UnavailableError as error:
                    await backoff.wait_after(error)
            claiming.cancel()
            self._limit.lift()

    async def _claim_abandoned(self, group: asyncio.TaskGroup, stop: asyncio.Event) -> None:
        backoff = Backoff(stop)
        while not stop.is_set():
            try:
                count = await self._free_slots()
                found = await self._queue.claim(self._consumer, self._claim_idle_ms, count, excluding=self._running)
                self._start(group, found, stop)
                await self._report_lag()
                await asyncio.sleep(_CLAIM_SECONDS)
            except UnavailableError as error:
                await backoff.wait_after(error)

    async def _report_lag(self) -> None:
        lag = await self._queue.lag()
        QUEUE_OPEN.labels(self._queue.name).set(lag.open_jobs)
        QUEUE_LAG_SECONDS.labels(self._queue.name).set(lag.oldest_seconds)

    async def _free_slots(self) -> int:
        """Waits until another job may run; returns how many may."""
        while len(self._running) >= self._at_once:
            self._freed.clear()
            await self._freed.wait()
        return self._at_once - len(self._running)

    def _start(self, group: asyncio.TaskGroup, deliveries: Sequence[Delivery], stop: asyncio.Event) -> None:
        for delivery in deliveries:
            self._running.add(delivery.entry_id)
            group.create_task(self._run_job(delivery, stop))

    async def _run_job(self, delivery: Delivery, stop: asyncio.Event) -> None:
        try:
            await self._attempt(delivery, stop)
        except Exception:  # noqa: BLE001 - a failing job must not end the worker
            _log.exception("job failed, will be tried again", queue=self._queue.name, job=repr(delivery.job))
            JOB_FAILURES.labels(self._queue.name).inc()
            await self._record_failure(delivery)
        finally:
            self._running.discard(delivery.entry_id)
            self._freed.set()

    async def _attempt(self, delivery: Delivery, stop: asyncio.Event) -> None:
        """Retries while a store is not reachable. After `stop` the job is left to another worker instead."""
        backoff = Backoff(stop)
        while not_cancelled():
            try:
                await self._handle(delivery)
                return
            except UnavailableError as error:
                if stop.is_set():
                    _log.warning("job left for another worker", job=repr(delivery.job))
                    return
                await backoff.wait_after(error)

    async def _handle(self, delivery: Delivery) -> None:
        if delivery.job is None or delivery.is_exhausted:
            await self._give_up(delivery)
            return
        async with self._locks.hold(ordering_key(delivery.job), timeout_seconds=None), self._limit.slot():
            if await self._move_if_elsewhere(delivery, delivery.job):
                return
            job_span = span(f"job {type(delivery.job).__name__}", parent=delivery.trace, queue=self._queue.name)
            with JOB_SECONDS.labels(self._queue.name).time(), job_span:
                await self._handler(delivery.job)
        await self._finish((delivery.entry_id, delivery.job))

    async def _finish_batch(self, finished: Sequence[tuple[bytes, Job]]) -> Sequence[None]:
        """Finishes jobs in MongoDB before they are acknowledged."""
        await self._jobs.outbox.finish_many([job for _, job in finished])
        await self._queue.acknowledge(*[entry_id for entry_id, _ in finished])
        return [None] * len(finished)

    async def _move_if_elsewhere(self, delivery: Delivery, job: Job) -> bool:
        """True if the job was moved to another queue, unfinished."""
        name = self._queue.name if self._route is None else await self._route(job)
        if name == self._queue.name:
            return False
        await JobQueue(self._jobs.redis, name).put(delivery)
        await self._queue.acknowledge(delivery.entry_id)
        return True

    async def _give_up(self, delivery: Delivery) -> None:
        """Marks the job in the outbox first, so that a dead letter is never issued again."""
        JOBS_LAID_ASIDE.labels(self._queue.name).inc()
        _log.error("job laid aside", queue=self._queue.name, job=repr(delivery.job))
        if delivery.job is not None:
            await self._jobs.outbox.give_up(delivery.job)
        await self._queue.dead_letter(delivery)

    async def _record_failure(self, delivery: Delivery) -> None:
        try:
            await self._queue.record_failure(self._consumer, delivery)
        except UnavailableError as error:
            _log.warning("failure not noted", job=repr(delivery.job), error=repr(error))

    async def _renew_periodically(self) -> None:
        """Renews all running jobs by one command: one for each would take CPU time from the jobs on a busy machine."""
        while not_cancelled():
            await asyncio.sleep(self._renew_seconds)
            try:
                if self._running:
                    await self._queue.renew(self._consumer, list(self._running))
            except UnavailableError:
                continue

    async def _remove_consumer(self) -> None:
        try:
            await self._queue.remove_consumer(self._consumer)
        except UnavailableError as error:
            _log.warning("consumer not retired", error=repr(error))
