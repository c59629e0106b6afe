"""Fair queue: calls that wait for a few threads are served by turns, first by kind, then by client.

A client has a bounded share of a kind's queue. Where the queue is full, the client with the most calls in it loses its
newest one to a client with fewer, so that a flood from some clients never shuts out the others.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


class QueueFullError(Exception):
    """The client has its share of the queue already, or the whole queue is taken by clients with as few calls."""


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    work: Callable[[], Any]
    answer: asyncio.Future[Any]

    def give_up(self, error: BaseException) -> None:
        """Does nothing where the caller was cancelled."""
        if not self.answer.done():
            self.answer.set_exception(error)


class FairQueue:
    """`threads`: calls that run at a time. `most_waiting` for each kind, `most_per_client` for a client of a kind."""

    def __init__(self, pool: Executor, *, threads: int, most_waiting: int, most_per_client: int) -> None:
        self._pool, self._threads = pool, threads
        self._most_waiting, self._most_per_client = most_waiting, most_per_client
        self._kinds: dict[str, _Kind] = {}
        self._running = 0

    async def run(self, kind: str, client: str, work: Callable[[], T]) -> T:
        """The result of `work`, called in a thread of the pool. Raises QueueFullError."""
        call = _Call(work, asyncio.get_running_loop().create_future())
        waiting = self._kinds.setdefault(kind, _Kind())
        self._admit(waiting, client)
        waiting.add(client, call)
        self._start()
        try:
            result: T = await call.answer
            return result
        finally:
            waiting.remove(client, call)

    def _admit(self, waiting: "_Kind", client: str) -> None:
        own = waiting.count(client)
        if own >= self._most_per_client:
            raise QueueFullError
        if len(waiting) >= self._most_waiting:
            longest = waiting.longest()
            if waiting.count(longest) <= own + 1:
                raise QueueFullError
            waiting.take_newest(longest).give_up(QueueFullError())

    def _start(self) -> None:
        while self._running < self._threads and (call := self._next()) is not None:
            self._running += 1
            running = asyncio.get_running_loop().run_in_executor(self._pool, call.work)
            running.add_done_callback(partial(self._finish, call))

    def _next(self) -> _Call | None:
        """The kind whose call is taken goes to the end of the line."""
        for name, waiting in self._kinds.items():
            if waiting:
                self._kinds[name] = self._kinds.pop(name)
                return waiting.take_next()
        return None

    def _finish(self, call: _Call, done: asyncio.Future[Any]) -> None:
        self._running -= 1
        error = done.exception()
        if error is not None:
            call.give_up(error)
        elif not call.answer.done():
            call.answer.set_result(done.result())
        self._start()


class _Kind:
    """Waiting calls of one kind by client, in the order in which clients are served."""

    def __init__(self) -> None:
        self._clients: dict[str, deque[_Call]] = {}
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def count(self, client: str) -> int:
        return len(self._clients.get(client, ()))

    def longest(self) -> str:
        return max(self._clients, key=self.count)

    def add(self, client: str, call: _Call) -> None:
        self._clients.setdefault(client, deque()).append(call)
        self._waiting += 1

    def take_next(self) -> _Call:
        """The oldest call of the first client, who goes to the end of the line."""
        client = next(iter(self._clients))
        calls = self._clients.pop(client)
        call = calls.popleft()
        self._waiting -= 1
        if calls:
            self._clients[client] = calls
        return call

    def take_newest(self, client: str) -> _Call:
        call = self._clients[client][-1]
        self.remove(client, call)
        return call

    def remove(self, client: str, call: _Call) -> None:
        """Idempotent: a call that waits no more stays away."""
        calls = self._clients.get(client)
        if calls is None or call not in calls:
            return
        calls.remove(call)
        self._waiting -= 1
        if not calls:
            del self._clients[client]
