"""The lasting way to one Redis for the hot reads: all of a process share one connection, opened again when it breaks.

For what may be sent twice without harm alone: what a broken connection left unanswered is sent once more. Where Redis
left something without an answer, nobody else waits for it: calls fail at once, and now and then one tries again.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, TypeVar

from redis.exceptions import ConnectionError as ConnectionBroken
from redis.exceptions import TimeoutError as NoAnswer

from datastore.redis.node.circuit_breaker import Breaker
from datastore.redis.node.connections import LOST
from datastore.redis.node.dial import dialler
from datastore.redis.node.protocol import Call, Trace, Wire, Words

T = TypeVar("T")

_WAITING = 10_000


class Asked(Protocol):
    """Commands under way. `traces` are there once it was awaited, one for each key that was fetched."""

    @property
    def traces(self) -> Sequence[Trace]: ...

    def __await__(self) -> Any: ...


class Line(Protocol):
    """A way to Redis, be it one server or many. What is asked leaves at once; its replies are awaited when needed.

    Awaiting raises ConnectionError or TimeoutError of redis-py where Redis is away. Errors that Redis answers stand
    among the replies.
    """

    @property
    def is_of_cluster(self) -> bool:
        """Whether it has to be told of every key that a script touches."""
        ...

    def start(self, commands: Sequence[Words], slots: Sequence[int] | None = None, /) -> Asked:
        """Commands on keys of their second word, or for a script of their fourth, in their order for each key.

        `slots` of the commands, where they are known: a cluster need not find them out.
        """
        ...

    def fetch(self, keys: Sequence[str]) -> Asked:
        """The values in the order of the keys, None where there is none; and traces of them."""
        ...


class Pipeline:
    """To one server."""

    is_of_cluster = False

    def __init__(self, dial: Callable[[Callable[[], Wire]], Awaitable[Wire]], breaker: Breaker) -> None:
        self._dial, self._breaker = dial, breaker
        self._wire: Wire | None = None
        self._waiting = deque[Call]()
        self._connecting: asyncio.Task[None] | None = None
        self._is_closed = False

    def start(self, commands: Sequence[Words], _slots: Sequence[int] | None = None, /) -> Call:
        return self.place(Call(commands))

    def fetch(self, keys: Sequence[str]) -> "Fetch":
        return Fetch(self.place(fetching(keys)))

    def place(self, call: Call) -> Call:
        """Sends it, or has it wait for the connection or for room; it fails where neither is to be hoped for."""
        if not call.wanted:
            call.answer.set_result([])
            return call
        try:
            self._breaker.check()
        except ConnectionBroken as error:
            call.fail(error)
            return call
        if self._wire is not None and self._wire.has_room and not self._waiting:
            self._wire.send(call)
        elif self._is_closed or len(self._waiting) >= _WAITING:
            call.fail(ConnectionBroken("Too many wait for Redis." if self._waiting else "The pipeline is closed."))
        else:
            self._waiting.append(call)
            self._connect_soon()
        return call

    async def close(self) -> None:
        self._is_closed = True
        if self._connecting is not None:
            self._connecting.cancel()
            with suppress(asyncio.CancelledError):
                await self._connecting
        if self._wire is not None:
            self._wire.close()
            await asyncio.sleep(0)  # in which the socket is closed
        self._fail_waiting(ConnectionBroken("The pipeline is closed."))

    def _connect_soon(self) -> None:
        if self._wire is None and self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            wire = await self._dial(lambda: Wire(self._breaker, self._ended, self._send_waiting))
            if wire.is_over:
                raise ConnectionBroken("it hung up at once")
            self._wire = wire
        except (TimeoutError, NoAnswer):
            self._breaker.open()
            self._fail_waiting(NoAnswer("Redis can't be reached."))
        except LOST as error:
            self._fail_waiting(ConnectionBroken(f"Redis can't be reached: {error}"))
        else:
            self._send_waiting()
        finally:
            self._connecting = None

    def _send_waiting(self) -> None:
        while self._waiting and self._wire is not None and self._wire.has_room:
            call = self._waiting.popleft()
            if not call.answer.done():
                self._wire.send(call)

    def _ended(self, wire: Wire, calls: Sequence[Call], error: Exception) -> None:
        if wire is not self._wire:  # it never was open
            _fail(calls, error)
            return
        self._wire = None
        if isinstance(error, NoAnswer):
            self._fail_waiting(error)
        again = [call for call in calls if not (call.is_again or self._is_closed or isinstance(error, NoAnswer))]
        _fail([call for call in calls if call not in again], error)
        for call in reversed(again):
            call.is_again = True
            self._waiting.appendleft(call)
        if self._waiting:
            self._connect_soon()

    def _fail_waiting(self, error: Exception) -> None:
        waiting, self._waiting = self._waiting, deque()
        _fail(waiting, error)


class Fetch:
    """The values of some keys under way."""

    __slots__ = ("_call",)

    def __init__(self, call: Call) -> None:
        self._call = call

    @property
    def traces(self) -> Sequence[Trace]:
        return self._call.traces

    def __await__(self) -> Any:
        replies = yield from self._call.__await__()
        if not replies:
            return []
        values = replies[-1]
        if isinstance(values, Exception):
            raise values
        return values


def fetching(keys: Sequence[str]) -> Call:
    if not keys:
        return Call([])
    return Call([("CLIENT", "CACHING", "YES"), ("MGET", *keys)], [key.encode() for key in keys])


@asynccontextmanager
async def open_line(url: str, breaker: Breaker | None = None) -> AsyncIterator[Line]:
    """Opens lazily, so also while Redis is away."""
    pipeline = Pipeline(dialler(url), breaker or Breaker())
    try:
        yield pipeline
    finally:
        await pipeline.close()


def _fail(calls: Sequence[Call], error: Exception) -> None:
    for call in calls:
        call.fail(error)
