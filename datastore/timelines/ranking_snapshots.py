"""Ranking snapshots: a ranking as it was on its first page, so that later pages fit although scores change."""

import secrets
from typing import Any

import msgspec
from redis.asyncio import Redis

from core.ids import UserId
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable

_TTL_MS = 60 * 60 * 1000


class RankedRow(msgspec.Struct, frozen=True, array_like=True):
    """An item with its score terms: name, value and weight of each."""

    item_id: int
    terms: tuple[tuple[str, float, float], ...]


class RankingSnapshotStore:
    """A snapshot is kept for an hour after the first page."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(list[RankedRow]).decode

    async def insert(self, user_id: UserId, rows: list[RankedRow]) -> int:
        """Returns the number of the snapshot."""
        number = secrets.randbelow(1 << 62) + 1
        with failures_as_unavailable():
            await self._redis.set(keys.ranking_snapshot(user_id, number), self._encode(rows), px=_TTL_MS)
        return number

    async def get(self, user_id: UserId, number: int) -> list[RankedRow] | None:
        """None after the snapshot has expired."""
        with failures_as_unavailable():
            raw: Any = await self._redis.get(keys.ranking_snapshot(user_id, number))
        return None if raw is None else self._decode(raw)
