"""Which pages may open a websocket here: those of this server, and those of the origins that were allowed."""

from collections.abc import Iterable
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


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
