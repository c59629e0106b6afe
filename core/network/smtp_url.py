"""Parses the URL of a mail server: `smtp://[user:password@]host[:port]`, or `smtps://` for TLS from the first byte."""

from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

OFF: Final = "off"
_PORTS: Final = {"smtp": 25, "smtps": 465}


class SmtpServer(NamedTuple):
    """`user` and `password` are empty for a server that asks for none."""

    host: str
    port: int
    user: str
    password: str
    is_tls: bool


def parse_smtp_url(url: str) -> SmtpServer:
    """Raises ValueError that says which form is expected, and repeats nothing of the URL: it may hold a password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    else:
        if parts.scheme in _PORTS and host and port != 0 and not (parts.path.strip("/") or parts.query):
            return SmtpServer(
                host,
                port or _PORTS[parts.scheme],
                unquote(parts.username or ""),
                unquote(parts.password or ""),
                parts.scheme == "smtps",
            )
    raise ValueError("must be smtp://[user:password@]HOST:PORT, smtps://..., or off")
