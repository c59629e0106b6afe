"""Joins what many ask for at one moment: while one batch is carried out, the next one gathers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from core.errors import UnavailableError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Gathering(Generic[Asked, Answer]):
    """`carry_out` answers a batch in its order; what it raises, everybody in the batch is told.

    Nobody waits for others to come: somebody alone is a batch of one.
    """

    def __init__(self, carry_out: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]], most: int) -> None:
        self._carry_out, self._most = carry_out, most
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._working: asyncio.Task[None] | None = None

    async def __call__(self, asked: Asked) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                answers = await self._carry_out([asked for asked, _ in batch])
            except Exception as error:  # noqa: BLE001 - it is theirs who asked
                if isinstance(error, UnavailableError):  # who waited as long need not wait for the same again
                    batch, self._waiting = batch + self._waiting, []
                for _, waiting in batch:
                    if not waiting.done():
                        waiting.set_exception(error)
                continue
            for (_, waiting), answer in zip(batch, answers, strict=True):
                if not waiting.done():
                    waiting.set_result(answer)
