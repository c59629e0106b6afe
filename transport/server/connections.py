"""The sockets and streams that are open in this process, so that a restart can let them go gently."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from starlette.types import Scope, Send

SERVING_KEY = "rookery.serving"
ABORT_KEY = "rookery.abort"
WRITE_KEY = "rookery.write"
REPLY_KEY = "rookery.reply"


class Leaver(Protocol):
    async def leave(self) -> None:
        """Finishes what is in flight, takes nothing new, closes."""


class OpenConnections:
    """All of them; each leaves at a moment of its own when the process stops, so that they do not come back at once."""

    def __init__(self) -> None:
        self._open: set[Leaver] = set()
        self.is_draining = False

    @contextmanager
    def holding(self, connection: Leaver) -> Iterator[None]:
        self._open.add(connection)
        try:
            yield
        finally:
            self._open.discard(connection)

    async def drain(self, seconds: float) -> None:
        """Returns when the last has left. A second call waits for those that the first has not told yet."""
        self.is_draining = True
        async with asyncio.TaskGroup() as tasks:
            for connection in self._open:
                tasks.create_task(self._leave(connection, random.uniform(0, seconds)))  # noqa: S311 - no secret

    async def _leave(self, connection: Leaver, delay: float) -> None:
        await asyncio.sleep(delay)
        if connection in self._open:
            await connection.leave()


class Serving:
    """One run of the server, known to every connection of it through the state of its scope.

    One that is leaving was told to end, and serves on for a moment; one that is stopping takes nothing new.
    """

    def __init__(self) -> None:
        self._callbacks: set[Callable[[], Awaitable[None]]] = set()
        self._tasks: set[asyncio.Future[None]] = set()
        self.is_leaving = self.is_stopping = False

    def when_stopping(self, callback: Callable[[], Awaitable[None]]) -> None:
        """The same callback is called once, however often it is given."""
        self._callbacks.add(callback)

    def stop(self) -> None:
        """Starts the callbacks, the first time."""
        if self.is_stopping:
            return
        self.is_stopping = True
        for callback in self._callbacks:
            task = asyncio.ensure_future(callback())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


def serving_of(scope: Scope) -> Serving | None:
    """None under a server that was not taught to say when it stops."""
    serving = scope.get("state", {}).get(SERVING_KEY)
    return serving if isinstance(serving, Serving) else None


def abort_of(scope: Scope) -> Callable[[], None]:
    """Drops the connection without waiting for what the client has not read; does nothing where the server can't."""
    abort: Callable[[], None] = scope.get("state", {}).get(ABORT_KEY, _stay)
    return abort


def write_of(scope: Scope) -> Callable[[bytes], bool]:
    """Hands a text message to the client at once; False where that can't be, and it has to be sent as others are."""
    write: Callable[[bytes], bool] = scope.get("state", {}).get(WRITE_KEY, _not_now)
    return write


def reply_of(scope: Scope, send: Send) -> Callable[[int, bytes, bytes], bool]:
    """Hands status, lines of headers and body to the client at once; False where they have to be sent as others are.

    So it is where `send` is not the server's own: somebody on the way wants to see what is sent, as CORS does.
    """
    server, reply = scope.get("state", {}).get(REPLY_KEY, (None, _not_now))
    return reply if send == server else _not_now


def _stay() -> None:
    return None


def _not_now(*_: object) -> bool:
    return False
