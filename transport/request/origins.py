"""Allowed origins for HTTP and websockets: the server's own, and the configured ones."""

from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
EXPOSED = (
    *("x-request-id", "retry-after", "ratelimit", "ratelimit-policy"),
    *("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
)
PREFLIGHT_SECONDS = 7_200
LOOPBACK: Final = tuple(
    f"{scheme}://{host}:*" for scheme in ("http", "https") for host in ("localhost", "127.0.0.1", "[::1]")
)
"""Origins of pages that are served by this machine, such as those of a development server."""
MOST_LOGGED: Final = 100
_log = structlog.get_logger()


class AllowedOrigins:
    """Origins in the form `scheme://host[:port]`, with the port `*` for every port, or `*` for all origins."""

    def __init__(self, origins: Iterable[str] = ()) -> None:
        listed = set(origins)
        self._all = "*" in listed
        on_any_port = {origin for origin in listed if origin.endswith(":*")}
        self._origins = {parsed for origin in listed - on_any_port if (parsed := _parse_origin(origin))}
        self._hosts = {parsed[:2] for origin in on_any_port if (parsed := _parse_origin(origin.removesuffix(":*")))}
        self._logged: set[str] = set()

    def lists(self, origin: str) -> bool:
        """Whether a setting allows the origin."""
        parsed = _parse_origin(origin)
        return self._all or (parsed is not None and (parsed in self._origins or parsed[:2] in self._hosts))

    def allow(self, origin: str | None, host: str | None) -> bool:
        """`host`: the request's Host header. A request without an Origin is not from a page, and allowed.

        Logs a refused origin once, with the setting that would allow it.
        """
        if origin is None or self.lists(origin) or _is_own(origin, host):
            return True
        if origin not in self._logged and len(self._logged) < MOST_LOGGED:
            self._logged.add(origin)
            _log.warning("origin refused", origin=origin[:200], setting="ROOKERY_ALLOWED_ORIGINS")
        return False


def _is_own(origin: str, host: str | None) -> bool:
    """Behind a proxy the scheme is unknown, so the server's own pages are recognised by host and port."""
    parsed = _parse_origin(origin)
    return parsed is not None and host is not None and parsed == _parse_origin(f"{parsed[0]}://{host}")


def _parse_origin(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None if it is no origin, such as `null`."""
    try:
        parts = urlsplit(origin)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None:
        return None
    return parts.scheme, parts.hostname, port


class CrossOrigin(CORSMiddleware):
    """CORS whose answers name Origin once in Vary; logs origins that it refuses."""

    def __init__(self, app: ASGIApp, *, allowed: Collection[str], methods: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=[origin.lower() for origin in allowed],
            allow_methods=list(methods),
            allow_headers=("*",),
            expose_headers=EXPOSED,
            max_age=PREFLIGHT_SECONDS,
        )
        self._origins = AllowedOrigins(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            self._origins.allow(headers.get("origin"), headers.get("host"))
        await super().__call__(scope, receive, send)

    def is_allowed_origin(self, origin: str) -> bool:
        return self._origins.lists(origin)

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        async def send_varied_once(varied: Message) -> None:
            if varied["type"] == "http.response.start":
                answered = MutableHeaders(scope=varied)
                names = ", ".join(answered.getlist("vary")).split(", ")
                answered["vary"] = ", ".join(dict.fromkeys(names))
            await send(varied)

        await super().send(message, send_varied_once, request_headers)


def cross_origin(allowed: Collection[str], methods: Collection[str] = ("GET", "POST")) -> Middleware:
    """CORS for these origins and methods. Without credentials: clients authenticate by token."""
    return Middleware(CrossOrigin, allowed=allowed, methods=methods)
