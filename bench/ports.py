"""Ports for servers that end and come back: from below those that the system gives to connections that go out."""

import random
import socket

_LOWEST, _HIGHEST = 12_000, 32_000


def quiet_port() -> int:
    """A loopback port that nobody listens on just now."""
    while True:
        port = random.randrange(_LOWEST, _HIGHEST)
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
