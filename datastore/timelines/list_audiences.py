"""Lists in memory by their members: to these lists a member's items are pushed.

A list first joins the audiences of all its members and then is built from MongoDB, so that an item posted meanwhile is
pushed, found, or both. Membership outlasts the mark of having joined by more than the list outlasts its last reader,
so a list that is there is in all its audiences.
"""

from collections.abc import Collection
from typing import Any, Final

from redis.asyncio import Redis

from core.ids import ListId, UserId, wall_ms
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all

LIST_MS: Final = 30 * 60 * 1000
"""For so long a list stays in memory after its last reader."""
JOINED_MS: Final = 15 * 60 * 1000
_MEMBER_MS: Final = JOINED_MS + 2 * LIST_MS


class ListAudienceStore:
    """One sorted set for each author: the lists in memory that they are in, by when that ends."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def join(self, list_id: ListId, members: Collection[UserId]) -> None:
        """Call before the query for items posted so far."""
        until, commands = wall_ms() + _MEMBER_MS, list[tuple[Any, ...]]()
        for member in members:
            key = keys.list_audience(member)
            commands += [("ZADD", key, until, list_id), ("PEXPIRE", key, _MEMBER_MS)]
        with failures_as_unavailable():
            await send_all(self._redis, commands)

    async def mark_joined(self, list_id: ListId) -> None:
        """Call after the list contains the result of that query."""
        with failures_as_unavailable():
            await self._redis.set(keys.audiences_joined(UserId(list_id)), b"1", px=JOINED_MS)

    async def forget(self, user_id: UserId) -> None:
        """Call once the user is in no list."""
        with failures_as_unavailable():
            await self._redis.delete(keys.list_audience(user_id))

    async def lists_with(self, author: UserId, answered: UserId | None = None) -> list[UserId]:
        """The lists in memory that hold the author, and the person whom they answer; as readers of a timeline."""
        authors, now = [author] if answered is None else [author, answered], wall_ms()
        with failures_as_unavailable():
            found: Any = await send_all(
                self._redis, [("ZRANGEBYSCORE", keys.list_audience(one), now, "+inf") for one in authors]
            )
        first, *others = [list(map(int, members)) for members in found]
        return [UserId(one) for one in first if all(one in other for other in others)]
