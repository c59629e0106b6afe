"""Whose turn it is among processes that do the same work, and whether Redis is still the process it was."""

from collections.abc import Sequence

from redis.asyncio import Redis

from core.ids import UserId
from datastore.jobs.jobs import Job, pack
from datastore.redis import keys
from datastore.redis.client import lost_as_unavailable, run_id, send_all


class Turns:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def ping(self) -> None:
        with lost_as_unavailable():
            await send_all(self._redis, [("PING",)])

    async def take_sweep(self, for_ms: int) -> bool:
        """False where another sweeper began less than `for_ms` ago."""
        with lost_as_unavailable():
            return bool(await self._redis.set(keys.sweep(), b"1", nx=True, px=max(for_ms - 100, 1)))

    async def take_rebuild(self, user_id: UserId, for_ms: int) -> bool:
        """False where somebody ordered this person's home timeline less than `for_ms` ago."""
        with lost_as_unavailable():
            return bool(await self._redis.set(keys.rebuild_ordered(user_id), b"1", nx=True, px=for_ms))

    async def end_rebuild(self, user_id: UserId) -> None:
        """The next one may be ordered at once."""
        with lost_as_unavailable():
            await self._redis.delete(keys.rebuild_ordered(user_id))

    async def take_jobs(self, jobs: Sequence[Job], for_ms: int) -> list[bool]:
        """For each job whether it may be issued again; False where somebody did less than `for_ms` ago."""
        taken = [("SET", keys.reissued(pack(job)), b"1", "NX", "PX", for_ms) for job in jobs]
        with lost_as_unavailable():
            return [bool(answer) for answer in await send_all(self._redis, taken)]

    async def new_run(self) -> str | None:
        """The name of this run of Redis, another after each restart; None once it was told to `know_run`."""
        with lost_as_unavailable():
            run = await run_id(self._redis)
            (known,) = await send_all(self._redis, [("GET", keys.swept_run())])
        return None if known == run.encode() else run

    async def know_run(self, run: str) -> None:
        with lost_as_unavailable():
            await self._redis.set(keys.swept_run(), run)
