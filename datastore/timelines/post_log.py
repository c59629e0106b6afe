"""The log of all posts and edits, in the order in which workers processed them, for consumers of every post.

A capped stream, and a channel that is notified of each entry. A post may be in it twice, after a worker died or Redis
lost writes.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from redis.asyncio import Redis

from core.ids import TweetId
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all

# A few minutes of 1,000 posts per second, 10 MB.
_KEPT = 200_000


class LoggedPost(NamedTuple):
    """`edit_id` is None for a post."""

    entry_id: str
    tweet_id: TweetId
    edit_id: int | None = None

    @property
    def act_id(self) -> int:
        return self.tweet_id if self.edit_id is None else self.edit_id


class PostLog:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @property
    def channel(self) -> str:
        """The channel that is notified of each entry."""
        return keys.log_channel(keys.POSTS)

    async def append(self, tweet_id: TweetId) -> None:
        """Raises UnavailableError, in which case the entry may have been appended."""
        await self._append("id", tweet_id)

    async def append_edit(self, tweet_id: TweetId, edit_id: int) -> None:
        """As `append`, for an edit."""
        await self._append("id", tweet_id, "edit", edit_id)

    async def after(self, entry_id: str, count: int) -> list[LoggedPost]:
        """At most `count` posts after the entry, in order."""
        with failures_as_unavailable():
            found: Any = await self._redis.xrange(keys.log(keys.POSTS), f"({entry_id}", "+", count)
        return [_logged(str(entry, "ascii"), fields) for entry, fields in found]

    async def _append(self, *entry: str | int) -> None:
        log = keys.log(keys.POSTS)
        with failures_as_unavailable():
            await send_all(
                self._redis, [("XADD", log, "MAXLEN", "~", _KEPT, "*", *entry), ("SPUBLISH", self.channel, "")]
            )


def _logged(entry_id: str, fields: Mapping[bytes, bytes]) -> LoggedPost:
    edit_id = int(fields[b"edit"]) if b"edit" in fields else None
    return LoggedPost(entry_id, TweetId(int(fields[b"id"])), edit_id)


def entry_id_at(ms: int) -> str:
    """An id before all entries that Redis appended at or after this time, in Unix milliseconds."""
    return f"{max(ms, 0)}-0"
