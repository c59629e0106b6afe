"""Rankings as somebody was shown them, so that the pages of one reading fit together though scores move."""

import secrets
from typing import Any

import msgspec
from redis.asyncio import Redis

from core.ids import UserId
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable

_TTL_MS = 60 * 60 * 1000


class RankedRow(msgspec.Struct, frozen=True, array_like=True):
    """`terms` are name, value and weight."""

    item_id: int
    terms: tuple[tuple[str, float, float], ...]


class ReadingStore:
    """Kept for an hour from the first page on."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(list[RankedRow]).decode

    async def insert(self, user_id: UserId, rows: list[RankedRow]) -> int:
        """The reading's number."""
        number = secrets.randbelow(1 << 62) + 1
        with failures_as_unavailable():
            await self._redis.set(keys.reading(user_id, number), self._encode(rows), px=_TTL_MS)
        return number

    async def get(self, user_id: UserId, number: int) -> list[RankedRow] | None:
        """None once it is no longer kept."""
        with failures_as_unavailable():
            raw: Any = await self._redis.get(keys.reading(user_id, number))
        return None if raw is None else self._decode(raw)
