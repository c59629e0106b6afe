"""Short locks in Redis (one sweep, one rebuild per user, one reissue per job), and detection of a Redis restart.

Raises UnavailableError if Redis is not reachable.
"""

from collections.abc import Sequence

from redis.asyncio import Redis

from core.ids import UserId
from datastore.jobs.jobs import Job, pack
from datastore.redis import job_keys, keys
from datastore.redis.client import failures_as_unavailable, run_id, send_all


class DistributedLocks:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def ping(self) -> None:
        with failures_as_unavailable():
            await send_all(self._redis, [("PING",)])

    async def try_acquire_sweep(self, ttl_ms: int) -> bool:
        """False if another sweep began less than `ttl_ms` ago."""
        with failures_as_unavailable():
            return bool(await self._redis.set(job_keys.sweep(), b"1", nx=True, px=max(ttl_ms - 100, 1)))

    async def try_acquire_rebuild(self, user_id: UserId, ttl_ms: int) -> bool:
        """False if a rebuild of this user's home timeline was ordered less than `ttl_ms` ago."""
        with failures_as_unavailable():
            return bool(await self._redis.set(keys.rebuild_ordered(user_id), b"1", nx=True, px=ttl_ms))

    async def release_rebuild(self, user_id: UserId) -> None:
        """Allows the next rebuild at once."""
        with failures_as_unavailable():
            await self._redis.delete(keys.rebuild_ordered(user_id))

    async def try_acquire_reissue(self, jobs: Sequence[Job], ttl_ms: int) -> list[bool]:
        """For each job in order, whether it may be issued again: False if it was less than `ttl_ms` ago."""
        commands = [("SET", job_keys.reissued(pack(job)), b"1", "NX", "PX", ttl_ms) for job in jobs]
        with failures_as_unavailable():
            return [bool(answer) for answer in await send_all(self._redis, commands)]

    async def new_run_id(self) -> str | None:
        """Redis' run id, which changes with each restart; None if `record_run_id` has recorded it."""
        with failures_as_unavailable():
            run = await run_id(self._redis)
            (known,) = await send_all(self._redis, [("GET", job_keys.swept_run())])
        return None if known == run.encode() else run

    async def record_run_id(self, run: str) -> None:
        with failures_as_unavailable():
            await self._redis.set(job_keys.swept_run(), run)
