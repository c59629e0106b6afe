"""Which pages may talk to this server, by HTTP and websocket alike: its own, and those of origins that were allowed."""

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
        self._origins = {place for origin in listed if (place := _place(origin))}

    def allow(self, origin: str | None, host: str | None) -> bool:
        """`host` is the Host header of the request. Who sends no Origin is no browser, and has no page's powers."""
        if origin is None or self._all:
            return True
        place = _place(origin)
        if place is None:
            return False
        # Behind a proxy the scheme in use is not known here, so the server's own pages are told by host and port.
        return place in self._origins or (host is not None and place == _place(f"{place[0]}://{host}"))


def _place(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is no origin, such as `null`."""
    try:
        parts = urlsplit(origin)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None:
        return None
    return parts.scheme, parts.hostname, port


def cross_origin(allowed: Collection[str]) -> Middleware:
    """Lets pages of these origins read answers. Without cookies: a token is what proves who asks."""
    return Middleware(
        CORSMiddleware,
        allow_origins=[origin.lower() for origin in allowed],
        allow_methods=("GET", "POST"),
        allow_headers=("*",),
        expose_headers=EXPOSED,
        max_age=PREFLIGHT_SECONDS,
    )
