"""One pub/sub connection to one server: subscribes channels, delivers their messages, and reconnects by itself."""

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
from datastore.redis.pubsub.channels import Channel, Gap, PubSubTimings
from datastore.redis.pubsub.push_reader import PushConnection, push_connection_pool

_CHANNELS_PER_COMMAND = 500
_SERVED_ELSEWHERE = ("MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN")

_log = structlog.get_logger()


@dataclass(slots=True)
class _PendingCommand:
    """Redis answers it with one line for each channel, or with one error for all of them."""

    is_subscribe: bool
    channels: deque[Channel]

    @property
    def words(self) -> list[str | bytes]:
        return ["SSUBSCRIBE" if self.is_subscribe else "SUNSUBSCRIBE", *[channel.name for channel in self.channels]]


class PubSubConnection:
    """A connection with its channels, replaced whenever it breaks or falls silent.

    `on_misrouted` is called when channels may be served elsewhere: Redis refused or ended them, or the server is lost.
    """

    def __init__(
        self, url: str, timings: PubSubTimings, events: asyncio.Queue[list[Event]], on_misrouted: Callable[[], None]
    ) -> None:
        self._pool = push_connection_pool(url)
        self._timings, self._events, self._on_misrouted = timings, events, on_misrouted
        self._channels: dict[bytes, Channel] = {}
        self._unsent: dict[bytes, int] = {}  # slots of channels that were added or removed since the last command
        self._refused: set[bytes] = set()
        self._pending = deque[_PendingCommand]()
        self._has_unsent = asyncio.Event()
        self._has_answered = asyncio.Event()
        self._failures = 0
        self._is_open = False
        self._running: asyncio.Task[None] | None = None
        self.is_connected = False

    @property
    def is_idle(self) -> bool:
        return not self._channels

    def add(self, channel: Channel) -> None:
        self._channels[channel.name] = channel
        self._send_soon(channel)

    def remove(self, name: bytes) -> None:
        if (channel := self._channels.pop(name, None)) is not None:
            self._send_soon(channel)

    def retry_refused(self) -> None:
        """For channels that Redis refused although this server serves them: nodes may learn of a moved slot late."""
        refused, self._refused = self._refused, set()
        for name in refused & self._channels.keys():
            self._send_soon(self._channels[name])

    def close(self) -> None:
        """Ends `run`, even if its cancellation coincides with a connection that breaks."""
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
            except* Exception:  # noqa: BLE001 - otherwise this process would receive nothing any more
                _log.exception("pubsub failed, will connect again")
                self._failures += 1
            self._interrupt_channels()
            self._on_misrouted()
            await asyncio.sleep(self._retry_seconds())

    async def _serve(self) -> None:
        connection: PushConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(self._timings.answer_seconds):
                await connection.connect()
            self.is_connected = True
            self._unsent = {channel.name: channel.slot for channel in self._channels.values()}
            self._has_unsent.set()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(connection))
                tasks.create_task(self._send_changes(connection))
                tasks.create_task(self._ping(connection))
        finally:
            self.is_connected = False
            await connection.disconnect(nowait=True)

    async def _read(self, connection: PushConnection) -> None:
        while True:
            replies = await connection.read_replies()
            self._note_reply()
            events = [event for reply in replies if (event := self._event_of(reply)) is not None]
            if events:
                await self._events.put(events)

    def _event_of(self, reply: object) -> Event | None:
        """The event for subscribers, if the reply is one."""
        if type(reply) is list and reply[0] == b"smessage":  # by far the most frequent
            _, name, data = reply
            return Event(name.decode(), data.decode(errors="replace"))
        match reply:
            case [b"ssubscribe", *_]:
                return self._confirm(self._next_answered())
            case [b"sunsubscribe", bytes(name), *_]:
                self._on_unsubscribed(name)
            case ResponseError():
                self._on_refused(reply)
            case RedisError():
                raise reply
        return None

    def _next_answered(self) -> Channel:
        """The channel that Redis answers now: answers come in the order of commands and of their channels."""
        command = self._pending[0]
        channel = command.channels.popleft()
        if not command.channels:
            self._pending.popleft()
        return channel

    def _confirm(self, channel: Channel) -> Gap | None:
        if self._channels.get(channel.name) is not channel:
            return None
        channel.confirmed.set()
        if channel.pending_gap is None:
            return None
        gap, channel.pending_gap = Gap(channel.name.decode(), channel.pending_gap), None
        return gap

    def _on_unsubscribed(self, name: bytes) -> None:
        """Either as requested, or because the slot of the channel has moved to another server."""
        command = self._pending[0] if self._pending else None
        if command is not None and not command.is_subscribe and command.channels[0].name == name:
            self._next_answered()
        elif (channel := self._channels.get(name)) is not None:
            self._refuse([channel])

    def _on_refused(self, error: ResponseError) -> None:
        """The slot is served elsewhere. Any other error means that this Redis can't serve us, and is raised."""
        if not self._pending or error.status_code not in _SERVED_ELSEWHERE:
            raise error
        command = self._pending.popleft()
        if command.is_subscribe:
            self._refuse([channel for channel in command.channels if self._channels.get(channel.name) is channel])

    def _refuse(self, channels: Sequence[Channel]) -> None:
        for channel in channels:
            channel.interrupt()
            self._refused.add(channel.name)
        self._on_misrouted()

    async def _send_changes(self, connection: PushConnection) -> None:
        while await self._has_unsent.wait():
            self._has_unsent.clear()
            slots, self._unsent = self._unsent, {}
            await self._send_commands(connection, slots)

    async def _send_commands(self, connection: PushConnection, slots: Mapping[bytes, int]) -> None:
        """By the state at this moment: a channel that was removed and added again is subscribed."""
        removed = [Channel(name, slot) for name, slot in slots.items() if name not in self._channels]
        added = [self._channels[name] for name in slots if name in self._channels]
        commands = [_PendingCommand(is_subscribe=False, channels=deque(some)) for some in _by_command(removed)]
        commands += [_PendingCommand(is_subscribe=True, channels=deque(some)) for some in _by_command(added)]
        self._pending.extend(commands)
        await connection.send_packed_command(connection.pack_commands([command.words for command in commands]))

    async def _ping(self, connection: PushConnection) -> None:
        while True:
            await asyncio.sleep(self._timings.ping_every_seconds)
            self._has_answered.clear()
            async with asyncio.timeout(self._timings.answer_seconds):
                await connection.send_command("PING")
                await self._has_answered.wait()

    def _send_soon(self, channel: Channel) -> None:
        if self.is_connected:
            self._unsent[channel.name] = channel.slot
            self._has_unsent.set()

    def _note_reply(self) -> None:
        self._has_answered.set()
        if self._failures:
            self._failures = 0
            _log.info("pubsub_connected")

    def _note_loss(self, lost: BaseExceptionGroup[Exception]) -> None:
        if not self._failures:
            _log.warning("pubsub_lost", reasons=[f"{type(error).__name__}: {error}" for error in lost.exceptions])
        self._failures += 1

    def _interrupt_channels(self) -> None:
        self._pending.clear()
        self._refused.clear()
        for channel in self._channels.values():
            channel.interrupt()

    def _retry_seconds(self) -> float:
        """Doubles up to a cap, with jitter, so that many processes do not reconnect at once."""
        cap = self._timings.last_retry_seconds
        doubled = self._timings.first_retry_seconds * 2.0 ** min(self._failures - 1, 16)
        return min(cap, doubled) * random.uniform(0.5, 1)  # noqa: S311


def _by_command(channels: Sequence[Channel]) -> Iterator[list[Channel]]:
    """One slot per command, as a cluster demands, and at most 500 channels."""
    for _, group in groupby(sorted(channels, key=lambda channel: channel.slot), lambda channel: channel.slot):
        of_slot = list(group)
        for start in range(0, len(of_slot), _CHANNELS_PER_COMMAND):
            yield of_slot[start : start + _CHANNELS_PER_COMMAND]
