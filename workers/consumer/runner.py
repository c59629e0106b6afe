"""Runs the jobs of one queue: takes, claims what others left, acknowledges after success, ends in order.

A store that is away is waited for, and costs a job none of its attempts; only a job that fails by itself is laid aside.
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
from datastore.jobs.jobs import Job, ordering_key
from datastore.jobs.queue import Delivery, JobQueue
from datastore.stores import Stores
from workers.consumer.backoff import Pause
from workers.consumer.concurrency_limit import Gate

Handler = Callable[[Stores, Job], Awaitable[None]]
QueueOf = Callable[[Stores, Job], Awaitable[str]]

CLAIM_IDLE_MS = 5_000
_KEEPS_BEFORE_CLAIM = 3.5
_CLAIM_SECONDS = 1.0
_WAIT_MS = 500
_AT_ONCE = 16
_log = structlog.get_logger()


class Runner:
    """One consumer of one queue. `claim_idle_ms`: without a sign of life for so long a consumer loses its job.

    `queue_of` tells in which queue a job is to be done; where that is another one it is handed over.
    """

    def __init__(
        self,
        stores: Stores,
        queue_name: str,
        handler: Handler,
        *,
        claim_idle_ms: int = CLAIM_IDLE_MS,
        at_once: int = _AT_ONCE,
        queue_of: QueueOf | None = None,
    ) -> None:
        self._stores, self._handler, self._queue_of, self._at_once = stores, handler, queue_of, at_once
        self._claim_idle_ms, self._wait_ms = claim_idle_ms, min(_WAIT_MS, claim_idle_ms // 4)
        self._keep_seconds = claim_idle_ms / 1000 / _KEEPS_BEFORE_CLAIM
        self._queue = JobQueue(stores.jobs.redis, queue_name)
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._under_way: set[bytes] = set()
        self._locks, self._gate = KeyedLock(), Gate(at_once)
        self._freed = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then what is under way is finished."""
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(self._keep())
            await self._work(stop)
            keeping.cancel()
        await self._leave()

    async def _work(self, stop: asyncio.Event) -> None:
        pause = Pause(stop)
        async with asyncio.TaskGroup() as jobs:
            claiming = jobs.create_task(self._claim_abandoned(jobs, stop))
            while not stop.is_set():
                try:
                    self._start(jobs, await self._queue.take(self._consumer, await self._room(), self._wait_ms), stop)
                    pause.reset()
                except UnavailableError as error:
                    await pause.after(error)
            claiming.cancel()
            self._gate.open()

    async def _claim_abandoned(self, jobs: asyncio.TaskGroup, stop: asyncio.Event) -> None:
        pause = Pause(stop)
        while not stop.is_set():
            try:
                room = await self._room()
                found = await self._queue.claim(self._consumer, self._claim_idle_ms, room, excluding=self._under_way)
                self._start(jobs, found, stop)
                await self._look()
                await asyncio.sleep(_CLAIM_SECONDS)
            except UnavailableError as error:
                await pause.after(error)

    async def _look(self) -> None:
        """For the metrics."""
        lag = await self._queue.lag()
        QUEUE_OPEN.labels(self._queue.name).set(lag.open_jobs)
        QUEUE_LAG_SECONDS.labels(self._queue.name).set(lag.oldest_seconds)

    async def _room(self) -> int:
        """Waits until one more job may run; how many may."""
        while len(self._under_way) >= self._at_once:
            self._freed.clear()
            await self._freed.wait()
        return self._at_once - len(self._under_way)

    def _start(self, jobs: asyncio.TaskGroup, deliveries: Sequence[Delivery], stop: asyncio.Event) -> None:
        for delivery in deliveries:
            self._under_way.add(delivery.entry_id)
            jobs.create_task(self._carry_out(delivery, stop))

    async def _carry_out(self, delivery: Delivery, stop: asyncio.Event) -> None:
        try:
            await self._attempt(delivery, stop)
        except Exception:  # noqa: BLE001 - whatever is wrong with a job must not end the worker
            _log.exception("job failed, will be tried again", queue=self._queue.name, job=repr(delivery.job))
            JOB_FAILURES.labels(self._queue.name).inc()
            await self._note_failure(delivery)
        finally:
            self._under_way.discard(delivery.entry_id)
            self._freed.set()

    async def _attempt(self, delivery: Delivery, stop: asyncio.Event) -> None:
        """Patient with stores that are away, unless asked to stop: then the job is left for another."""
        pause = Pause(stop)
        while not_cancelled():
            try:
                await self._handle(delivery)
                return
            except UnavailableError as error:
                if stop.is_set():
                    _log.warning("job left for another worker", job=repr(delivery.job))
                    return
                await pause.after(error)

    async def _handle(self, delivery: Delivery) -> None:
        if delivery.job is None or delivery.is_exhausted:
            await self._give_up(delivery)
            return
        async with self._locks.hold(ordering_key(delivery.job), timeout_seconds=None), self._gate.passed():
            if await self._hand_over(delivery, delivery.job):
                return
            job_span = span(f"job {type(delivery.job).__name__}", parent=delivery.trace, queue=self._queue.name)
            with JOB_SECONDS.labels(self._queue.name).time(), job_span:
                await self._handler(self._stores, delivery.job)
        await self._stores.jobs.outbox.finish(delivery.job)
        await self._queue.acknowledge(delivery.entry_id)

    async def _hand_over(self, delivery: Delivery, job: Job) -> bool:
        """Whether it is another queue's now. It stays unfinished."""
        name = self._queue.name if self._queue_of is None else await self._queue_of(self._stores, job)
        if name == self._queue.name:
            return False
        await JobQueue(self._stores.jobs.redis, name).put(delivery)
        await self._queue.acknowledge(delivery.entry_id)
        return True

    async def _give_up(self, delivery: Delivery) -> None:
        """In this order, so that what is laid aside is never issued again."""
        JOBS_LAID_ASIDE.labels(self._queue.name).inc()
        _log.error("job laid aside", queue=self._queue.name, job=repr(delivery.job))
        if delivery.job is not None:
            await self._stores.jobs.outbox.give_up(delivery.job)
        await self._queue.dead_letter(delivery)

    async def _note_failure(self, delivery: Delivery) -> None:
        try:
            await self._queue.record_failure(self._consumer, delivery)
        except UnavailableError as error:
            _log.warning("failure not noted", job=repr(delivery.job), error=repr(error))

    async def _keep(self) -> None:
        """All jobs by one command: were it one for each, on a busy machine these would take the time of the jobs."""
        while not_cancelled():
            await asyncio.sleep(self._keep_seconds)
            try:
                if self._under_way:
                    await self._queue.renew(self._consumer, list(self._under_way))
            except UnavailableError:
                continue

    async def _leave(self) -> None:
        try:
            await self._queue.remove_consumer(self._consumer)
        except UnavailableError as error:
            _log.warning("consumer not retired", error=repr(error))
