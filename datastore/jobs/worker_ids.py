"""Worker numbers for ids, leased from Redis, so that no two live processes make the same id.

Without Redis a process goes on under the number it has, or begins under one drawn by chance: ids are checked once more
by the unique index they are stored under.
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
from datastore.redis.client import lost_as_unavailable
from datastore.redis.scripts import Script

LEASE_MS = 60_000
_RENEW_SECONDS = 15.0
_CLOCK_TTL_MS = 24 * 3600 * 1000
_log = structlog.get_logger()


class WorkerLease:
    """Holds one number at a time; `renew` moves the maker to another where this one was lost to somebody else."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._token = secrets.token_hex(8)
        self._extend = Script(redis, "lease_renew")
        self.ids = SnowflakeMaker(random.randrange(WORKERS))  # noqa: S311 - spreading, not a secret

    async def acquire(self) -> None:
        """Takes a free number, beginning at a random one; ids go on later than any made under it before."""
        start = random.randrange(WORKERS)  # noqa: S311
        for step in range(WORKERS):
            number = (start + step) % WORKERS
            if await self._take(number):
                return
        raise RuntimeError(f"all {WORKERS} worker numbers are taken")

    async def _take(self, number: int) -> bool:
        with lost_as_unavailable():
            if not await self._redis.set(keys.worker_lease(number), self._token, nx=True, px=LEASE_MS):
                return False
            used_until = await self._redis.get(keys.worker_clock(number))
        self.ids.move_to(number, int(used_until or 0))
        return True

    async def renew(self) -> None:
        number = self.ids.worker
        used_until = max(wall_ms(), self.ids.last_ms)
        held = await self._extend(
            [keys.worker_lease(number), keys.worker_clock(number)], self._token, LEASE_MS, used_until, _CLOCK_TTL_MS
        )
        if not held:
            await self.acquire()

    async def release(self) -> None:
        await self.renew()
        with lost_as_unavailable():
            await self._redis.delete(keys.worker_lease(self.ids.worker))


@asynccontextmanager
async def leased_ids(redis: Redis) -> AsyncIterator[SnowflakeMaker]:
    """A maker of ids under a leased number, renewed in the background."""
    lease = WorkerLease(redis)
    await _tolerant(lease.acquire())
    renewing = asyncio.create_task(_renew_for_ever(lease))
    try:
        yield lease.ids
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        await _tolerant(lease.release())


async def _renew_for_ever(lease: WorkerLease) -> None:
    while not_cancelled():
        await asyncio.sleep(_RENEW_SECONDS)
        await _tolerant(lease.renew())


async def _tolerant(act: Awaitable[None]) -> None:
    try:
        await act
    except (UnavailableError, RuntimeError) as error:
        _log.warning("worker number not leased", error=repr(error))
