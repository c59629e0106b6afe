"""Sends to one websocket, in order, and lets go of a client that does not read.

What waits for the client is bounded in bytes, and so is the time for which one message waits.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from transport.limits.limits import Limits

LONGEST_REASON = 123
"""Bytes: a close frame has no more room."""


class SocketGoneError(Exception):
    """Nothing can be sent on this socket any more."""


class Outbox:
    """`write` hands a message over at once where it can, which spares most messages their turn."""

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
        """Waits until the client has taken what came before. Raises SocketGoneError."""
        await self.send_encoded(msgspec.json.encode(message))

    async def send_encoded(self, data: bytes) -> None:
        """The same with the message as JSON."""
        if self._is_closed:
            raise SocketGoneError
        if not self._held and not self._turn.locked() and self._write(data):
            return
        if self._held and self._held + len(data) > self._limits.held_bytes:
            self._drop()
        self._held += len(data)
        try:
            # A connection that is closing takes everything, and its end is told in a turn of the loop.
            await asyncio.sleep(0)
            async with self._turn:
                await self._timed(self._websocket.send({"type": "websocket.send", "text": data.decode()}))
        finally:
            self._held -= len(data)

    async def close(self, code: int, reason: str) -> None:
        """After what waits already; does nothing the second time. A long reason is cut."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            async with self._turn:
                await self._timed(self._websocket.close(code, _cut(reason)))
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
            # The server says RuntimeError where it closed the socket itself and has not told us yet.
            self._is_closed = self._is_gone = True
            raise SocketGoneError from None

    def _drop(self) -> NoReturn:
        self._is_closed = self._is_gone = True
        self._abort()
        raise SocketGoneError


def _cut(reason: str) -> str:
    return reason.encode()[:LONGEST_REASON].decode(errors="ignore")
