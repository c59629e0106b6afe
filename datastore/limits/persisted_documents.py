"""Persisted GraphQL documents by the SHA-256 of their text, kept for a day after their last use, the newest 5,000.

Failure policy: without Redis no document is found or stored, so that clients send their documents in full.
"""

import time
from typing import Any

import structlog
from redis.asyncio import Redis

from datastore.redis import keys
from datastore.redis.node.connections import REDIS_FAILURES

MOST_DOCUMENTS = 5_000
"""About 80 MB of the longest documents that are persisted. A client whose document is gone sends it again."""
_TTL_MS = 24 * 3600 * 1000
_log = structlog.get_logger()


class PersistedDocumentStore:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, digest: str) -> str | None:
        try:
            text: Any = await self._redis.getex(keys.document(digest), px=_TTL_MS)
        except REDIS_FAILURES as error:
            _log.warning("persisted documents away", error=repr(error))
            return None
        return None if text is None else str(text, "utf-8")

    async def put(self, digest: str, text: str) -> None:
        try:
            await self._redis.set(keys.document(digest), text, px=_TTL_MS)
            await self._drop_oldest(digest)
        except REDIS_FAILURES as error:
            _log.warning("document not persisted", error=repr(error))

    async def _drop_oldest(self, newest: str) -> None:
        await self._redis.zadd(keys.documents(), {newest: time.time_ns() // 1_000})
        surplus: int = await self._redis.zcard(keys.documents()) - MOST_DOCUMENTS
        if surplus > 0:
            dropped: Any = await self._redis.zpopmin(keys.documents(), surplus)
            for digest, _ in dropped:
                await self._redis.delete(keys.document(str(digest, "utf-8")))
