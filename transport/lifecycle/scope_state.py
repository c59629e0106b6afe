"""Scope state: functions and objects that the server gives the application with each connection's ASGI scope."""

from collections.abc import Callable

from starlette.types import Scope, Send

from transport.lifecycle.draining import ServerLifecycle

LIFECYCLE_KEY = "rookery.lifecycle"
ABORT_KEY = "rookery.abort"
WRITE_KEY = "rookery.write"
REPLY_KEY = "rookery.reply"
LIMITS_KEY = "rookery.limits"
WRITE_BATCH_KEY = "rookery.write_batch"
PLAIN_KEY = "rookery.plain"
BODY_KEY = "rookery.body"


def lifecycle_of(scope: Scope) -> ServerLifecycle | None:
    """None under a server without our protocols, which does not tell when it stops."""
    lifecycle = scope.get("state", {}).get(LIFECYCLE_KEY)
    return lifecycle if isinstance(lifecycle, ServerLifecycle) else None


def abort_of(scope: Scope) -> Callable[[], None]:
    """Closes the connection without waiting for unread bytes; does nothing under a server that can't."""
    abort: Callable[[], None] = scope.get("state", {}).get(ABORT_KEY, _do_nothing)
    return abort


def write_of(scope: Scope) -> Callable[[bytes], bool]:
    """Direct write of a text message; False if the message must be sent by ASGI instead."""
    write: Callable[[bytes], bool] = scope.get("state", {}).get(WRITE_KEY, _refuse)
    return write


def reply_of(scope: Scope, send: Send) -> Callable[[int, bytes, bytes], bool]:
    """Direct write of status, header lines and body; False if the answer must be sent by ASGI instead.

    Always False if `send` is not the server's own: a middleware such as CORS wants to see the messages.
    """
    server, reply = scope.get("state", {}).get(REPLY_KEY, (None, _refuse))
    return reply if send == server else _refuse


def body_of(scope: Scope) -> bytes | None:
    """The body of a request that arrived whole; None if it must be received by ASGI."""
    body: bytes | None = scope.get("state", {}).get(BODY_KEY)
    return body


def _do_nothing() -> None:
    return None


def _refuse(*_: object) -> bool:
    return False
