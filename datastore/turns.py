"""Whose turn it is among processes that do the same work, and whether Redis is still the process it was."""

from redis.asyncio import Redis

from datastore import keys
from datastore.redis import lost_as_unavailable


class Turns:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def ping(self) -> None:
        with lost_as_unavailable():
            await self._redis.execute_command("PING")

    async def take_sweep(self, for_ms: int) -> bool:
        """False where another sweeper began less than `for_ms` ago."""
        with lost_as_unavailable():
            return bool(await self._redis.set(keys.sweep(), b"1", nx=True, px=max(for_ms - 100, 1)))

    async def redis_run(self) -> str:
        """Another text after each restart of Redis."""
        with lost_as_unavailable():
            info = await self._redis.info("server")
        return str(info["run_id"])
