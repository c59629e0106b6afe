"""Redis pub/sub as a backend for broadcaster: one subscribed connection for all channels of a process; in a cluster one
to each master, for the channels whose slots it serves.

From a channel's confirmation on, each message is delivered, or a `Gap` stands where some may be missing, in order,
however often connections break and slots move. Failure policy: an outage delays; only `subscribe` and `publish` raise.
"""

import asyncio
from collections import deque
from typing import Any

from broadcaster import BroadcastBackend, Event
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AskError, ClusterDownError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError

from core.redis_cluster_url import is_cluster_url, parse_cluster_url
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.node.connections import REDIS_FAILURES
from datastore.redis.pubsub.channels import Channel, DoorbellTimings, Gap, GapReason
from datastore.redis.pubsub.router import ClusterDirectory, Directory, OneServer, Switchboard

__all__ = ["DoorbellTimings", "Gap", "GapReason", "RedisDoorbell"]

# Of what Redis said at one moment.
_HELD_READINGS = 16


class RedisDoorbell(BroadcastBackend):
    """Opens without Redis, and connects as soon as it is there. Messages that are not UTF-8 come with U+FFFD."""

    def __init__(self, url: str, timings: DoorbellTimings | None = None) -> None:
        self._timings = timings or DoorbellTimings()
        self._events = asyncio.Queue[list[Event]](_HELD_READINGS)
        self._begun = deque[Event]()
        directory: Directory
        if is_cluster_url(url):
            cluster = parse_cluster_url(url)
            self._publisher: Redis = ClusterRedis(cluster)
            directory = ClusterDirectory(cluster)
        else:
            self._publisher = _publisher(url, self._timings.answer_seconds)
            directory = OneServer(url)
        self._switchboard = Switchboard(directory, self._timings, self._events)
        self._is_connected = False

    async def connect(self) -> None:
        self._switchboard.open()
        self._is_connected = True

    async def disconnect(self) -> None:
        self._is_connected = False
        await self._switchboard.aclose()
        await self._publisher.aclose()

    async def publish(self, channel: str, message: Any) -> None:
        """Raises ConnectionError while Redis is away. May deliver twice where a connection broke before the answer."""
        try:
            await self._publisher.spublish(channel, message)
        except (AskError, ClusterDownError, TryAgainError) as error:
            raise ConnectionError("the slot is on the move") from error
        except ResponseError:
            raise
        except REDIS_FAILURES as error:
            raise ConnectionError("Redis is away") from error

    async def subscribe(self, channel: str) -> None:
        """Returns once Redis has confirmed, else raises ConnectionError; the channel is kept until `unsubscribe`."""
        state = self._join(channel)
        try:
            async with asyncio.timeout(self._timings.confirm_seconds):
                await state.live.wait()
        except TimeoutError:
            raise ConnectionError(f"Redis does not confirm {channel!r}") from None

    def listen(self, channel: str) -> bool:
        """Waits for nothing. Whether the channel is live already; otherwise a Gap will tell when it is."""
        state = self._join(channel)
        if not state.live.is_set():
            state.gap = GapReason.JOINED
        return state.live.is_set()

    async def unsubscribe(self, channel: str) -> None:
        self.leave(channel)

    def leave(self, channel: str) -> None:
        self._switchboard.leave(channel.encode())

    async def published(self) -> list[Event]:
        """All that came at one moment, in order."""
        return await self._events.get()

    async def next_published(self) -> Event:
        """For who takes one after the other; not beside `published`."""
        while not self._begun:
            self._begun.extend(await self.published())
        return self._begun.popleft()

    def _join(self, channel: str) -> Channel:
        if not self._is_connected:
            raise ConnectionError("the doorbell is not connected")
        return self._switchboard.join(channel.encode())


def _publisher(url: str, answer_seconds: float) -> Redis:
    once_more = Retry(NoBackoff(), 1, (RedisConnectionError,))
    return Redis.from_url(url, socket_connect_timeout=answer_seconds, socket_timeout=answer_seconds, retry=once_more)
