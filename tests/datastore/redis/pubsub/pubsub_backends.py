"""Shared by pub/sub tests: an open backend, exact assertions on its events, and a fake slow Redis."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import hiredis
from broadcaster import Event

from datastore.redis.pubsub.backend import Gap, GapReason, PubSubTimings, RedisPubSubBackend

QUICK = PubSubTimings(ping_every_seconds=0.2, answer_seconds=0.3, confirm_seconds=0.5)


@asynccontextmanager
async def open_backend(url: str, timings: PubSubTimings | None = None) -> AsyncIterator[RedisPubSubBackend]:
    backend = RedisPubSubBackend(url, timings)
    await backend.connect()
    try:
        yield backend
    finally:
        await backend.disconnect()


async def next_event(backend: RedisPubSubBackend, within: float = 3.0) -> Event:
    async with asyncio.timeout(within):
        return await backend.next_published()


def assert_gap(event: Event, channel: str, reason: GapReason) -> None:
    assert (type(event), event.channel, event.message) == (Gap, channel, reason)


def assert_message(event: Event, channel: str, message: str) -> None:
    assert (type(event), event.channel, event.message) == (Event, channel, message)


class SlowRedis:
    """A fake Redis. It records commands, answers CLIENT if `is_greeting`, and sends only what a test makes it send."""

    def __init__(self, *, is_greeting: bool) -> None:
        self.connections = 0
        self.commands: list[list[bytes]] = []
        self._is_greeting = is_greeting
        self._writer: StreamWriter | None = None

    def send(self, *words: bytes) -> None:
        assert self._writer is not None
        self._writer.write(b"*%d\r\n" % len(words))
        self._writer.writelines(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)

    def send_error(self, text: bytes) -> None:
        assert self._writer is not None
        self._writer.write(b"-%b\r\n" % text)

    def hang_up(self) -> None:
        assert self._writer is not None
        self._writer.close()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        self._writer = writer
        parser = hiredis.Reader()
        while received := await reader.read(4096):
            parser.feed(received)
            while command := parser.gets():
                self._on_command(command, writer)
        writer.close()

    def _on_command(self, command: list[bytes], writer: StreamWriter) -> None:
        if command[0] != b"CLIENT":
            self.commands.append(command)
        elif self._is_greeting:
            writer.write(b"+OK\r\n")


@asynccontextmanager
async def slow_redis(*, is_greeting: bool) -> AsyncIterator[tuple[str, SlowRedis]]:
    """Its URL, and the fake itself."""
    redis = SlowRedis(is_greeting=is_greeting)
    server = await asyncio.start_server(redis.serve, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}", redis
