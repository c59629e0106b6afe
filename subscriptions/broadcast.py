"""Broadcast over the doorbell: hands each message of a channel to all its subscribers in this process.

From the moment at which a subscriber is served, each message reaches it, or a `Gap` does, in order; no queue grows past
its limit.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Self

from broadcaster import Broadcast, Event
from broadcaster._base import Subscriber, Unsubscribed

from datastore.redis.pubsub.backend import Gap, GapReason, RedisDoorbell

__all__ = ["Gap", "GapReason", "ResilientBroadcast", "Subscription", "Unsubscribed"]

_LIMIT = 256
_LEAST_LIMIT = 2  # a Gap and the newest


class Subscription(Subscriber):
    """The events of one subscriber; its loop ends when the broadcast disconnects."""

    async def get(self) -> Event:
        """The next event, a Gap too. Raises Unsubscribed from the disconnection on. May be cancelled without loss."""
        event = await self._queue.get()
        if event is None:
            self._queue.put_nowait(None)
            raise Unsubscribed
        return event

    async def wait(self, seconds: float) -> None:
        """Returns when anything comes, or after so long; what came is forgotten. For who reads a log at every ring."""
        try:
            async with asyncio.timeout(seconds):
                await self.get()
        except TimeoutError:
            return
        self.skip()

    def skip(self) -> None:
        """Forgets what waits."""
        while not self._queue.empty():
            if self._queue.get_nowait() is None:
                self._queue.put_nowait(None)
                return

    def __aiter__(self) -> Self:  # type: ignore[override]  # the original's generator would outlive a `break`
        return self

    async def __anext__(self) -> Event:
        try:
            return await self.get()
        except Unsubscribed:
            raise StopAsyncIteration from None


class Ring:
    """A hearer for who waits for whatever comes; it costs a socket much less than a queue does."""

    __slots__ = ("_has_rung", "_waiter")

    def __init__(self) -> None:
        self._has_rung = False
        self._waiter: asyncio.Future[None] | None = None

    def __call__(self, _: Event) -> None:
        self._has_rung = True
        self._wake()

    async def wait(self, seconds: float) -> None:
        """Returns when it has rung since the last time, or after so long."""
        if not self._has_rung:
            loop = asyncio.get_running_loop()
            self._waiter, timer = loop.create_future(), loop.call_later(seconds, self._wake)
            try:
                await self._waiter
            finally:
                self._waiter = None
                timer.cancel()
        self._has_rung = False

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class ResilientBroadcast(Broadcast):
    """At most `limit` events wait for a subscriber; who is too slow gets a Gap in their place, then the newest."""

    def __init__(self, backend: RedisDoorbell, *, limit: int = _LIMIT) -> None:
        if limit < _LEAST_LIMIT:
            raise ValueError(f"limit is {limit}, but must be at least {_LEAST_LIMIT}")
        super().__init__(backend=backend)
        self._doorbell = backend
        self._limit = limit
        self._hearers: dict[str, list[Callable[[Event], None]]] = {}

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def disconnect(self) -> None:
        """Ends the loops of all subscribers; what they have not read is dropped."""
        self._listener_task.cancel()
        try:
            await asyncio.wait([self._listener_task])
            await self._doorbell.disconnect()
        finally:
            for queues in self._subscribers.values():
                for queue in queues:
                    _empty(queue)
                    queue.put_nowait(None)

    @asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[Subscription]:
        """Serves once Redis has confirmed; raises ConnectionError where it does not in time."""
        with self._queue(channel) as queue:
            await self._doorbell.subscribe(channel)
            yield Subscription(queue)

    @contextmanager
    def listen(self, channel: str) -> Iterator[Subscription]:
        """Serves at once, also while Redis is away: the first event is a Gap, as soon as Redis has confirmed."""
        with self._queue(channel) as queue:
            if self._doorbell.listen(channel):
                self._push(queue, Gap(channel, GapReason.JOINED))
            yield Subscription(queue)

    @contextmanager
    def hear(self, channel: str, hearer: Callable[[Event], None]) -> Iterator[None]:
        """As `listen`, but hands each event to the hearer as it comes: without a queue, so it must be quick."""
        hearers = self._hearers.setdefault(channel, [])
        hearers.append(hearer)
        try:
            if self._doorbell.listen(channel):
                hearer(Gap(channel, GapReason.JOINED))
            yield
        finally:
            hearers.remove(hearer)
            if not hearers:
                del self._hearers[channel]
                self._leave(channel)

    @contextmanager
    def _queue(self, channel: str) -> Iterator[asyncio.Queue[Event | None]]:
        queue = asyncio.Queue[Event | None](self._limit)
        queues = self._subscribers.setdefault(channel, set())
        queues.add(queue)
        try:
            yield queue
        finally:
            queues.discard(queue)
            if not queues:
                del self._subscribers[channel]
                self._leave(channel)

    def _leave(self, channel: str) -> None:
        if channel not in self._subscribers and channel not in self._hearers:
            self._doorbell.leave(channel)

    async def _listener(self) -> None:
        while True:
            for event in await self._doorbell.published():
                for hearer in tuple(self._hearers.get(event.channel, ())):
                    hearer(event)
                waiting = [self._push(queue, event) for queue in self._subscribers.get(event.channel, ())]
                if waiting and max(waiting) > self._limit // 2:
                    await asyncio.sleep(0)  # so that who is prompt is not taken for slow in a burst

    def _push(self, queue: asyncio.Queue[Event | None], event: Event) -> int:
        """How many events wait now."""
        if queue.full():
            _empty(queue)
            queue.put_nowait(Gap(event.channel, GapReason.TOO_SLOW))
        queue.put_nowait(event)
        return queue.qsize()


def _empty(queue: asyncio.Queue[Event | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
