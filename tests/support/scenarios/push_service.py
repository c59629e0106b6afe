"""A push service on loopback: it checks what RFC 8030, 8291 and 8292 demand, and decrypts with the browsers' keys."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from starlette.responses import Response

from core.push.keys import parse_browser_keys
from datastore.embedded.stores import free_port
from tests.support.scenarios.push import Browser
from tests.support.service import serving_app

Scope = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """A push that was taken; `at` is monotonic seconds."""

    path: str
    message: dict[str, Any]
    headers: dict[str, str]
    at: float


@dataclass(slots=True)
class PushServiceStub:
    """`answers`: status and headers for a path, instead of 201. `faults`: what a sender did wrong."""

    origin: str
    browsers: dict[str, Browser] = field(default_factory=dict)
    answers: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def browser(self, path: str) -> tuple[str, Browser]:
        """The endpoint of a new browser, and the browser."""
        self.browsers[path] = Browser()
        return f"{self.origin}{path}", self.browsers[path]

    def at(self, path: str) -> list[Received]:
        return [one for one in self.received if one.path == path]

    async def __call__(self, scope: Scope, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        request = Request(scope, receive)
        path, body, headers = request.url.path, await request.body(), dict(request.headers)
        self.asked.append(path)
        status, more = self.answers.get(path, (201, {}))
        if status < 300:
            self._take(path, body, headers)
        await Response(status_code=status, headers=more)(scope, receive, send)

    def _take(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        try:
            assert headers["content-encoding"] == "aes128gcm"
            assert len(body) <= 4_096
            assert int(headers["ttl"]) > 0
            assert len(headers["topic"]) <= 32
            assert headers["urgency"] in ("very-low", "low", "normal", "high")
            self._check_sender(headers["authorization"])
            message = self.browsers[path].decrypt(body)
        except Exception as error:
            self.faults.append(repr(error))
            raise
        self.received.append(Received(path, message, headers, monotonic()))

    def _check_sender(self, header: str) -> None:
        scheme, _, rest = header.partition(" ")
        assert scheme == "vapid"
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        point, _ = parse_browser_keys(parts["k"], "")
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point or b"")
        claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=self.origin, leeway=5)
        assert claims["sub"].startswith(("mailto:", "https:"))


@asynccontextmanager
async def running_push_service() -> AsyncIterator[PushServiceStub]:
    port = free_port()
    stub = PushServiceStub(f"http://127.0.0.1:{port}")
    async with serving_app(stub, port):  # type: ignore[arg-type]
        yield stub


@asynccontextmanager
async def dead_push_service() -> AsyncIterator[str]:
    """The origin of one that takes connections and never answers."""
    ended = asyncio.Event()

    async def keep_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        ended.set()
        await server.wait_closed()
