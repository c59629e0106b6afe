"""uvicorn protocols that drop clients which do not read, and tell the application when the server stops.

`uvicorn app:app` takes no flags here, so the application configures that server when its lifespan starts, before the
first connection. See docs/decisions/0005-slow-sockets.md.
"""

import asyncio
import struct
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request as HandshakeRequest

from core.runtime.compact_asyncio import CompactEvent, CompactQueue
from core.runtime.gc_tuning import Trimmer
from core.runtime.metrics import DROPPED_CLIENTS
from transport.limits.limits import DEFAULT_LIMITS, Limits
from transport.server.direct_write import write_whole
from transport.server.draining import ServerLifecycle, delay_shutdown
from transport.server.request_heads import LimitedHeads
from transport.server.scope_state import ABORT_KEY, LIFECYCLE_KEY, REPLY_KEY, WRITE_KEY
from transport.server.write_batch import WriteBatch

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, ASGISendEvent

LIMITS_KEY = "rookery.limits"
WRITE_BATCH_KEY = "rookery.write_batch"
HTTPS_ALONE = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
INVALID_TEXT = 1007
MESSAGES_READ = 4
"""Factor by which a message may exceed its limit and still be read, so that the protocol's close code answers it."""
CLOSE_SECONDS = 3.0
"""Time in which a closing socket is still read, because the client may go on sending."""
IDLE_SECONDS = 75
"""Idle connections are kept longer than proxies and clients keep them, which then never reuse a closed one."""
UNSENT_BYTES = 262_144
"""Most bytes buffered for a client that only makes the server answer control frames."""
_TRIMMER = Trimmer()
_TEXT = 0x81
_LONGEST_SHORT, _LONGEST_MIDDLE = 125, 0xFFFF

log = structlog.get_logger(__name__)


class ServedApp:
    """Outermost ASGI application, which applies the limits; it needs uvicorn's own `receive`."""

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits = DEFAULT_LIMITS,
        *,
        direct: Mapping[str, ASGIApp] = {},
        grace_seconds: float = 0.0,
        trusted_proxies: Sequence[str] = (),
        is_https_alone: bool = False,
    ) -> None:
        """`direct`: by path, applications that answer websockets and POSTs without passing `app`'s middleware.

        POSTs with an Origin pass `app`, which checks it. A socket that passed middleware would keep it alive.
        `trusted_proxies`: addresses and ranges whose X-Forwarded-For and X-Forwarded-Proto are believed.
        `is_https_alone`: every answer tells browsers to use HTTPS from then on; they ignore it over HTTP.
        """
        self._app, self._direct = app, direct
        self._limits = limits
        self._is_https_alone = is_https_alone
        self._grace_seconds, self._trusted_proxies = grace_seconds, trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["method"] == "POST":
            app = self._direct.get(scope["path"], app)
            if app is not self._app and any(name == b"origin" for name, _ in scope["headers"]):
                app = self._app
        elif scope["type"] == "websocket":
            app = self._direct.get(scope["path"], app)
        elif scope["type"] == "lifespan":
            self._prepare(scope, receive)
        await app(scope, receive, send)

    def _prepare(self, scope: Scope, receive: Receive) -> None:
        config = getattr(getattr(receive, "__self__", None), "config", None)
        if not isinstance(config, uvicorn.Config):
            log.warning("this server is not uvicorn: slow sockets are not aborted, nor sockets drained")
            return
        scope["state"][LIFECYCLE_KEY] = lifecycle = ServerLifecycle()
        delay_shutdown(lifecycle, self._grace_seconds)
        scope["state"][LIMITS_KEY] = self._limits
        scope["state"][WRITE_BATCH_KEY] = WriteBatch()
        self._trust_proxies(config)
        if self._is_https_alone:
            config.encoded_headers.append(HTTPS_ALONE)
        config.ws_max_size = MESSAGES_READ * self._limits.message_bytes
        config.timeout_keep_alive = max(config.timeout_keep_alive, IDLE_SECONDS)
        # A compressor takes as much memory as all else that a quiet socket holds.
        config.ws_per_message_deflate = False
        if config.ws_protocol_class is WebSocketsSansIOProtocol:
            config.ws_protocol_class = AbortingWebSocket
        if config.http_protocol_class is HttpToolsProtocol:
            config.http_protocol_class = AbortableHTTP

    def _trust_proxies(self, config: uvicorn.Config) -> None:
        """Uvicorn believes what comes from this machine, or from FORWARDED_ALLOW_IPS; only our setting counts."""
        outermost = config.loaded_app
        if isinstance(outermost, ProxyHeadersMiddleware):
            ours = ProxyHeadersMiddleware(outermost.app, list(self._trusted_proxies))
            outermost.trusted_hosts = ours.trusted_hosts


class AbortableHTTP(LimitedHeads):
    """uvicorn's HTTP protocol; requests can abort their connection and learn that the server stops."""

    @property
    def head_limits(self) -> Limits:
        limits: Limits = self.app_state[LIMITS_KEY]
        return limits

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][ABORT_KEY] = self.transport.abort

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        cycle.scope["state"][REPLY_KEY] = cycle.send, partial(write_whole, cycle)
        super()._start_asgi_task(cycle, app)

    def shutdown(self) -> None:
        self.app_state[LIFECYCLE_KEY].stop()
        super().shutdown()


class AbortingWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's websocket protocol; it aborts the connection of a client that answers no ping or reads no bytes.

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
