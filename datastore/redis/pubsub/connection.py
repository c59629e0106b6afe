"""One connection of the doorbell, to one server: subscribes channels, hands on what comes, replaces itself."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import structlog
from broadcaster import Event
from redis.exceptions import RedisError, ResponseError

from datastore.redis.node.connections import REDIS_FAILURES
from datastore.redis.pubsub.channels import Channel, DoorbellTimings, Gap
from datastore.redis.pubsub.push_reader import Earshot, earshot_of

_CHANNELS_A_COMMAND = 500

_log = structlog.get_logger()


@dataclass(slots=True)
class _Sent:
    """A command that Redis has not answered, with a line for each channel, or with one error for all of them."""

    is_joining: bool
    channels: deque[Channel]

    @property
    def words(self) -> list[str | bytes]:
        return ["SSUBSCRIBE" if self.is_joining else "SUNSUBSCRIBE", *[channel.name for channel in self.channels]]


class BellLine:
    """One plain connection with its channels, replaced whenever it breaks or falls silent.

    `stray` is called when channels may be served elsewhere: they were taken away or refused, or the server is lost.
    """

    def __init__(
        self, url: str, timings: DoorbellTimings, events: asyncio.Queue[list[Event]], stray: Callable[[], None]
    ) -> None:
        self._pool = earshot_of(url)
        self._timings, self._events, self._stray = timings, events, stray
        self._channels: dict[bytes, Channel] = {}
        self._untold: dict[bytes, int] = {}  # slots of channels that came or went since Redis was told last
        self._refused: set[bytes] = set()
        self._sent = deque[_Sent]()
        self._news = asyncio.Event()
        self._heard = asyncio.Event()
        self._failures = 0
        self._is_open = False
        self._running: asyncio.Task[None] | None = None
        self.is_connected = False

    @property
    def is_idle(self) -> bool:
        return not self._channels

    def join(self, channel: Channel) -> None:
        self._channels[channel.name] = channel
        self._tell_soon(channel)

    def leave(self, name: bytes) -> None:
        if (channel := self._channels.pop(name, None)) is not None:
            self._tell_soon(channel)

    def ask_again(self) -> None:
        """For channels that were refused here and are at home here nevertheless."""
        refused, self._refused = self._refused, set()
        for name in refused & self._channels.keys():
            self._tell_soon(self._channels[name])

    def close(self) -> None:
        """Ends `run`, even where its cancellation meets a connection that breaks at the same moment."""
        self._is_open = False
        if self._running is not None:
            self._running.cancel()

    async def run(self) -> None:
        self._is_open, self._running = True, asyncio.current_task()
        while self._is_open:
            try:
                await self._serve()
            except* REDIS_FAILURES as lost:
                self._note_loss(lost)
            self._forget_answers()
            self._stray()
            await asyncio.sleep(self._delay_seconds())

    async def _serve(self) -> None:
        connection: Earshot = self._pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(self._timings.answer_seconds):
                await connection.connect()  # type: ignore[no-untyped-call]
            self.is_connected = True
            self._untold = {channel.name: channel.slot for channel in self._channels.values()}
            self._news.set()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(connection))
                tasks.create_task(self._tell(connection))
                tasks.create_task(self._ping(connection))
        finally:
            self.is_connected = False
            await connection.disconnect(nowait=True)

    async def _read(self, connection: Earshot) -> None:
        while True:
            answers = await connection.answers()
            self._note_answer()
            events = [event for answer in answers if (event := self._event_of(answer)) is not None]
            if events:
                await self._events.put(events)

    def _event_of(self, answer: object) -> Event | None:
        """What subscribers are told of it."""
        if type(answer) is list and answer[0] == b"smessage":  # by far the most
            _, name, data = answer
            return Event(name.decode(), data.decode(errors="replace"))
        match answer:
            case [b"ssubscribe", *_]:
                return self._confirm(self._answered())
            case [b"sunsubscribe", bytes(name), *_]:
                self._note_end(name)
            case ResponseError():
                self._note_refusal(answer)
            case RedisError():
                raise answer
        return None

    def _answered(self) -> Channel:
        sent = self._sent[0]
        channel = sent.channels.popleft()
        if not sent.channels:
            self._sent.popleft()
        return channel

    def _confirm(self, channel: Channel) -> Gap | None:
        if self._channels.get(channel.name) is not channel:
            return None
        channel.live.set()
        if channel.gap is None:
            return None
        gap, channel.gap = Gap(channel.name.decode(), channel.gap), None
        return gap

    def _note_end(self, name: bytes) -> None:
        """As it was asked for, or because the slot of the channel is served elsewhere by now."""
        sent = self._sent[0] if self._sent else None
        if sent is not None and not sent.is_joining and sent.channels[0].name == name:
            self._answered()
        elif (channel := self._channels.get(name)) is not None:
            self._refuse([channel])

    def _note_refusal(self, error: ResponseError) -> None:
        """A slot that is served elsewhere; anything else is a Redis that can't serve us."""
        if not self._sent or error.status_code not in ("MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN"):
            raise error
        sent = self._sent.popleft()
        if sent.is_joining:
            self._refuse([channel for channel in sent.channels if self._channels.get(channel.name) is channel])

    def _refuse(self, channels: Sequence[Channel]) -> None:
        for channel in channels:
            channel.interrupt()
            self._refused.add(channel.name)
        self._stray()

    async def _tell(self, connection: Earshot) -> None:
        while await self._news.wait():
            self._news.clear()
            slots, self._untold = self._untold, {}
            await self._tell_about(connection, slots)

    async def _tell_about(self, connection: Earshot, slots: Mapping[bytes, int]) -> None:
        """By what holds now, not by what was done: who came, left and came again is subscribed."""
        unwanted = [Channel(name, slot) for name, slot in slots.items() if name not in self._channels]
        wanted = [self._channels[name] for name in slots if name in self._channels]
        told = [_Sent(is_joining=False, channels=deque(channels)) for channels in _by_slot(unwanted)]
        told += [_Sent(is_joining=True, channels=deque(channels)) for channels in _by_slot(wanted)]
        self._sent.extend(told)
        await connection.send_packed_command(connection.pack_commands([sent.words for sent in told]))

    async def _ping(self, connection: Earshot) -> None:
        while True:
            await asyncio.sleep(self._timings.ping_every_seconds)
            self._heard.clear()
            async with asyncio.timeout(self._timings.answer_seconds):
                await connection.send_command("PING")
                await self._heard.wait()

    def _tell_soon(self, channel: Channel) -> None:
        if self.is_connected:
            self._untold[channel.name] = channel.slot
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
        self._sent.clear()
        self._refused.clear()
        for channel in self._channels.values():
            channel.interrupt()

    def _delay_seconds(self) -> float:
        """Doubles up to the cap; spread, so that many processes do not come back at once."""
        cap = self._timings.last_retry_seconds
        doubled = self._timings.first_retry_seconds * 2.0 ** min(self._failures - 1, 16)
        return min(cap, doubled) * random.uniform(0.5, 1)  # noqa: S311


def _by_slot(channels: Sequence[Channel]) -> Iterator[list[Channel]]:
    """Those of one command: a cluster takes no other slots in it."""
    for _, group in groupby(sorted(channels, key=lambda channel: channel.slot), lambda channel: channel.slot):
        yield from _batched(list(group), _CHANNELS_A_COMMAND)


def _batched(channels: list[Channel], size: int) -> Iterator[list[Channel]]:
    for start in range(0, len(channels), size):
        yield channels[start : start + size]
