"""Send queue of one websocket: sends in order, and drops a client that does not read.

Queued bytes are bounded, and so is the time that one message waits.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from transport.limits.limits import Limits

LONGEST_REASON = 123
"""Bytes that fit into a close frame."""


class SocketGoneError(Exception):
    """The socket is closed for sending."""


class SendQueue:
    """`write` is the server's direct write; most messages take it and never queue."""

    def __init__(
        self, websocket: WebSocket, abort: Callable[[], None], limits: Limits, *, write: Callable[[bytes], bool]
    ) -> None:
        self._websocket = websocket
        self._abort = abort
        self._limits = limits
        self._write = write
        self._turn = asyncio.Lock()
        self._held = 0
        self._is_closed = self._is_gone = False

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    async def send(self, message: object) -> None:
        """Waits until the messages before it are sent. Raises SocketGoneError."""
        await self.send_encoded(msgspec.json.encode(message))

    async def send_encoded(self, data: bytes) -> None:
        """`send` for a message already encoded as JSON."""
        if self._is_closed:
            raise SocketGoneError
        if not self._held and not self._turn.locked() and self._write(data):
            return
        if self._held and self._held + len(data) > self._limits.held_bytes:
            self._drop()
        self._held += len(data)
        try:
            # A closing connection accepts everything; its end is reported in the next iteration of the loop.
            await asyncio.sleep(0)
            async with self._turn:
                await self._timed(self._websocket.send({"type": "websocket.send", "text": data.decode()}))
        finally:
            self._held -= len(data)

    async def close(self, code: int, reason: str) -> None:
        """Sends what is queued, then closes. Idempotent. A long reason is truncated."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            async with self._turn:
                await self._timed(self._websocket.close(code, _truncated(reason)))
        except SocketGoneError:
            return

    async def _timed(self, sending: Coroutine[Any, Any, None]) -> None:
        if self._is_gone:
            sending.close()
            raise SocketGoneError
        try:
            async with asyncio.timeout(self._limits.send_seconds):
                await sending
        except TimeoutError:
            self._drop()
        except (WebSocketDisconnect, RuntimeError):
            # The server raises RuntimeError if it closed the socket itself and has not reported that yet.
            self._is_closed = self._is_gone = True
            raise SocketGoneError from None

    def _drop(self) -> NoReturn:
        self._is_closed = self._is_gone = True
        self._abort()
        raise SocketGoneError


def _truncated(reason: str) -> str:
    return reason.encode()[:LONGEST_REASON].decode(errors="ignore")
