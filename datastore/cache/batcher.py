"""Request coalescing: while batches are under way, later requests collect for the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, cast

from core.errors import UnavailableError

Request = TypeVar("Request")
Result = TypeVar("Result")


class Batcher(Generic[Request, Result]):
    """`execute` answers a batch of at most `max_size` requests in its order; all of a batch get the error it raises.

    Nothing waits for a batch to fill: with fewer than `at_once` batches under way, a single request is a batch of one.
    """

    def __init__(
        self, execute: Callable[[Sequence[Request]], Awaitable[Sequence[Result]]], max_size: int, *, at_once: int = 1
    ) -> None:
        self._execute, self._max_size, self._at_once = execute, max_size, at_once
        self._waiting: list[tuple[Request, asyncio.Future[Result]]] = []
        self._workers = set[asyncio.Task[None]]()

    async def __call__(self, request: Request) -> Result:
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, result))
        if len(self._workers) < self._at_once:
            self._workers.add(asyncio.create_task(self._work()))
        return await result

    async def _work(self) -> None:
        try:
            await self._execute_waiting()
        finally:  # without an await after the last check for requests, so that none is left behind
            self._workers.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _execute_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._max_size], self._waiting[self._max_size :]
            try:
                results = await self._execute([request for request, _ in batch])
            except Exception as error:  # noqa: BLE001 - belongs to the callers
                if isinstance(error, UnavailableError):  # those that waited would only wait for the same failure again
                    batch, self._waiting = batch + self._waiting, []
                _fail(batch, error)
                continue
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _fail(batch: Sequence[tuple[Request, asyncio.Future[Result]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
