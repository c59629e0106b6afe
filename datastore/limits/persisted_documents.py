"""Persisted GraphQL documents by the SHA-256 of their text, kept for a day after their last use.

Failure policy: without Redis no document is found or stored, so that clients send their documents in full.
"""

from typing import Any

import structlog
from redis.asyncio import Redis

from datastore.redis import keys
from datastore.redis.node.connections import REDIS_FAILURES

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
        except REDIS_FAILURES as error:
            _log.warning("document not persisted", error=repr(error))
