"""The log of all posts, in the order in which workers processed them, for consumers of every post.

A capped stream, and a channel that is notified of each entry. A post may be in it twice, after a worker died or Redis
lost writes.
"""

from typing import Any, NamedTuple

from redis.asyncio import Redis

from core.ids import TweetId
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all

# A few minutes of 1,000 posts per second, 10 MB.
_KEPT = 200_000


class LoggedPost(NamedTuple):
    entry_id: str
    tweet_id: TweetId


class PostLog:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @property
    def channel(self) -> str:
        """The channel that is notified of each entry."""
        return keys.log_channel(keys.POSTS)

    async def append(self, tweet_id: TweetId) -> None:
        """Raises UnavailableError, in which case the entry may have been appended."""
        log = keys.log(keys.POSTS)
        with failures_as_unavailable():
            await send_all(
                self._redis,
                [("XADD", log, "MAXLEN", "~", _KEPT, "*", "id", tweet_id), ("SPUBLISH", self.channel, "")],
            )

    async def after(self, entry_id: str, count: int) -> list[LoggedPost]:
        """At most `count` posts after the entry, in order."""
        with failures_as_unavailable():
            found: Any = await self._redis.xrange(keys.log(keys.POSTS), f"({entry_id}", "+", count)
        return [LoggedPost(str(entry, "ascii"), TweetId(int(fields[b"id"]))) for entry, fields in found]


def entry_id_at(ms: int) -> str:
    """An id before all entries that Redis appended at or after this time, in Unix milliseconds."""
    return f"{max(ms, 0)}-0"
