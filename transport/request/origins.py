"""Allowed origins for HTTP and websockets: the server's own, and the configured ones."""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
EXPOSED = (
    *("x-request-id", "retry-after", "ratelimit", "ratelimit-policy"),
    *("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
)
PREFLIGHT_SECONDS = 7_200


class AllowedOrigins:
    """Origins in the form `scheme://host[:port]`, or `*` for all."""

    def __init__(self, origins: Iterable[str] = ()) -> None:
        listed = set(origins)
        self._all = "*" in listed
        self._origins = {parsed for origin in listed if (parsed := _parse_origin(origin))}

    def allow(self, origin: str | None, host: str | None) -> bool:
        """`host`: the request's Host header. A request without an Origin is not from a page, and allowed."""
        if origin is None or self._all:
            return True
        parsed = _parse_origin(origin)
        if parsed is None:
            return False
        # Behind a proxy the scheme is unknown, so the server's own pages are recognised by host and port.
        return parsed in self._origins or (host is not None and parsed == _parse_origin(f"{parsed[0]}://{host}"))


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


def cross_origin(allowed: Collection[str]) -> Middleware:
    """CORS for these origins. Without credentials: clients authenticate by token."""
    return Middleware(
        CORSMiddleware,
        allow_origins=[origin.lower() for origin in allowed],
        allow_methods=("GET", "POST"),
        allow_headers=("*",),
        expose_headers=EXPOSED,
        max_age=PREFLIGHT_SECONDS,
    )
