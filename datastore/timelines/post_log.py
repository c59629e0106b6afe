"""The log of all posts, in the order in which workers got them: for who is to hear of each, whoever wrote it.

A capped stream and a bell that rings with each. A post may stand in it twice, after a worker died or Redis forgot.
"""

from typing import Any, NamedTuple

from redis.asyncio import Redis

from core.ids import TweetId
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all

# Some minutes of a thousand posts a second, 10 MB.
_KEPT = 200_000


class LoggedPost(NamedTuple):
    """`place` is where it stands in the log."""

    place: str
    tweet_id: TweetId


class PostLog:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @property
    def bell(self) -> str:
        """The channel that rings when the log grew."""
        return keys.bell(keys.POSTS)

    async def append(self, tweet_id: TweetId) -> None:
        """Raises UnavailableError, perhaps after it was done."""
        log = keys.log(keys.POSTS)
        with failures_as_unavailable():
            await send_all(
                self._redis,
                [("XADD", log, "MAXLEN", "~", _KEPT, "*", "id", tweet_id), ("SPUBLISH", self.bell, "")],
            )

    async def after(self, place: str, count: int) -> list[LoggedPost]:
        """At most `count` that follow the place, in order."""
        with failures_as_unavailable():
            found: Any = await self._redis.xrange(keys.log(keys.POSTS), f"({place}", "+", count)
        return [LoggedPost(str(entry, "ascii"), TweetId(int(fields[b"id"]))) for entry, fields in found]


def place_at(ms: int) -> str:
    """Before all that Redis logged from this instant on, Unix milliseconds."""
    return f"{max(ms, 0)}-0"
