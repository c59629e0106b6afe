"""Lists in memory by their members: to these lists a member's items are pushed.

A list first joins the audiences of all its members and then is built from MongoDB, so that an item posted meanwhile is
pushed, found, or both. Membership outlasts the mark of having joined by more than the list outlasts its last reader,
so a list that is there is in all its audiences.
"""

from collections.abc import Awaitable, Collection, Generator, Iterable
from typing import Any, Final

from redis.asyncio import Redis

from core.ids import ListId, UserId, wall_ms
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.node.commands import Command, raise_first
from datastore.redis.node.pipeline import CommandPipeline, PendingReplies

LIST_MS: Final = 30 * 60 * 1000
"""For so long a list stays in memory after its last reader."""
JOINED_MS: Final = 15 * 60 * 1000
_MEMBER_MS: Final = JOINED_MS + 2 * LIST_MS


class ListAudienceStore:
    """One sorted set for each author: the lists in memory that they are in, by when that ends."""

    def __init__(self, redis: Redis, pipeline: CommandPipeline) -> None:
        self._redis, self._pipeline = redis, pipeline

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

    def lists_with(self, author: UserId, answered: UserId | None = None) -> Awaitable[list[UserId]]:
        """The lists in memory that hold the author, and the person whom they answer; as readers of a timeline.

        Asks at once; await the answer.
        """
        people = [author] if answered is None or answered == author else [author, answered]
        return _ListsOfAll(self._pipeline.submit(_reads(people)))

    async def lists_with_any(self, people: Collection[UserId]) -> set[UserId]:
        """The lists in memory that hold one of these people; as readers of a timeline."""
        with failures_as_unavailable():
            found = raise_first(await self._pipeline.submit(_reads(people)))
        return {UserId(int(one)) for some in found for one in some}


class _ListsOfAll:
    """Lists that stand in all sets that are being read."""

    def __init__(self, replies: PendingReplies) -> None:
        self._replies = replies

    def __await__(self) -> Generator[Any, None, list[UserId]]:
        with failures_as_unavailable():
            first, *others = raise_first((yield from self._replies.__await__()))
        return [UserId(int(one)) for one in frozenset(first).intersection(*others)]


def _reads(people: Iterable[UserId]) -> list[Command]:
    now = wall_ms()
    return [("ZRANGEBYSCORE", keys.list_audience(one), now, "+inf") for one in people]
