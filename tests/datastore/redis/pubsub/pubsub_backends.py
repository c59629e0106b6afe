"""What the tests of the doorbell share: an open one, exact looks at what it hands on, and a slow Redis."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import hiredis
from broadcaster import Event

from datastore.redis.pubsub.backend import DoorbellTimings, Gap, GapReason, RedisDoorbell

QUICK = DoorbellTimings(ping_every_seconds=0.2, answer_seconds=0.3, confirm_seconds=0.5)


@asynccontextmanager
async def opened(url: str, timings: DoorbellTimings | None = None) -> AsyncIterator[RedisDoorbell]:
    doorbell = RedisDoorbell(url, timings)
    await doorbell.connect()
    try:
        yield doorbell
    finally:
        await doorbell.disconnect()


async def following(doorbell: RedisDoorbell, within: float = 3.0) -> Event:
    async with asyncio.timeout(within):
        return await doorbell.next_published()


def assert_gap(event: Event, channel: str, reason: GapReason) -> None:
    assert (type(event), event.channel, event.message) == (Gap, channel, reason)


def assert_message(event: Event, channel: str, message: str) -> None:
    assert (type(event), event.channel, event.message) == (Event, channel, message)


class SlowRedis:
    """Takes connections and commands, greets if it is polite, and says nothing more than it is told to."""

    def __init__(self, *, is_polite: bool) -> None:
        self.connections = 0
        self.commands: list[list[bytes]] = []
        self._is_polite = is_polite
        self._writer: StreamWriter | None = None

    def say(self, *words: bytes) -> None:
        assert self._writer is not None
        self._writer.write(b"*%d\r\n" % len(words))
        self._writer.writelines(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        self._writer = writer
        parser = hiredis.Reader()
        while received := await reader.read(4096):
            parser.feed(received)
            while command := parser.gets():
                self._take(command, writer)
        writer.close()

    def _take(self, command: list[bytes], writer: StreamWriter) -> None:
        if command[0] != b"CLIENT":
            self.commands.append(command)
        elif self._is_polite:
            writer.write(b"+OK\r\n")


@asynccontextmanager
async def slow_redis(*, is_polite: bool) -> AsyncIterator[tuple[str, SlowRedis]]:
    """Its URL, and it."""
    redis = SlowRedis(is_polite=is_polite)
    server = await asyncio.start_server(redis.serve, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}", redis
