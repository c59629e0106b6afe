"""Ranking snapshots: a ranking as it was on its first page, so that later pages fit although scores change."""

import secrets
from typing import Any

import msgspec
from redis.asyncio import Redis

from core.ids import UserId
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.users.viewpoint_records import ANONYMOUS

MOST_SNAPSHOTS = 10
"""Most of one user; strangers share theirs."""
MOST_OF_STRANGERS = 1_000
_TTL_MS = 60 * 60 * 1000


class RankedRow(msgspec.Struct, frozen=True, array_like=True):
    """An item with its score terms: name, value and weight of each."""

    item_id: int
    terms: tuple[tuple[str, float, float], ...]


class RankingSnapshotStore:
    """A snapshot is kept for an hour after the first page, unless the user has newer ones, MOST_SNAPSHOTS of them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(list[RankedRow]).decode

    async def insert(self, user_id: UserId, rows: list[RankedRow]) -> int:
        """Returns the number of the snapshot."""
        number, numbers = secrets.randbelow(1 << 62) + 1, keys.ranking_snapshots(user_id)
        most = MOST_OF_STRANGERS if user_id == ANONYMOUS.user_id else MOST_SNAPSHOTS
        with failures_as_unavailable():
            *_, surplus, _ = await send_all(
                self._redis,
                [
                    ("SET", keys.ranking_snapshot(user_id, number), self._encode(rows), "PX", _TTL_MS),
                    ("LPUSH", numbers, number),
                    ("PEXPIRE", numbers, _TTL_MS),
                    ("LRANGE", numbers, most, -1),
                    ("LTRIM", numbers, 0, most - 1),
                ],
            )
            if surplus:
                await self._redis.delete(*[keys.ranking_snapshot(user_id, int(one)) for one in surplus])
        return number

    async def get(self, user_id: UserId, number: int) -> list[RankedRow] | None:
        """None after the snapshot has expired."""
        with failures_as_unavailable():
            raw: Any = await self._redis.get(keys.ranking_snapshot(user_id, number))
        return None if raw is None else self._decode(raw)
