"""What trends, in Redis: one snapshot for all servers, and for each hour roughly how many accounts used which hashtags.

Whoever holds the lease writes both. All of it may be lost: it is told again from the tweets. Failure policy: a snapshot
that can't be read is the last one that this process has read.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Final

import msgspec
import structlog
from redis.asyncio import Redis

from core.trends.scoring import HOUR_MS
from datastore.redis import keys
from datastore.redis.client import REDIS_FAILURES, failures_as_unavailable, send_all
from datastore.redis.scripts import Script

HOURS: Final = 24
"""Hours before the one under way of which hashtags are known."""
MOST_TAGS: Final = 5_000
"""Hashtags kept of one hour: those of the most accounts."""
MOST_USES: Final = 5_000
"""Uses of one hashtag that are looked at, the newest ones."""
_HOUR_TTL_MS: Final = (HOURS + 2) * HOUR_MS
_log = structlog.get_logger()


class TrendRecord(msgspec.Struct, frozen=True, array_like=True):
    """`tweets` and `accounts` are of the last 24 hours, `history` has the tweets of each of them, oldest first."""

    tag: str
    name: str
    score: float
    tweets: int
    accounts: int
    history: tuple[int, ...] = ()


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """What trended at this instant, Unix milliseconds, the highest score first."""

    at_ms: int = 0
    trends: tuple[TrendRecord, ...] = ()


class Lease(IntEnum):
    """Whose it is, as lease_take.lua says it. Who has just taken it knows nothing yet."""

    OTHERS = 0
    KEPT = 1
    TAKEN = 2


class TrendStore:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._take, self._put = Script(redis, "lease_take"), Script(redis, "lease_put")
        self._last = Snapshot()

    async def latest(self) -> Snapshot:
        """Without one an empty one. Raises nothing where Redis is away."""
        try:
            (raw,) = await send_all(self._redis, [("GET", keys.trends())])
        except REDIS_FAILURES as error:
            _log.warning("trends not read, the last ones serve", error=repr(error))
            return self._last
        self._last = Snapshot() if raw is None else _snapshot(raw)
        return self._last

    async def take_lease(self, token: str, for_ms: int) -> Lease:
        return Lease(await self._take([keys.trends_lease()], token, for_ms))

    async def publish(self, token: str, snapshot: Snapshot) -> bool:
        """False where another holds the lease by now."""
        packed = msgspec.msgpack.encode(snapshot)
        return bool(await self._put([keys.trends_lease(), keys.trends()], token, packed))

    async def hours_known(self, hours: Sequence[int]) -> set[int]:
        """Those of the hours of which hashtags are kept."""
        with failures_as_unavailable():
            answers = await send_all(self._redis, [("EXISTS", keys.trends_hour(hour)) for hour in hours])
        return {hour for hour, is_there in zip(hours, answers, strict=True) if is_there}

    async def note_hour(self, hour: int, accounts: Mapping[str, float]) -> None:
        """Sets how many accounts used these hashtags within the hour; the most used ones are kept."""
        if not accounts:
            return
        key = keys.trends_hour(hour)
        scores = [word for tag, number in accounts.items() for word in (number, tag)]
        noted = [
            ("ZADD", key, *scores),
            ("ZREMRANGEBYRANK", key, 0, -1 - MOST_TAGS),
            ("PEXPIRE", key, _HOUR_TTL_MS),
        ]
        with failures_as_unavailable():
            await send_all(self._redis, noted)

    async def most_used(self, hours: Mapping[int, int]) -> list[str]:
        """Of each hour so many hashtags, those of the most accounts; each once."""
        asked = [("ZREVRANGE", keys.trends_hour(hour), 0, count - 1) for hour, count in hours.items()]
        with failures_as_unavailable():
            answers = await send_all(self._redis, asked)
        return list(dict.fromkeys(tag.decode() for tags in answers for tag in tags))

    async def by_hour(self, tags: Sequence[str], hours: Sequence[int]) -> dict[str, list[float]]:
        """For each hashtag how many accounts used it in each of the hours."""
        if not tags:
            return {}
        with failures_as_unavailable():
            rows = await send_all(self._redis, [("ZMSCORE", keys.trends_hour(hour), *tags) for hour in hours])
        return {tag: [float(row[place] or 0) for row in rows] for place, tag in enumerate(tags)}


def _snapshot(raw: bytes) -> Snapshot:
    """An empty one in place of what another version of the program left."""
    try:
        return msgspec.msgpack.decode(raw, type=Snapshot)
    except msgspec.MsgspecError:
        return Snapshot()
