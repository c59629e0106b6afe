"""Live-follower sets of fan-out-on-read authors: their items are pushed to these followers only.

All others find the items by a query when they read. A reader first joins the sets and then queries MongoDB, so that an
item posted meanwhile is pushed, found, or both. Membership outlasts the mark of having joined.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from redis.asyncio import Redis

from core.ids import UserId, wall_ms
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all

JOINED_MS = 5 * 60 * 1000
_MEMBER_MS = 3 * JOINED_MS


class LiveFollowerStore:
    """`limit`: authors with more followers have a live-follower set."""

    def __init__(self, redis: Redis, limit: int) -> None:
        self._redis, self.limit = redis, limit

    async def is_joined(self, user_id: UserId) -> bool:
        """Whether the reader has lately joined the sets of all fan-out-on-read authors they follow."""
        with failures_as_unavailable():
            return bool(await self._redis.exists(keys.audiences_joined(user_id)))

    async def join(self, user_id: UserId, authors: Collection[UserId]) -> None:
        """Call before the query for items posted so far."""
        until = wall_ms() + _MEMBER_MS
        with failures_as_unavailable():
            await send_all(self._redis, [("ZADD", keys.audience(author), until, user_id) for author in authors])

    async def leave(self, user_id: UserId, authors: Collection[UserId]) -> None:
        """Call when the user is deleted; other members leave by their time."""
        with failures_as_unavailable():
            await send_all(self._redis, [("ZREM", keys.audience(author), user_id) for author in authors])

    async def mark_joined(self, user_id: UserId) -> None:
        """Call after the list contains the result of that query."""
        with failures_as_unavailable():
            await self._redis.set(keys.audiences_joined(user_id), b"1", px=JOINED_MS)

    async def add_all(self, author: UserId, user_ids: Sequence[UserId]) -> None:
        """Seeds a new set with followers, until it shows who is live."""
        until = wall_ms() + _MEMBER_MS
        members = [word for user_id in user_ids for word in (until, user_id)]
        with failures_as_unavailable():
            await send_all(self._redis, [("ZADD", keys.audience(author), *members)])

    async def pages(self, author: UserId, size: int) -> AsyncIterator[list[UserId]]:
        """Pages of the current members; drops expired ones first."""
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
