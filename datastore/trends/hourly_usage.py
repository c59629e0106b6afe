"""Hourly usage: for each hour roughly how many accounts used which hashtags, in Redis.

Written by the worker that holds the trends lease. All of it may be lost: it is counted again from the tweets.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from redis.asyncio import Redis

from core.trends.scoring import HOUR_MS
from datastore.redis import trend_keys
from datastore.redis.client import failures_as_unavailable, send_all

PAST_HOURS: Final = 24
"""Hours before the current one that are kept."""
MAX_TAGS: Final = 5_000
"""Hashtags kept for each hour: those used by the most accounts."""
_TTL_MS: Final = (PAST_HOURS + 2) * HOUR_MS


class HourlyUsageStore:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def known_hours(self, hours: Sequence[int]) -> set[int]:
        """The subset of hours that are stored."""
        with failures_as_unavailable():
            answers = await send_all(self._redis, [("EXISTS", trend_keys.trends_hour(hour)) for hour in hours])
        return {hour for hour, is_there in zip(hours, answers, strict=True) if is_there}

    async def record_hour(self, hour: int, accounts: Mapping[str, float]) -> None:
        """Sets the number of accounts for these hashtags of the hour; keeps the 5,000 most used ones."""
        if not accounts:
            return
        key = trend_keys.trends_hour(hour)
        scores = [word for tag, number in accounts.items() for word in (number, tag)]
        commands = [
            ("ZADD", key, *scores),
            ("ZREMRANGEBYRANK", key, 0, -1 - MAX_TAGS),
            ("PEXPIRE", key, _TTL_MS),
        ]
        with failures_as_unavailable():
            await send_all(self._redis, commands)

    async def most_used(self, hours: Mapping[int, int]) -> list[str]:
        """Most used hashtags of each hour; `hours` maps an hour to the number wanted. Without duplicates."""
        asked = [("ZREVRANGE", trend_keys.trends_hour(hour), 0, count - 1) for hour, count in hours.items()]
        with failures_as_unavailable():
            answers = await send_all(self._redis, asked)
        return list(dict.fromkeys(tag.decode() for tags in answers for tag in tags))

    async def by_hour(self, tags: Sequence[str], hours: Sequence[int]) -> dict[str, list[float]]:
        """For each hashtag the number of accounts in each of the hours, in order."""
        if not tags:
            return {}
        with failures_as_unavailable():
            rows = await send_all(self._redis, [("ZMSCORE", trend_keys.trends_hour(hour), *tags) for hour in hours])
        return {tag: [float(row[place] or 0) for row in rows] for place, tag in enumerate(tags)}
