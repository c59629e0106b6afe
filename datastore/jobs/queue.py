"""Job queues on Redis Streams. A job is acknowledged after it is done; jobs of dead workers are claimed by others.

Every job may run twice. A job that failed too often goes to a dead-letter stream. A worker's death says little about
the job, so it counts far less than a failure.
Raises UnavailableError if Redis is not reachable.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from core.runtime.tracing import traceparent
from datastore.jobs.jobs import Job, pack, unpack
from datastore.jobs.routing import QUEUE_OF
from datastore.redis import job_keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.node.commands import Command, raise_first
from datastore.redis.node.pipeline import CommandPipeline
from datastore.redis.scripts import Script

ATTEMPTS = 5
FAILURE_WEIGHT = 20
"""Attempts that a failure counts for. A failing job runs `ATTEMPTS` times; one whose workers die, 20 times that."""
_GROUP = "workers"
_CAP = ("MAXLEN", "~", 1_000_000)
_DEAD_KEPT = 10_000
_FIELD, _TRACE = b"job", b"trace"
_Entry: TypeAlias = tuple[bytes, Mapping[bytes, bytes] | None]


class Delivery(NamedTuple):
    """A job delivered to one consumer. `attempts` counts this delivery too, and each failure `FAILURE_WEIGHT` times.

    `job` is None if its bytes cannot be decoded; `trace` is the traceparent of the act that the job completes.
    """

    entry_id: bytes
    job: Job | None
    raw: bytes
    attempts: int
    trace: str | None = None

    @property
    def is_exhausted(self) -> bool:
        return self.attempts > ATTEMPTS * FAILURE_WEIGHT


class Lag(NamedTuple):
    """Number of jobs that wait or run, and the age of the oldest."""

    open_jobs: int
    oldest_seconds: float


class JobQueue:
    """One queue, for producers and consumers."""

    def __init__(self, redis: Redis, name: str) -> None:
        self._redis, self.name = redis, name
        self._stream, self._dead = job_keys.jobs(name), job_keys.dead_jobs(name)
        self._finish, self._move_to_dead = Script(redis, "jobs_done"), Script(redis, "job_dead_letter")

    async def take(self, consumer: str, count: int, wait_ms: int) -> list[Delivery]:
        """Up to `count` new jobs; an empty list after `wait_ms` without any."""
        found = await self._grouped(
            lambda: self._redis.xreadgroup(_GROUP, consumer, {self._stream: ">"}, count, wait_ms)
        )
        return [delivery for _, entries in found for delivery in self._deliveries(entries, {})]

    async def claim(
        self, consumer: str, idle_ms: int, count: int, *, excluding: Collection[bytes] = ()
    ) -> list[Delivery]:
        """Up to `count` jobs whose consumer has been idle for `idle_ms`; `excluding` are entries that run here."""
        waiting = await self._grouped(
            lambda: self._redis.xpending_range(self._stream, _GROUP, "-", "+", count + len(excluding), idle=idle_ms)
        )
        tried = {row["message_id"]: row["times_delivered"] for row in waiting if row["message_id"] not in excluding}
        if not tried:
            return []
        with failures_as_unavailable():
            entries: Any = await self._redis.xclaim(self._stream, _GROUP, consumer, idle_ms, list(tried)[:count])
        return self._deliveries(entries, tried)

    async def renew(self, consumer: str, entry_ids: Sequence[bytes]) -> None:
        """Resets the idle time of entries that are still being worked on, so that nobody claims them."""
        with failures_as_unavailable():
            await self._redis.xclaim(self._stream, _GROUP, consumer, 0, list(entry_ids), justid=True)

    async def record_failure(self, consumer: str, delivery: Delivery) -> None:
        """Counts the failure. The job stays with this consumer until somebody claims it."""
        count = delivery.attempts - 1 + FAILURE_WEIGHT
        with failures_as_unavailable():
            await self._redis.xclaim(
                self._stream, _GROUP, consumer, 0, [delivery.entry_id], retrycount=count, justid=True
            )

    async def acknowledge(self, *entry_ids: bytes) -> None:
        await self._finish([self._stream], _GROUP, *entry_ids)

    async def dead_letter(self, delivery: Delivery) -> None:
        await self._move_to_dead(
            [self._stream, self._dead], _GROUP, delivery.entry_id, _DEAD_KEPT, _FIELD, delivery.raw
        )

    async def put(self, delivery: Delivery) -> None:
        """Adds a job that was taken from another queue."""
        trace = () if delivery.trace is None else (_TRACE, delivery.trace)
        with failures_as_unavailable():
            await send_all(self._redis, [("XADD", self._stream, *_CAP, "*", _FIELD, delivery.raw, *trace)])

    async def remove_consumer(self, consumer: str) -> None:
        """Removes an ended consumer from the group, unless entries are pending for it."""
        with failures_as_unavailable():
            pending: list[Any] = await self._redis.xpending_range(self._stream, _GROUP, "-", "+", 1, consumer)
            if not pending:
                await self._redis.xgroup_delconsumer(self._stream, _GROUP, consumer)

    async def dead_count(self) -> int:
        with failures_as_unavailable():
            return int(await self._redis.xlen(self._dead))

    async def lag(self) -> Lag:
        with failures_as_unavailable():
            count, oldest, time = await send_all(
                self._redis, [("XLEN", self._stream), ("XRANGE", self._stream, "-", "+", "COUNT", 1), ("TIME",)]
            )
        if not oldest:
            return Lag(count, 0.0)
        made_ms, _, _ = oldest[0][0].partition(b"-")
        return Lag(count, max(int(time[0]) - int(made_ms) / 1000, 0.0))

    async def open_jobs(self, limit: int) -> list[Job | None]:
        """At most `limit` jobs that wait or run, oldest first; None for bytes that cannot be decoded."""
        with failures_as_unavailable():
            entries: Any = await self._redis.xrange(self._stream, count=limit)
        return [delivery.job for delivery in self._deliveries(entries, {})]

    async def _grouped(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The reply, or an empty list if the consumer group had to be created first."""
        with failures_as_unavailable():
            try:
                return await ask()
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
            with suppress(ResponseError):  # BUSYGROUP: another process created it
                await self._redis.xgroup_create(self._stream, _GROUP, id="0", mkstream=True)
            return []

    def _deliveries(self, entries: Sequence[_Entry], tried: Mapping[bytes, int]) -> list[Delivery]:
        return [self._delivery(entry_id, fields, tried.get(entry_id, 0)) for entry_id, fields in entries if fields]

    def _delivery(self, entry_id: bytes, fields: Mapping[bytes, bytes], tried: int) -> Delivery:
        raw = fields.get(_FIELD, b"")
        trace = fields.get(_TRACE)
        return Delivery(
            entry_id, unpack(raw), raw, tried + 1, None if trace is None else trace.decode(errors="replace")
        )


async def enqueue(redis: Redis, *jobs: Job) -> None:
    """Adds each job to its queue."""
    with failures_as_unavailable():
        await send_all(redis, list(map(entry_of, jobs)))


async def submit_jobs(pipeline: CommandPipeline, *jobs: Job) -> None:
    """As `enqueue`, at a fifth of the processor time. A job may be added twice, which does no harm."""
    with failures_as_unavailable():
        raise_first(await pipeline.submit(list(map(entry_of, jobs))))


def entry_of(job: Job) -> Command:
    """The command that adds the job to its queue, with the trace of the request."""
    trace = traceparent()
    more = () if trace is None else (_TRACE, trace)
    return ("XADD", job_keys.jobs(QUEUE_OF[type(job)]), *_CAP, "*", _FIELD, pack(job), *more)
