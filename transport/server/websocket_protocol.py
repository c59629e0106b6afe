"""uvicorn's websocket protocol, which aborts clients that do not read and writes whole messages directly."""

import asyncio
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request as HandshakeRequest

from core.runtime.compact_asyncio import CompactEvent, CompactQueue
from core.runtime.gc_tuning import Trimmer
from core.runtime.metrics import DROPPED_CLIENTS
from transport.lifecycle.scope_state import ABORT_KEY, LIFECYCLE_KEY, LIMITS_KEY, WRITE_BATCH_KEY, WRITE_KEY
from transport.limits.limits import Limits
from transport.server.write_batch import WriteBatch

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

INVALID_TEXT = 1007
CLOSE_SECONDS = 3.0
"""Time in which a closing socket is still read, because the client may go on sending."""
UNSENT_BYTES = 262_144
"""Most bytes buffered for a client that only makes the server answer control frames."""
_TRIMMER = Trimmer()
_TEXT = 0x81
_LONGEST_SHORT, _LONGEST_MIDDLE = 125, 0xFFFF


class AbortingWebSocket(WebSocketsSansIOProtocol):
    """It aborts the connection of a client that answers no ping or reads no bytes.

    uvicorn closes such a connection too, but closing waits until the client has read the rest, which is never.
    """

    def __init__(self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__(config, server_state, app_state)
        self._limits: Limits = self.app_state[LIMITS_KEY]
        self._batch: WriteBatch = self.app_state[WRITE_BATCH_KEY]
        self.queue, self.writable = CompactQueue(), CompactEvent()
        self.writable.set()
        self.ping_interval = self._limits.ping_seconds
        self.ping_timeout = self._limits.pong_seconds
        self.close_timeout = CLOSE_SECONDS
        self._stalled: asyncio.TimerHandle | None = None

    def handle_connect(self, event: HandshakeRequest) -> None:
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self.scope["state"][ABORT_KEY] = self.drop
            self.scope["state"][WRITE_KEY] = self.write_text

    def start_keepalive(self) -> None:
        super().start_keepalive()
        # The parser would keep the handshake request as long as the socket.
        self.request.headers.clear()
        del self.request, self.response

    def write_text(self, data: bytes) -> bool:
        """Direct write of a whole message. False if the socket is not writable or closing."""
        if not (self.handshake_complete and self.writable.is_set()) or self.close_sent or self.transport.is_closing():
            return False
        self._batch.add(self._write_frame, _text_head(len(data)) + data)
        return True

    def _write_frame(self, frame: bytes) -> None:
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frame)

    async def send(self, message: "ASGISendEvent") -> None:
        self._batch.flush()
        await super().send(message)

    def drop(self) -> None:
        """Aborts the connection, discards unsent bytes and returns their memory to the system."""
        if not self.transport.is_closing():
            DROPPED_CLIENTS.labels("websocket").inc()
        self.transport.abort()
        _TRIMMER.trim_soon()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(self._limits.send_seconds, self.drop)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._cancel_stall_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_stall_timer()
        super().connection_lost(exc)

    def send_receive_event_to_app(self) -> None:
        # uvicorn logs broken text with a traceback, but it is no error of the server.
        is_read = self.curr_msg_data_type == "text" and not self.close_sent
        if is_read and not _is_utf8(b"".join(self.frames)):
            self.frames = []
            self.conn.send_close(INVALID_TEXT)
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    def data_received(self, data: bytes) -> None:
        if self.conn.parser_exc is None:  # bytes behind a frame that broke the protocol are ignored
            super().data_received(data)

    def handle_parser_exception(self) -> None:
        """Keeps reading for a while: a socket closed with unread bytes is reset, and the close frame is lost."""
        if (end := self.conn.close_sent) is not None:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": end.code, "reason": end.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)

    def handle_ping(self) -> None:
        super().handle_ping()
        if self.transport.get_write_buffer_size() > UNSENT_BYTES:
            self.drop()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.drop()

    def shutdown(self) -> None:
        """Leaves closing to the application, which drains; closes by itself after the drain should be over."""
        self.app_state[LIFECYCLE_KEY].stop()
        seconds = self._limits.drain_seconds + self._limits.operation_seconds + self._limits.send_seconds
        self.loop.call_later(seconds, self._close_at_last)

    def _close_at_last(self) -> None:
        if not self.disconnected:
            super().shutdown()

    def _cancel_stall_timer(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


def _text_head(size: int) -> bytes:
    """Header of one unmasked text frame (RFC 6455, 5.2)."""
    if size <= _LONGEST_SHORT:
        return bytes((_TEXT, size))
    form, mark = (">H", _LONGEST_SHORT + 1) if size <= _LONGEST_MIDDLE else (">Q", _LONGEST_SHORT + 2)
    return bytes((_TEXT, mark)) + struct.pack(form, size)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
