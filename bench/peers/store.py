"""Reads of the idiomatic peer in Python, through redis-py. Environment: REDIS_URL."""

import json
import os

from redis.asyncio import Redis

redis = Redis.from_url(os.environ["REDIS_URL"], max_connections=64, decode_responses=True)


async def page(viewer: str, first: int, after: str | None) -> tuple[list[str], bool]:
    """Ids of the page, and whether there are more."""
    place = None if after is None else await redis.lpos(f"tl:{viewer}", after)
    start = 0 if place is None else place + 1
    ids = await redis.lrange(f"tl:{viewer}", start, start + first)
    return ids[:first], len(ids) > first


async def rows(kind: str, ids: list[str]) -> list[dict]:
    return [json.loads(row) for row in await redis.mget([f"{kind}:{one}" for one in ids])]


async def liked(viewer: str, ids: list[str]) -> list[bool]:
    return [bool(flag) for flag in await redis.smismember(f"likes:{viewer}", ids)]
