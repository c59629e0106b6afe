"""Joins what many ask for at one moment: while batches are carried out, the next one gathers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, cast

from core.errors import UnavailableError

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Gathering(Generic[Asked, Answer]):
    """`carry_out` answers a batch of `most` in its order; what it raises, everybody in the batch is told.

    Nobody waits for others to come: while fewer than `at_once` batches are under way, somebody alone is a batch of one.
    """

    def __init__(
        self, carry_out: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]], most: int, *, at_once: int = 1
    ) -> None:
        self._carry_out, self._most, self._at_once = carry_out, most, at_once
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._working = set[asyncio.Task[None]]()

    async def __call__(self, asked: Asked) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if len(self._working) < self._at_once:
            self._working.add(asyncio.create_task(self._work()))
        return await answer

    async def _work(self) -> None:
        try:
            await self._carry_out_all()
        finally:  # with the last look at who waits, so that nobody comes in between
            self._working.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _carry_out_all(self) -> None:
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
