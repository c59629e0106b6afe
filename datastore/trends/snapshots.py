"""Trends snapshot in Redis, one for all servers, written by the worker that holds the trends lease.

It may be lost: the next one is computed from the tweets. Failure policy: if Redis is not reachable, the last snapshot
that this process has read is served.
"""

from enum import IntEnum

import msgspec
import structlog
from redis.asyncio import Redis

from datastore.redis import trend_keys
from datastore.redis.client import REDIS_FAILURES, send_all
from datastore.redis.scripts import Script

_log = structlog.get_logger()


class TrendRecord(msgspec.Struct, frozen=True, array_like=True):
    """`tweets` and `accounts` count the last 24 hours; `history` has the tweets of each of them, oldest first."""

    tag: str
    name: str
    score: float
    tweets: int
    accounts: int
    history: tuple[int, ...] = ()


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """Trends at Unix milliseconds `at_ms`, highest score first."""

    at_ms: int = 0
    trends: tuple[TrendRecord, ...] = ()


class LeaseState(IntEnum):
    """Reply of lease_take.lua. A worker that has just acquired the lease starts from nothing."""

    HELD_BY_OTHER = 0
    RENEWED = 1
    ACQUIRED = 2


class TrendSnapshotStore:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._take, self._put = Script(redis, "lease_take"), Script(redis, "lease_put")
        self._last = Snapshot()

    async def latest(self) -> Snapshot:
        """An empty snapshot if there is none. Does not raise if Redis is not reachable."""
        try:
            (raw,) = await send_all(self._redis, [("GET", trend_keys.trends())])
        except REDIS_FAILURES as error:
            _log.warning("trends not read, the last ones serve", error=repr(error))
            return self._last
        self._last = Snapshot() if raw is None else _snapshot(raw)
        return self._last

    async def try_acquire_lease(self, token: str, ttl_ms: int) -> LeaseState:
        return LeaseState(await self._take([trend_keys.trends_lease()], token, ttl_ms))

    async def publish(self, token: str, snapshot: Snapshot) -> bool:
        """False if another worker holds the lease."""
        packed = msgspec.msgpack.encode(snapshot)
        return bool(await self._put([trend_keys.trends_lease(), trend_keys.trends()], token, packed))


def _snapshot(raw: bytes) -> Snapshot:
    """Decodes a snapshot; an empty one for bytes that another version of the program wrote."""
    try:
        return msgspec.msgpack.decode(raw, type=Snapshot)
    except msgspec.MsgspecError:
        return Snapshot()
