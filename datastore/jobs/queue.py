"""Jobs in Redis Streams. A job is acknowledged after it is done; one whose worker died is claimed by another.

Every job may run twice. One that failed often enough is laid aside by its consumer in a dead-letter stream; that its
worker died tells little about a job, so it weighs little.
Raises UnavailableError where Redis is away.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from core.runtime.tracing import traceparent
from datastore.jobs.jobs import QUEUE_OF, Job, pack, unpack
from datastore.redis import keys
from datastore.redis.client import lost_as_unavailable, send_all
from datastore.redis.scripts import Script

ATTEMPTS = 5
FAILURE_WEIGHT = 20
"""A job that failed is tried `ATTEMPTS` times, one whose workers die so many times as often."""
_GROUP = "workers"
_CAP = ("MAXLEN", "~", 1_000_000)
_DEAD_KEPT = 10_000
_FIELD, _TRACE = b"job", b"trace"
_Entry: TypeAlias = tuple[bytes, Mapping[bytes, bytes] | None]


class Delivery(NamedTuple):
    """A job on loan to one consumer, the `attempts`-th time, each failure counted as `FAILURE_WEIGHT` times.

    `job` is None where its bytes can't be read; `trace` is the traceparent of the act that it finishes.
    """

    entry_id: bytes
    job: Job | None
    raw: bytes
    attempts: int
    trace: str | None = None

    @property
    def is_used_up(self) -> bool:
        return self.attempts > ATTEMPTS * FAILURE_WEIGHT


class Lag(NamedTuple):
    """Jobs that wait or are under way, and the age of the oldest."""

    open_jobs: int
    oldest_seconds: float


class JobQueue:
    """One queue, as producers and consumers see it."""

    def __init__(self, redis: Redis, name: str) -> None:
        self._redis, self.name = redis, name
        self._stream, self._dead = keys.jobs(name), keys.dead_jobs(name)
        self._finish, self._move = Script(redis, "jobs_done"), Script(redis, "job_aside")

    async def take(self, consumer: str, count: int, wait_ms: int) -> list[Delivery]:
        """New jobs; none after `wait_ms`."""
        found = await self._grouped(
            lambda: self._redis.xreadgroup(_GROUP, consumer, {self._stream: ">"}, count, wait_ms)
        )
        return [delivery for _, entries in found for delivery in self._deliveries(entries, {})]

    async def claim(
        self, consumer: str, idle_ms: int, count: int, *, besides: Collection[bytes] = ()
    ) -> list[Delivery]:
        """Jobs whose consumer did nothing for so long, whatever their attempts; `besides` those under way here."""
        waiting = await self._grouped(
            lambda: self._redis.xpending_range(self._stream, _GROUP, "-", "+", count + len(besides), idle=idle_ms)
        )
        tried = {row["message_id"]: row["times_delivered"] for row in waiting if row["message_id"] not in besides}
        if not tried:
            return []
        with lost_as_unavailable():
            entries: Any = await self._redis.xclaim(self._stream, _GROUP, consumer, idle_ms, list(tried)[:count])
        return self._deliveries(entries, tried)

    async def keep(self, consumer: str, entry_ids: Sequence[bytes]) -> None:
        """Says that these are still being worked on, so that nobody claims them."""
        with lost_as_unavailable():
            await self._redis.xclaim(self._stream, _GROUP, consumer, 0, list(entry_ids), justid=True)

    async def note_failure(self, consumer: str, delivery: Delivery) -> None:
        """The job stays with the consumer till somebody claims it."""
        count = delivery.attempts - 1 + FAILURE_WEIGHT
        with lost_as_unavailable():
            await self._redis.xclaim(
                self._stream, _GROUP, consumer, 0, [delivery.entry_id], retrycount=count, justid=True
            )

    async def done(self, *entry_ids: bytes) -> None:
        await self._finish([self._stream], _GROUP, *entry_ids)

    async def lay_aside(self, delivery: Delivery) -> None:
        await self._move([self._stream, self._dead], _GROUP, delivery.entry_id, _DEAD_KEPT, _FIELD, delivery.raw)

    async def put(self, delivery: Delivery) -> None:
        """A job of another queue."""
        trace = () if delivery.trace is None else (_TRACE, delivery.trace)
        with lost_as_unavailable():
            await send_all(self._redis, [("XADD", self._stream, *_CAP, "*", _FIELD, delivery.raw, *trace)])

    async def retire(self, consumer: str) -> None:
        """Forgets a consumer that ended with nothing left to do."""
        with lost_as_unavailable():
            pending: list[Any] = await self._redis.xpending_range(self._stream, _GROUP, "-", "+", 1, consumer)
            if not pending:
                await self._redis.xgroup_delconsumer(self._stream, _GROUP, consumer)

    async def dead_count(self) -> int:
        with lost_as_unavailable():
            return int(await self._redis.xlen(self._dead))

    async def lag(self) -> Lag:
        with lost_as_unavailable():
            count, oldest, time = await send_all(
                self._redis, [("XLEN", self._stream), ("XRANGE", self._stream, "-", "+", "COUNT", 1), ("TIME",)]
            )
        if not oldest:
            return Lag(count, 0.0)
        made_ms, _, _ = oldest[0][0].partition(b"-")
        return Lag(count, max(int(time[0]) - int(made_ms) / 1000, 0.0))

    async def lying(self, limit: int) -> list[Job | None]:
        """So many at most that wait or are under way, the oldest first; None where bytes can't be read."""
        with lost_as_unavailable():
            entries: Any = await self._redis.xrange(self._stream, count=limit)
        return [delivery.job for delivery in self._deliveries(entries, {})]

    async def _grouped(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The answer, or an empty one where the consumer group had to be made first."""
        with lost_as_unavailable():
            try:
                return await ask()
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
            with suppress(ResponseError):  # BUSYGROUP: somebody else was quicker
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
    """Hands jobs to the workers, each to its queue."""
    trace = traceparent()
    more = () if trace is None else (_TRACE, trace)
    with lost_as_unavailable():
        await send_all(
            redis, [("XADD", keys.jobs(QUEUE_OF[type(job)]), *_CAP, "*", _FIELD, pack(job), *more) for job in jobs]
        )
