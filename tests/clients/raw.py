"""Minimal HTTP and websocket clients that can violate the protocols."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SECONDS = 10.0


def frame(
    data: bytes, opcode: int = TEXT, *, final: bool = True, masked: bool = True, length: int | None = None
) -> bytes:
    """`length` overrides the length that the frame states."""
    size = len(data) if length is None else length
    bit = 0x80 if masked else 0
    if size < 126:
        head = bytes([bit | size])
    elif size < 65_536:
        head = bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head = bytes([bit | 127]) + struct.pack(">Q", size)
    return bytes([(0x80 if final else 0) | opcode]) + head + (b"\0\0\0\0" if masked else b"") + data


class RawSocket:
    """A client that sends any bytes, answers pings, and knows the close code."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.close_code: int | None = None
        self.messages: list[dict[str, Any]] = []

    def send(self, *messages: object) -> None:
        self.send_raw(b"".join(frame(json.dumps(message).encode()) for message in messages))

    def send_raw(self, data: bytes) -> None:
        self._writer.write(data)

    async def send_all(self, data: bytes) -> None:
        """Returns when the server has read most of the data."""
        self._writer.write(data)
        await self._writer.drain()

    async def receive(self) -> dict[str, Any] | None:
        """The next message; None when the server has closed."""
        async with asyncio.timeout(SECONDS):
            while True:
                opcode, data = await self._frame()
                if opcode == TEXT:
                    message: dict[str, Any] = json.loads(data)
                    return message
                if opcode == PING:
                    self.send_raw(frame(data, PONG))
                if opcode == CLOSE:
                    self.close_code = struct.unpack(">H", data[:2])[0]
                    return None

    async def until_closed(self) -> int | None:
        """Waits for the close code; earlier messages are in `messages`."""
        while (message := await self.receive()) is not None:
            self.messages.append(message)
        return self.close_code

    async def _frame(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        size = second & 127
        if size == 126:
            size = struct.unpack(">H", await self._reader.readexactly(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", await self._reader.readexactly(8))[0]
        return first & 15, await self._reader.readexactly(size)


@asynccontextmanager
async def raw_socket(address: str) -> AsyncIterator[RawSocket]:
    """A socket after its handshake and before connection_init."""
    target = urlsplit(address)
    reader, writer = await asyncio.open_connection(target.hostname, target.port)
    try:
        writer.write(
            f"GET {target.path} HTTP/1.1\r\nHost: {target.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SECONDS)
        assert head.startswith(b"HTTP/1.1 101 "), head
        yield RawSocket(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def ready_raw_socket(address: str) -> AsyncIterator[RawSocket]:
    async with raw_socket(address) as socket:
        socket.send({"type": "connection_init"})
        assert await socket.receive() == {"type": "connection_ack"}
        yield socket
