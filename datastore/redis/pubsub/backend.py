"""Redis sharded pub/sub as a backend for broadcaster: one subscribed connection per process for all channels; in a
cluster one to each master, for the channels whose slots it serves.

After a channel is confirmed, each message is delivered in order, or a `Gap` stands where some may be missing, however
often connections break and slots move. Failure policy: an outage delays; only `subscribe` and `publish` raise.
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

from core.network.redis_cluster_url import is_cluster_url, parse_cluster_url
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.node.connections import REDIS_FAILURES
from datastore.redis.pubsub.channels import Channel, Gap, GapReason, PubSubTimings
from datastore.redis.pubsub.router import ClusterDirectory, ShardDirectory, ShardRouter, SingleNodeDirectory

__all__ = ["Gap", "GapReason", "PubSubTimings", "RedisPubSubBackend"]

_MAX_WAITING_BATCHES = 16


class RedisPubSubBackend(BroadcastBackend):
    """Opens without Redis, and connects once it is there. Bytes that are not UTF-8 are replaced by U+FFFD."""

    def __init__(self, url: str, timings: PubSubTimings | None = None) -> None:
        self._timings = timings or PubSubTimings()
        self._batches = asyncio.Queue[list[Event]](_MAX_WAITING_BATCHES)
        self._current_batch = deque[Event]()
        directory: ShardDirectory
        if is_cluster_url(url):
            cluster = parse_cluster_url(url)
            self._publisher: Redis = ClusterRedis(cluster)
            directory = ClusterDirectory(cluster)
        else:
            self._publisher = _publisher(url, self._timings.answer_seconds)
            directory = SingleNodeDirectory(url)
        self._router = ShardRouter(directory, self._timings, self._batches)
        self._is_connected = False

    async def connect(self) -> None:
        self._router.open()
        self._is_connected = True

    async def disconnect(self) -> None:
        self._is_connected = False
        await self._router.aclose()
        await self._publisher.aclose()

    async def publish(self, channel: str, message: Any) -> None:
        """Raises ConnectionError while Redis is away. May deliver twice if a connection broke before the reply."""
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
                await state.confirmed.wait()
        except TimeoutError:
            raise ConnectionError(f"Redis does not confirm {channel!r}") from None

    def listen(self, channel: str) -> bool:
        """Subscribes without waiting. True if the channel is confirmed already; otherwise a Gap follows once it is."""
        state = self._join(channel)
        if not state.confirmed.is_set():
            state.pending_gap = GapReason.JOINED
        return state.confirmed.is_set()

    async def unsubscribe(self, channel: str) -> None:
        self.leave(channel)

    def leave(self, channel: str) -> None:
        self._router.leave(channel.encode())

    async def next_batch(self) -> list[Event]:
        """The events that arrived together, in order. Waits until there is one."""
        return await self._batches.get()

    async def next_published(self) -> Event:
        """One event at a time, as broadcaster wants it. Must not be mixed with `next_batch`."""
        while not self._current_batch:
            self._current_batch.extend(await self.next_batch())
        return self._current_batch.popleft()

    def _join(self, channel: str) -> Channel:
        if not self._is_connected:
            raise ConnectionError("the pub/sub backend is not connected")
        return self._router.join(channel.encode())


def _publisher(url: str, answer_seconds: float) -> Redis:
    retry_once = Retry(NoBackoff(), 1, (RedisConnectionError,))
    return Redis.from_url(url, socket_connect_timeout=answer_seconds, socket_timeout=answer_seconds, retry=retry_once)
