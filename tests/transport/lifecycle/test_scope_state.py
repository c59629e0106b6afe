"""Access to the server's functions in a connection's scope, and what stands in for a server without them."""

from typing import Any

from transport.lifecycle.draining import ServerLifecycle
from transport.lifecycle.scope_state import (
    ABORT_KEY,
    LIFECYCLE_KEY,
    REPLY_KEY,
    WRITE_KEY,
    abort_of,
    lifecycle_of,
    reply_of,
    write_of,
)


async def send(_: Any) -> None:
    raise AssertionError


async def other_send(_: Any) -> None:
    raise AssertionError


def test_under_our_protocols_the_scope_has_the_servers_functions() -> None:
    lifecycle, calls = ServerLifecycle(), list[object]()
    state = {
        LIFECYCLE_KEY: lifecycle,
        ABORT_KEY: lambda: calls.append("abort"),
        WRITE_KEY: lambda data: data == b"x",
        REPLY_KEY: (send, lambda *reply: reply == (200, b"head", b"body")),
    }
    scope = {"state": state}
    assert lifecycle_of(scope) is lifecycle
    abort_of(scope)()
    assert calls == ["abort"]
    assert write_of(scope)(b"x")
    assert reply_of(scope, send)(200, b"head", b"body")
    assert not reply_of(scope, other_send)(200, b"head", b"body")


def test_under_another_server_messages_go_by_asgi() -> None:
    scopes: list[dict[str, Any]] = [{}, {"state": {}}]
    for scope in scopes:
        assert lifecycle_of(scope) is None
        abort_of(scope)()
        assert not write_of(scope)(b"x")
        assert not reply_of(scope, send)(200, b"", b"")


async def test_the_lifecycle_calls_each_callback_once() -> None:
    lifecycle, calls = ServerLifecycle(), list[str]()

    async def callback() -> None:
        calls.append("stopped")

    lifecycle.on_stop(callback)
    lifecycle.on_stop(callback)
    lifecycle.stop()
    lifecycle.stop()
    await next(iter(lifecycle._tasks))  # noqa: SLF001 - the callback's task
    assert calls == ["stopped"]
    assert (lifecycle.is_stopping, lifecycle.is_leaving) == (True, False)
