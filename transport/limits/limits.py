"""Limits on what one client may ask for: sizes of requests and documents, counts and times of connections."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are bytes on the wire, before decoding."""

    head_bytes: int = 32_768
    """Request line and headers."""
    head_lines: int = 100
    head_seconds: float = 10.0
    """Time in which the head of a request arrives, the first one from the connection on."""
    body_bytes: int = 100_000
    message_bytes: int = 65_536
    document_characters: int = 65_536
    """More than `tokens` tokens need: longer values belong in variables."""
    tokens: int = 2_000
    operations: int = 10
    """Most in one document, as are `fragments` and `variables`: the rules of an operation visit all that it reaches."""
    fragments: int = 100
    variables: int = 100
    selections: int = 800
    """Fields with fragments expanded: validation walks them all."""
    depth: int = 12
    aliases: int = 30
    directives: int = 50
    directives_in_one_place: int = 5
    """None of ours may be repeated, and each error about one repeats its name."""
    cost: int = 5_000
    list_items: int = 100
    page_items: int = 100
    operation_seconds: float = 5.0
    init_seconds: float = 5.0
    subscriptions_per_socket: int = 20
    sockets_per_person: int = 5
    """Sockets and event streams together, on one process, as is `connections_per_range`."""
    connections_per_range: int = 20
    """Most for one range of addresses, where nobody is signed in."""
    messages_per_second: int = 50
    held_bytes: int = 917_504
    """Most bytes queued for one client; with the transport's own buffer it stays under 1 MiB."""
    send_seconds: float = 20.0
    """A client that accepts no bytes for this long is dropped."""
    ping_seconds: float = 15.0
    pong_seconds: float = 10.0
    heartbeat_seconds: float = 12.0
    """Interval of heartbeats on a quiet event stream, so that proxies keep the connection."""
    drain_seconds: float = 5.0
    """Time over which a stopping process spreads the closing of its sockets and streams."""


DEFAULT_LIMITS = Limits()
