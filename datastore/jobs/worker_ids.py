"""Worker ids of snowflakes, leased from Redis, so that no two live processes generate the same id.

Without Redis a process keeps its worker id, or starts with a random one: the unique indexes that ids are stored under
are the second check.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import structlog
from redis.asyncio import Redis

from core.errors import UnavailableError
from core.ids import WORKERS, SnowflakeMaker, wall_ms
from core.runtime.tasks import not_cancelled
from datastore.mongo import form
from datastore.redis import job_keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.scripts import Script

LEASE_MS = 60_000
_RENEW_SECONDS = 15.0
# A living process renews its lease before so little of it is left.
_RENEWED_LATELY_MS = LEASE_MS - int(_RENEW_SECONDS * 1000) - 5_000
_POLL_SECONDS = 0.5
_CLOCK_TTL_MS = 24 * 3600 * 1000
_log = structlog.get_logger()


class NoWorkerIdError(Exception):
    """All worker ids are leased."""


class WorkerIdLease:
    """Lease of one worker id. If it was lost to another process, `renew` moves `ids` to a new one."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        # The owner of the number, and the form of the database that this process knows.
        self._token = f"{secrets.token_hex(8)}.{form.FORM}"
        self._extend = Script(redis, "lease_renew")
        self.ids = SnowflakeMaker(random.randrange(WORKERS))  # noqa: S311 - not a secret

    async def acquire(self) -> None:
        """Leases the first free worker id after a random one. Its ids continue later than any made under it before."""
        start = random.randrange(WORKERS)  # noqa: S311
        for step in range(WORKERS):
            worker_id = (start + step) % WORKERS
            if await self._try_acquire(worker_id):
                return
        raise NoWorkerIdError(f"all {WORKERS} worker numbers are taken")

    async def _try_acquire(self, worker_id: int) -> bool:
        with failures_as_unavailable():
            if not await self._redis.set(job_keys.worker_lease(worker_id), self._token, nx=True, px=LEASE_MS):
                return False
            used_until = await self._redis.get(job_keys.worker_clock(worker_id))
        self.ids.move_to(worker_id, int(used_until or 0))
        return True

    async def renew(self) -> None:
        worker_id = self.ids.worker
        used_until = max(wall_ms(), self.ids.last_ms)
        held = await self._extend(
            [job_keys.worker_lease(worker_id), job_keys.worker_clock(worker_id)],
            self._token,
            LEASE_MS,
            used_until,
            _CLOCK_TTL_MS,
        )
        if not held:
            await self.acquire()

    async def release(self) -> None:
        await self.renew()
        with failures_as_unavailable():
            await self._redis.delete(job_keys.worker_lease(self.ids.worker))


@asynccontextmanager
async def leased_snowflakes(redis: Redis) -> AsyncIterator[SnowflakeMaker]:
    """Snowflake generator under a leased worker id, renewed in the background."""
    lease = WorkerIdLease(redis)
    await _log_failure(lease.acquire())
    renewing = asyncio.create_task(_renew_periodically(lease))
    try:
        yield lease.ids
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        await _log_failure(lease.release())


async def living_processes(redis: Redis, *, before_form: int | None = None) -> int:
    """The number of processes that hold a worker number, all of them or those of older forms of the database.

    A lease that nobody renews for some seconds is a dead one's. Takes 20 s at most, and no time where there are no
    leases. Raises UnavailableError.
    """
    leases = await _leases(redis, before_form)
    while any(ms > _RENEWED_LATELY_MS for ms in leases.values()):
        await asyncio.sleep(_POLL_SECONDS)
        now = await _leases(redis, before_form)
        if any(ms > leases.get(name, 0) for name, ms in now.items()):
            return len(now)
        leases = now
    return 0


async def _leases(redis: Redis, before_form: int | None) -> dict[str, int]:
    """The time left of the leases, in ms, by their keys."""
    names = [job_keys.worker_lease(one) for one in range(WORKERS)]
    with failures_as_unavailable():
        holders = await send_all(redis, [("GET", name) for name in names])
        held = [name for name, holder in zip(names, holders, strict=True) if _is_counted(holder, before_form)]
        left = await send_all(redis, [("PTTL", name) for name in held])
    return {name: int(ms) for name, ms in zip(held, left, strict=True) if int(ms) > 0}


def _is_counted(holder: bytes | None, before_form: int | None) -> bool:
    if holder is None or before_form is None:
        return holder is not None
    known = holder.decode().partition(".")[2]
    return (int(known) if known.isdecimal() else form.FIRST_FORM) < before_form


async def _renew_periodically(lease: WorkerIdLease) -> None:
    while not_cancelled():
        await asyncio.sleep(_RENEW_SECONDS)
        await _log_failure(lease.renew())


async def _log_failure(act: Awaitable[None]) -> None:
    try:
        await act
    except (UnavailableError, NoWorkerIdError) as error:
        _log.warning("worker number not leased", error=repr(error))
