"""uvicorn with protocols that drop clients which do not read, and tell the application when the server stops.

`uvicorn app:app` takes no flags here, so the application configures that server when its lifespan starts, before the
first connection. See docs/decisions/0005-slow-sockets.md.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

import structlog
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from transport.lifecycle.draining import ServerLifecycle, delay_shutdown
from transport.lifecycle.scope_state import LIFECYCLE_KEY, LIMITS_KEY, PLAIN_KEY, WRITE_BATCH_KEY
from transport.limits.limits import DEFAULT_LIMITS, Limits
from transport.server.http_protocol import AbortableHTTP
from transport.server.operations_port import OperationsPort
from transport.server.plain_posts import PlainPosts
from transport.server.websocket_protocol import AbortingWebSocket
from transport.server.write_batch import WriteBatch

HTTPS_ALONE = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
MESSAGES_READ = 4
"""Factor by which a message may exceed its limit and still be read, so that the protocol's close code answers it."""
IDLE_SECONDS = 75
"""Idle connections are kept longer than proxies and clients keep them, which then never reuse a closed one."""

log = structlog.get_logger(__name__)


class StartError(Exception):
    """Something outside of the program forbids the start; the server prints the text without a traceback."""


class ServedApp:
    """Outermost ASGI application, which applies the limits; it needs uvicorn's own `receive`."""

    def __init__(  # noqa: PLR0913 - each is a setting of its own
        self,
        app: ASGIApp,
        limits: Limits = DEFAULT_LIMITS,
        *,
        direct: Mapping[str, ASGIApp] = {},
        grace_seconds: float = 0.0,
        trusted_proxies: Sequence[str] = (),
        is_https_alone: bool = False,
        operations: OperationsPort | None = None,
    ) -> None:
        """`direct`: by path, applications that answer websockets and POSTs without passing `app`'s middleware.

        POSTs with an Origin pass `app`, which checks it. A socket that passed middleware would keep it alive.
        `trusted_proxies`: addresses and ranges whose X-Forwarded-For and X-Forwarded-Proto are believed.
        `is_https_alone`: every answer tells browsers to use HTTPS from then on; they ignore it over HTTP.
        `operations`: served from the end of the start until the application has ended.
        """
        self._app, self._direct = app, direct
        self._limits = limits
        self._is_https_alone, self._operations = is_https_alone, operations
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
            await self._run(scope, receive, _plain_failures(send))
            return
        await app(scope, receive, send)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The lifespan; the operations port opens when the application has started."""
        async with AsyncExitStack() as beside:

            async def told(message: Message) -> None:
                if message["type"] == "lifespan.startup.complete" and self._operations is not None:
                    state = {LIMITS_KEY: self._limits, LIFECYCLE_KEY: ServerLifecycle(), **scope.get("state", {})}
                    await beside.enter_async_context(self._operations.served(AbortableHTTP, state))
                await send(message)

            await self._app(scope, receive, told)

    def _prepare(self, scope: Scope, receive: Receive) -> None:
        config = getattr(getattr(receive, "__self__", None), "config", None)
        if not isinstance(config, uvicorn.Config):
            log.warning("this server is not uvicorn: slow sockets are not aborted, nor sockets drained")
            return
        scope["state"][LIFECYCLE_KEY] = lifecycle = ServerLifecycle()
        delay_shutdown(lifecycle, self._grace_seconds)
        scope["state"][LIMITS_KEY] = self._limits
        scope["state"][WRITE_BATCH_KEY] = WriteBatch()
        scope["state"][PLAIN_KEY] = {
            path.encode(): app for path, app in self._direct.items() if hasattr(app, "answer_whole")
        }
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
            config.http_protocol_class = PlainPosts

    def _trust_proxies(self, config: uvicorn.Config) -> None:
        """Uvicorn believes what comes from this machine, or from FORWARDED_ALLOW_IPS; only our setting counts."""
        outermost = config.loaded_app
        if isinstance(outermost, ProxyHeadersMiddleware):
            ours = ProxyHeadersMiddleware(outermost.app, list(self._trusted_proxies))
            outermost.trusted_hosts = ours.trusted_hosts


def _plain_failures(send: Send) -> Send:
    """Reduces the traceback of a StartError to its text."""
    mark = f"{StartError.__module__}.{StartError.__qualname__}: "

    async def send_plain(message: Message) -> None:
        if message["type"] == "lifespan.startup.failed" and mark in message.get("message", ""):
            message = {**message, "message": message["message"].rpartition(mark)[2].strip()}
        await send(message)

    return send_plain
