"""`python -m bench.harness.subscribers`: thousands of graphql-transport-ws subscribers in one cheap process.

Prints a line of JSON when all admitted subscribers have subscribed, waits for a line, counts messages for so many
seconds, and prints the counts. Works on asyncio protocols and bytes, so that the server is the bottleneck.
"""

import argparse
import asyncio
import re
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

import msgspec
import uvloop

MOST_TIMED = 250
_AT = re.compile(rb'"at":"([^"]+)"')
_SENT = re.compile(rb"sent at ([0-9.]+)")
_BURST, _BURST_SECONDS = 50, 0.02
_SMALL, _MIDDLE = 125, 126
_TEXT, _PING = 1, 9
_PONG = b"\x8a\x80\0\0\0\0"


class Admitted(msgspec.Struct):
    """Acknowledged sockets, and the seconds from the start until the last acknowledgement."""

    sockets: int
    seconds: float


class Received(msgspec.Struct):
    """Received messages. Latencies in milliseconds: from the time stated in the event, and in the tweet's text."""

    messages: int = 0
    seconds: float = 0.0
    from_event: list[float] = []
    from_sending: list[float] = []
    complaints: list[str] = []


@dataclass(slots=True)
class SubscriberPool:
    """State that all subscribers share. One in `timed_every` measures latencies."""

    host: str
    document: str
    tokens: list[str]
    sockets: int
    timed_every: int
    received: Received = field(default_factory=Received)
    acknowledged: int = 0
    last_at: float = 0.0
    is_counting: bool = False
    is_complete: asyncio.Event = field(default_factory=asyncio.Event)


class Subscriber(asyncio.Protocol):
    def __init__(self, pool: SubscriberPool, number: int) -> None:
        self._pool, self._number = pool, number
        self._held, self._is_open = b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        lines = ["GET /graphql HTTP/1.1", f"Host: {self._pool.host}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]
        lines += ["Sec-WebSocket-Protocol: graphql-transport-ws", "", ""]
        self._transport.write("\r\n".join(lines).encode())

    def data_received(self, data: bytes) -> None:
        self._held = self._held + data if self._held else data
        if not self._is_open:
            head, end, self._held = self._held.partition(b"\r\n\r\n")
            if not end:
                self._held = head
                return
            self._is_open = True
            self._begin(head)
        while (size := self._message_size()) is not None:
            start, end_of_message = size
            opcode, payload = self._held[0] & 15, self._held[start:end_of_message]
            self._held = self._held[end_of_message:]
            self._take(opcode, payload)

    def _begin(self, head: bytes) -> None:
        if b" 101 " not in head[:20]:
            self._complain(head)
        tokens = self._pool.tokens
        payload = {"authorization": f"Bearer {tokens[self._number % len(tokens)]}"} if tokens else {}
        self._send({"type": "connection_init", "payload": payload})

    def _message_size(self) -> tuple[int, int] | None:
        """The bounds of the first message's payload; None until it is complete."""
        held = self._held
        if len(held) < 2:
            return None
        size, start = held[1], 2
        if size > _SMALL:
            form, start = (">H", 4) if size == _MIDDLE else (">Q", 10)
            if len(held) < start:
                return None
            (size,) = struct.unpack(form, held[2:start])
        return (start, start + size) if len(held) >= start + size else None

    def _take(self, opcode: int, payload: bytes) -> None:
        pool = self._pool
        if opcode == _PING:
            self._transport.write(_PONG)
        elif b'"next"' in payload:
            if pool.is_counting:
                self._count(payload)
        elif b'"connection_ack"' in payload:
            pool.acknowledged += 1
            pool.last_at = time.monotonic()
            if pool.acknowledged == pool.sockets:
                pool.is_complete.set()
            self._send({"id": "1", "type": "subscribe", "payload": {"query": pool.document}})
        elif b'"ping"' in payload:
            self._send({"type": "pong"})
        else:
            self._complain(payload)

    def _count(self, payload: bytes) -> None:
        received = self._pool.received
        received.messages += 1
        if self._number % self._pool.timed_every:
            return
        now = time.time()
        if (at := _AT.search(payload)) is not None:
            received.from_event.append((now - datetime.fromisoformat(at[1].decode()).timestamp()) * 1000)
        if (sent := _SENT.search(payload)) is not None:
            received.from_sending.append((now - float(sent[1])) * 1000)

    def _complain(self, payload: bytes) -> None:
        if len(self._pool.received.complaints) < 3:
            self._pool.received.complaints.append(payload[:200].decode(errors="replace"))

    def _send(self, message: object) -> None:
        data = msgspec.json.encode(message)
        size = len(data)
        head = bytes([0x81, 0x80 | size]) if size <= _SMALL else b"\x81\xfe" + struct.pack(">H", size)
        self._transport.write(head + b"\0\0\0\0" + data)  # masked by zeros


async def listen(port: int, pool: SubscriberPool, *, admit_seconds: float, seconds: float) -> None:
    began = time.monotonic()
    await _connect(port, pool)
    with suppress(TimeoutError):
        await asyncio.wait_for(pool.is_complete.wait(), admit_seconds - (time.monotonic() - began))
    _say(Admitted(pool.acknowledged, pool.last_at - began))
    await asyncio.to_thread(sys.stdin.readline)
    pool.is_counting, start = True, time.monotonic()
    await asyncio.sleep(seconds)
    pool.is_counting, pool.received.seconds = False, time.monotonic() - start
    _say(pool.received)


async def _connect(port: int, pool: SubscriberPool) -> None:
    loop = asyncio.get_running_loop()
    for number in range(pool.sockets):
        await loop.create_connection(lambda number=number: Subscriber(pool, number), "127.0.0.1", port)  # type: ignore[misc]
        if number % _BURST == 0:
            await asyncio.sleep(_BURST_SECONDS)


def _say(said: object) -> None:
    print(msgspec.json.encode(said).decode(), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.harness.subscribers")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sockets", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--admit-seconds", type=float, required=True)
    parser.add_argument("--document", type=Path, required=True)
    parser.add_argument("--tokens", type=Path, help="a file with an access token a line; sockets take them in turn")
    chosen = parser.parse_args()
    everybody = SubscriberPool(
        f"127.0.0.1:{chosen.port}",
        chosen.document.read_text(),
        chosen.tokens.read_text().split() if chosen.tokens else [],
        chosen.sockets,
        max(1, chosen.sockets // MOST_TIMED),
    )
    uvloop.run(listen(chosen.port, everybody, admit_seconds=chosen.admit_seconds, seconds=chosen.seconds))
