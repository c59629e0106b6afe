"""Redis pub/sub as a backend for broadcaster: one subscribed connection for all channels of a process.

From a channel's confirmation on, each message is delivered, or a `Gap` stands where some may be missing, in order,
however often the connection breaks. Failure policy: an outage delays; only `subscribe` and `publish` raise.
"""

import asyncio
import math
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import structlog
from broadcaster import BroadcastBackend, Event
from redis.asyncio import Connection, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionBroken
from redis.exceptions import ResponseError

from datastore.redis import LOST

_HELD_EVENTS = 1_000
_CHANNELS_A_COMMAND = 500

_log = structlog.get_logger()


class GapReason(StrEnum):
    JOINED = "joined"
    RECONNECTED = "reconnected"
    TOO_SLOW = "too slow"


class Gap(Event):
    """Stands in the stream where messages may be missing. Its message is the reason."""

    def __init__(self, channel: str, reason: GapReason) -> None:
        super().__init__(channel, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorbellTimings:
    """A frozen Redis is noticed after `ping_every_seconds` + `answer_seconds` at the latest."""

    ping_every_seconds: float = 2.0
    answer_seconds: float = 2.0
    confirm_seconds: float = 5.0
    first_retry_seconds: float = 0.05
    last_retry_seconds: float = 0.5


class RedisDoorbell(BroadcastBackend):
    """Opens without Redis, and connects as soon as it is there. Messages that are not UTF-8 come with U+FFFD."""

    def __init__(self, url: str, timings: DoorbellTimings | None = None) -> None:
        self._timings = timings or DoorbellTimings()
        self._events = asyncio.Queue[Event](_HELD_EVENTS)
        self._line = _Line(url, self._timings, self._events)
        self._publisher = Redis.from_url(
            url,
            socket_connect_timeout=self._timings.answer_seconds,
            socket_timeout=self._timings.answer_seconds,
            retry=Retry(NoBackoff(), 1, (ConnectionBroken,)),
        )
        self._task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self._task = asyncio.create_task(self._line.run())

    async def disconnect(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            self._line.close()
            task.cancel()
            await asyncio.wait([task])
        await self._publisher.aclose()

    async def publish(self, channel: str, message: Any) -> None:
        """Raises ConnectionError while Redis is away. May deliver twice where a connection broke before the answer."""
        try:
            await self._publisher.publish(channel, message)
        except ResponseError:
            raise
        except LOST as error:
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
        self._line.leave(channel.encode())

    async def next_published(self) -> Event:
        return await self._events.get()

    def _join(self, channel: str) -> "_Channel":
        if self._task is None:
            raise ConnectionError("the doorbell is not connected")
        return self._line.join(channel.encode())


@dataclass(slots=True, eq=False)
class _Channel:
    """One stay of a channel: who leaves and comes again gets another, so that late answers find nobody."""

    name: bytes
    live: asyncio.Event = field(default_factory=asyncio.Event)
    gap: GapReason | None = None  # to be told when Redis confirms


class _Line:
    """One plain connection with its channels, replaced whenever it breaks or falls silent."""

    def __init__(self, url: str, timings: DoorbellTimings, events: asyncio.Queue[Event]) -> None:
        # RESP2, and redis-py's bare connection: its PubSub costs 7 times as much for a message and reconnects by
        # itself, which hides the gap.
        self._pool = ConnectionPool.from_url(url, protocol=2, socket_timeout=None)
        self._timings = timings
        self._events = events
        self._channels: dict[bytes, _Channel] = {}
        self._untold: dict[bytes, None] = {}  # channels that came or went since Redis was told last
        self._asked = deque[_Channel]()  # SUBSCRIBE is answered in the order in which it was sent
        self._news = asyncio.Event()
        self._heard = asyncio.Event()
        self._failures = 0
        self._is_open = False
        self._is_connected = False

    def join(self, name: bytes) -> _Channel:
        if (channel := self._channels.get(name)) is None:
            channel = self._channels[name] = _Channel(name)
            self._tell_soon(name)
        return channel

    def leave(self, name: bytes) -> None:
        if self._channels.pop(name, None) is not None:
            self._tell_soon(name)

    def close(self) -> None:
        """Ends `run`, even where its cancellation meets a connection that breaks at the same moment."""
        self._is_open = False

    async def run(self) -> None:
        self._is_open = True
        while self._is_open:
            try:
                await self._serve()
            except* LOST as lost:
                self._note_loss(lost)
            self._forget_answers()
            await asyncio.sleep(self._delay_seconds())

    async def _serve(self) -> None:
        connection: Connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(self._timings.answer_seconds):
                await connection.connect()  # type: ignore[no-untyped-call]
            self._is_connected = True
            self._untold = dict.fromkeys(self._channels)
            self._news.set()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(connection))
                tasks.create_task(self._tell(connection))
                tasks.create_task(self._ping(connection))
        finally:
            self._is_connected = False
            await connection.disconnect(nowait=True)

    async def _read(self, connection: Connection) -> None:
        while True:
            answer = await connection.read_response(timeout=math.inf, disconnect_on_error=False)
            self._note_answer()
            match answer:
                case [b"message", bytes(name), bytes(data)]:
                    await self._events.put(Event(name.decode(), data.decode(errors="replace")))
                case [b"subscribe", *_]:
                    await self._confirm(self._asked.popleft())

    async def _confirm(self, channel: _Channel) -> None:
        if self._channels.get(channel.name) is not channel:
            return
        channel.live.set()
        if channel.gap is not None:
            gap, channel.gap = Gap(channel.name.decode(), channel.gap), None
            await self._events.put(gap)

    async def _tell(self, connection: Connection) -> None:
        while await self._news.wait():
            self._news.clear()
            names, self._untold = list(self._untold), {}
            for start in range(0, len(names), _CHANNELS_A_COMMAND):
                await self._tell_about(connection, names[start : start + _CHANNELS_A_COMMAND])

    async def _tell_about(self, connection: Connection, names: Sequence[bytes]) -> None:
        """By what holds now, not by what was done: who came, left and came again is subscribed."""
        wanted = [self._channels[name] for name in names if name in self._channels]
        unwanted = [name for name in names if name not in self._channels]
        if unwanted:
            await connection.send_command("UNSUBSCRIBE", *unwanted)
        if wanted:
            self._asked.extend(wanted)
            await connection.send_command("SUBSCRIBE", *[channel.name for channel in wanted])

    async def _ping(self, connection: Connection) -> None:
        while True:
            await asyncio.sleep(self._timings.ping_every_seconds)
            self._heard.clear()
            async with asyncio.timeout(self._timings.answer_seconds):
                await connection.send_command("PING")
                await self._heard.wait()

    def _tell_soon(self, name: bytes) -> None:
        if self._is_connected:
            self._untold[name] = None
            self._news.set()

    def _note_answer(self) -> None:
        self._heard.set()
        if self._failures:
            self._failures = 0
            _log.info("doorbell_back")

    def _note_loss(self, lost: BaseExceptionGroup[Exception]) -> None:
        if not self._failures:
            _log.warning("doorbell_lost", reasons=[f"{type(error).__name__}: {error}" for error in lost.exceptions])
        self._failures += 1

    def _forget_answers(self) -> None:
        self._asked.clear()
        for channel in self._channels.values():
            if channel.live.is_set():
                channel.live.clear()
                channel.gap = GapReason.RECONNECTED

    def _delay_seconds(self) -> float:
        """Doubles up to the cap; spread, so that many processes do not come back at once."""
        cap = self._timings.last_retry_seconds
        doubled = self._timings.first_retry_seconds * 2.0 ** min(self._failures - 1, 16)
        return min(cap, doubled) * random.uniform(0.5, 1)  # noqa: S311
