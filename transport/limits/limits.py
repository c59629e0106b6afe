"""How much one client may ask for: every number that keeps a request, a document or a socket small."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request is measured against. Sizes are bytes on the wire, before decoding."""

    body_bytes: int = 100_000
    message_bytes: int = 65_536
    document_characters: int = 65_536
    """More than so many tokens need: a value as long as that belongs into a variable."""
    tokens: int = 2_000
    selections: int = 800
    """Fields, once fragments are spread out: validation walks them all."""
    depth: int = 12
    aliases: int = 30
    directives: int = 50
    cost: int = 5_000
    list_items: int = 100
    page_items: int = 100
    operation_seconds: float = 5.0
    init_seconds: float = 5.0
    subscriptions_per_socket: int = 20
    sockets_per_person: int = 5
    messages_per_second: int = 50
    held_bytes: int = 917_504
    """Waiting for one client at most; with what the transport keeps it stays under 1 MiB."""
    send_seconds: float = 20.0
    """A client that takes nothing for so long is let go."""
    ping_seconds: float = 15.0
    pong_seconds: float = 10.0
    heartbeat_seconds: float = 12.0
    """Between signs of life on a quiet event stream, so that proxies keep it."""
    drain_seconds: float = 5.0
    """Over which a stopping process lets its sockets and streams go."""


DEFAULT_LIMITS = Limits()
