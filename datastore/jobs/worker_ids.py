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
from datastore.redis import keys
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
        self._token = secrets.token_hex(8)
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
            if not await self._redis.set(keys.worker_lease(worker_id), self._token, nx=True, px=LEASE_MS):
                return False
            used_until = await self._redis.get(keys.worker_clock(worker_id))
        self.ids.move_to(worker_id, int(used_until or 0))
        return True

    async def renew(self) -> None:
        worker_id = self.ids.worker
        used_until = max(wall_ms(), self.ids.last_ms)
        held = await self._extend(
            [keys.worker_lease(worker_id), keys.worker_clock(worker_id)],
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
            await self._redis.delete(keys.worker_lease(self.ids.worker))


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


async def living_processes(redis: Redis) -> int:
    """The number of processes that hold a worker number. A lease that nobody renews for some seconds is a dead one's.

    Takes 20 s at most, and none where there are no leases. Raises UnavailableError.
    """
    left = await _left_ms(redis)
    while any(ms > _RENEWED_LATELY_MS for ms in left):
        await asyncio.sleep(_POLL_SECONDS)
        now = await _left_ms(redis)
        if any(after > before for before, after in zip(left, now, strict=True)):
            return sum(ms > 0 for ms in now)
        left = now
    return 0


async def _left_ms(redis: Redis) -> list[int]:
    """The time left of the lease of each worker number; negative where there is none."""
    with failures_as_unavailable():
        return [int(ms) for ms in await send_all(redis, [("PTTL", keys.worker_lease(one)) for one in range(WORKERS)])]


async def _renew_periodically(lease: WorkerIdLease) -> None:
    while not_cancelled():
        await asyncio.sleep(_RENEW_SECONDS)
        await _log_failure(lease.renew())


async def _log_failure(act: Awaitable[None]) -> None:
    try:
        await act
    except (UnavailableError, NoWorkerIdError) as error:
        _log.warning("worker number not leased", error=repr(error))
