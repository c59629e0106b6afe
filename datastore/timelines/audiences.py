"""Who gets the items of an author with many followers pushed: those of the followers who are live.

All others find the items by a query when they come. Whoever comes first joins the audience and then asks MongoDB, so
that an item posted meanwhile is pushed, found, or both. Being in an audience outlasts the mark of having joined.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from redis.asyncio import Redis

from core.ids import UserId, wall_ms
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all

JOINED_MS = 5 * 60 * 1000
_MEMBER_MS = 3 * JOINED_MS


class AudienceStore:
    """`limit`: authors with more followers have an audience."""

    def __init__(self, redis: Redis, limit: int) -> None:
        self._redis, self.limit = redis, limit

    async def is_joined(self, user_id: UserId) -> bool:
        with failures_as_unavailable():
            return bool(await self._redis.exists(keys.joined(user_id)))

    async def join(self, user_id: UserId, authors: Collection[UserId]) -> None:
        """Before the query for what was posted so far."""
        until = wall_ms() + _MEMBER_MS
        with failures_as_unavailable():
            await send_all(self._redis, [("ZADD", keys.audience(author), until, user_id) for author in authors])

    async def mark_joined(self, user_id: UserId) -> None:
        """After the list holds what that query found."""
        with failures_as_unavailable():
            await self._redis.set(keys.joined(user_id), b"1", px=JOINED_MS)

    async def add_all(self, author: UserId, user_ids: Sequence[UserId]) -> None:
        """For an author who has just got an audience: all followers, until it is known who is live."""
        until = wall_ms() + _MEMBER_MS
        members = [word for user_id in user_ids for word in (until, user_id)]
        with failures_as_unavailable():
            await send_all(self._redis, [("ZADD", keys.audience(author), *members)])

    async def pages(self, author: UserId, size: int) -> AsyncIterator[list[UserId]]:
        """The audience at this moment, by pages; those whose time is over are dropped."""
        key, now = keys.audience(author), wall_ms()
        with failures_as_unavailable():
            await self._redis.zremrangebyscore(key, "-inf", now)
        cursor = 0
        while True:
            with failures_as_unavailable():
                found: Any = await self._redis.zscan(key, cursor, count=size)
            cursor, members = int(found[0]), [UserId(int(entry[0])) for entry in found[1]]
            if members:
                yield members
            if cursor == 0:
                return
