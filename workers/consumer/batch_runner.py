"""Runs the jobs of one queue in batches: takes hundreds at once, acknowledges them together after success.

As workers/consumer/runner.py does with single jobs: a store that is away is waited for and costs no attempts; a job
that fails by itself is found by running the jobs of its batch one by one, and only that one is dead-lettered.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

import structlog

from core.errors import UnavailableError
from core.runtime.metrics import JOB_FAILURES, JOB_SECONDS, JOBS_LAID_ASIDE, QUEUE_LAG_SECONDS, QUEUE_OPEN
from datastore.jobs.queue import Delivery, JobQueue
from datastore.jobs.stores import JobStores
from workers.consumer.backoff import Backoff
from workers.consumer.runner import CLAIM_IDLE_MS

BatchHandler = Callable[[Sequence[Delivery]], Awaitable[None]]
_AT_ONCE = 400
_WAIT_MS = 500
_CLAIM_SECONDS = 1.0
_RENEWALS_BEFORE_CLAIM = 3.5
# Jobs that come meanwhile join the batch.
_GATHER_SECONDS = 0.05
_log = structlog.get_logger()


class BatchRunner:
    """One consumer of one queue; one batch at a time. `handler` finishes its jobs in MongoDB itself."""

    def __init__(
        self, jobs: JobStores, queue_name: str, handler: BatchHandler, *, claim_idle_ms: int = CLAIM_IDLE_MS
    ) -> None:
        self._jobs, self._handler, self._claim_idle_ms = jobs, handler, claim_idle_ms
        self._queue = JobQueue(jobs.redis, queue_name)
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._claimed_at = 0.0
        self._under_way: list[bytes] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then the batch under way is finished."""
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(self._renew())
            await self._consume(stop)
            renewing.cancel()
        try:
            await self._queue.remove_consumer(self._consumer)
        except UnavailableError as error:
            _log.warning("consumer not retired", error=repr(error))

    async def _consume(self, stop: asyncio.Event) -> None:
        backoff = Backoff(stop)
        while not stop.is_set():
            try:
                deliveries = await self._take()
                backoff.reset()
            except UnavailableError as error:
                await backoff.wait_after(error)
                continue
            await self._run_batch(deliveries, stop)

    async def _take(self) -> list[Delivery]:
        deliveries = await self._queue.take(self._consumer, _AT_ONCE, _WAIT_MS)
        if deliveries:
            await asyncio.sleep(_GATHER_SECONDS)
            deliveries += await self._queue.take(self._consumer, _AT_ONCE, 1)
        if monotonic() - self._claimed_at > _CLAIM_SECONDS:
            self._claimed_at = monotonic()
            deliveries += await self._queue.claim(self._consumer, self._claim_idle_ms, _AT_ONCE)
            lag = await self._queue.lag()
            QUEUE_OPEN.labels(self._queue.name).set(lag.open_jobs)
            QUEUE_LAG_SECONDS.labels(self._queue.name).set(lag.oldest_seconds)
        return deliveries

    async def _run_batch(self, deliveries: Sequence[Delivery], stop: asyncio.Event) -> None:
        """Retries while a store is away, unless asked to stop: then the jobs are left for another consumer."""
        self._under_way = [delivery.entry_id for delivery in deliveries]
        backoff = Backoff(stop)
        while self._under_way:
            try:
                await self._try_batch(deliveries)
                self._under_way = []
            except UnavailableError as error:
                if stop.is_set():
                    _log.warning("jobs left for another worker", jobs=len(deliveries))
                    return
                await backoff.wait_after(error)

    async def _try_batch(self, deliveries: Sequence[Delivery]) -> None:
        """Raises UnavailableError if a store is away."""
        usable = [one for one in deliveries if one.job is not None and not one.is_exhausted]
        for one in deliveries:
            if one.job is None or one.is_exhausted:
                await self._give_up(one)
        await self._handle(usable)

    async def _handle(self, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        try:
            with JOB_SECONDS.labels(self._queue.name).time():
                await self._handler(deliveries)
            await self._queue.acknowledge(*[one.entry_id for one in deliveries])
        except UnavailableError:
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with a job must not end the worker
            if len(deliveries) > 1:
                for one in deliveries:
                    await self._handle([one])
                return
            _log.exception("job failed, will be tried again", queue=self._queue.name, job=repr(deliveries[0].job))
            JOB_FAILURES.labels(self._queue.name).inc()
            await self._queue.record_failure(self._consumer, deliveries[0])

    async def _give_up(self, delivery: Delivery) -> None:
        """Finished in MongoDB first, so that what is dead-lettered is never issued again."""
        JOBS_LAID_ASIDE.labels(self._queue.name).inc()
        _log.error("job laid aside", queue=self._queue.name, job=repr(delivery.job))
        if delivery.job is not None:
            await self._jobs.outbox.give_up(delivery.job)
        await self._queue.dead_letter(delivery)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._claim_idle_ms / 1000 / _RENEWALS_BEFORE_CLAIM)
            try:
                if self._under_way:
                    await self._queue.renew(self._consumer, self._under_way)
            except UnavailableError:
                continue
