"""Broadcast over pub/sub: delivers each message of a channel to all its subscribers in this process.

Once a subscriber is confirmed, each message reaches it in order, or a `Gap` stands for missing ones. Queues are
bounded.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Self

from broadcaster import Broadcast, Event
from broadcaster._base import Subscriber, Unsubscribed

from datastore.redis.pubsub.backend import Gap, GapReason, RedisPubSubBackend

__all__ = ["Gap", "GapReason", "ResilientBroadcast", "Subscription", "Unsubscribed"]

_QUEUE_LIMIT = 256
_MIN_QUEUE_LIMIT = 2  # for a Gap and the newest event


class Subscription(Subscriber):
    """The events of one subscriber. Iteration ends when the broadcast disconnects."""

    async def get(self) -> Event:
        """The next event, or a Gap. Raises Unsubscribed after the disconnection. Cancellation loses no event."""
        event = await self._queue.get()
        if event is None:
            self._queue.put_nowait(None)
            raise Unsubscribed
        return event

    async def wait(self, seconds: float) -> None:
        """Returns at the next event or after this time, and drops all waiting events. For readers of a log."""
        try:
            async with asyncio.timeout(seconds):
                await self.get()
        except TimeoutError:
            return
        self.skip()

    def skip(self) -> None:
        """Drops all waiting events."""
        while not self._queue.empty():
            if self._queue.get_nowait() is None:
                self._queue.put_nowait(None)
                return

    def __aiter__(self) -> Self:  # type: ignore[override]  # a generator, as in the base class, would outlive a `break`
        return self

    async def __anext__(self) -> Event:
        try:
            return await self.get()
        except Unsubscribed:
            raise StopAsyncIteration from None


class MessageSignal:
    """A callback for `on_message`, and a wait for the next message. It needs much less memory than a queue."""

    __slots__ = ("_is_set", "_waiter")

    def __init__(self) -> None:
        self._is_set = False
        self._waiter: asyncio.Future[None] | None = None

    def __call__(self, _: Event) -> None:
        self._is_set = True
        self._wake()

    async def wait(self, seconds: float) -> None:
        """Returns once a message has come since the last wait, or after this time."""
        if not self._is_set:
            loop = asyncio.get_running_loop()
            self._waiter, timer = loop.create_future(), loop.call_later(seconds, self._wake)
            try:
                await self._waiter
            finally:
                self._waiter = None
                timer.cancel()
        self._is_set = False

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class ResilientBroadcast(Broadcast):
    """At most `limit` events wait for a subscriber. One that is too slow gets a Gap in their place, then the newest."""

    def __init__(self, backend: RedisPubSubBackend, *, limit: int = _QUEUE_LIMIT) -> None:
        if limit < _MIN_QUEUE_LIMIT:
            raise ValueError(f"limit is {limit}, but must be at least {_MIN_QUEUE_LIMIT}")
        super().__init__(backend=backend)
        self._pubsub = backend
        self._limit = limit
        self._callbacks: dict[str, list[Callable[[Event], None]]] = {}

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def disconnect(self) -> None:
        """Ends the iteration of all subscribers, and drops their waiting events."""
        self._listener_task.cancel()
        try:
            await asyncio.wait([self._listener_task])
            await self._pubsub.disconnect()
        finally:
            for queues in self._subscribers.values():
                for queue in queues:
                    _empty(queue)
                    queue.put_nowait(None)

    @asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[Subscription]:
        """Waits until Redis has confirmed. Raises ConnectionError if that takes too long."""
        with self._queue(channel) as queue:
            await self._pubsub.subscribe(channel)
            yield Subscription(queue)

    @contextmanager
    def listen(self, channel: str) -> Iterator[Subscription]:
        """Does not wait, so it works while Redis is away. The first event is a Gap, once Redis has confirmed."""
        with self._queue(channel) as queue:
            if self._pubsub.listen(channel):
                self._push(queue, Gap(channel, GapReason.JOINED))
            yield Subscription(queue)

    @contextmanager
    def on_message(self, channel: str, callback: Callable[[Event], None]) -> Iterator[None]:
        """Like `listen`, but calls back with each event. There is no queue, so the callback must be quick."""
        callbacks = self._callbacks.setdefault(channel, [])
        callbacks.append(callback)
        try:
            if self._pubsub.listen(channel):
                callback(Gap(channel, GapReason.JOINED))
            yield
        finally:
            callbacks.remove(callback)
            if not callbacks:
                del self._callbacks[channel]
                self._leave(channel)

    def call_back(self, channel: str, message: str) -> None:
        """Hands a message of this process to the callbacks of the channel."""
        for callback in tuple(self._callbacks.get(channel, ())):
            callback(Event(channel, message))

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
        if channel not in self._subscribers and channel not in self._callbacks:
            self._pubsub.leave(channel)

    async def _listener(self) -> None:
        while True:
            for event in await self._pubsub.next_batch():
                for callback in tuple(self._callbacks.get(event.channel, ())):
                    callback(event)
                waiting = [self._push(queue, event) for queue in self._subscribers.get(event.channel, ())]
                if waiting and max(waiting) > self._limit // 2:
                    await asyncio.sleep(0)  # lets prompt subscribers read, so that a burst does not overflow them

    def _push(self, queue: asyncio.Queue[Event | None], event: Event) -> int:
        """The number of events that wait in the queue."""
        if queue.full():
            _empty(queue)
            queue.put_nowait(Gap(event.channel, GapReason.TOO_SLOW))
        queue.put_nowait(event)
        return queue.qsize()


def _empty(queue: asyncio.Queue[Event | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
