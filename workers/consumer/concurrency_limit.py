"""How many jobs are tried at once: fewer while they don't come to an end in time.

What is late is made later by each that is tried beside it, until none comes to an end any more.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.errors import UnavailableError

_LEAST = 2


class Gate:
    """Lets `most` through at once, first come, first served. A store that is away halves it, each success widens it."""

    def __init__(self, most: int) -> None:
        self._most = self._limit = most
        self._inside, self._is_open = 0, False
        self._waiting = deque[asyncio.Future[None]]()

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        await self._enter()
        try:
            yield
            self._limit = min(self._limit + 1, self._most)
        except UnavailableError:
            self._limit = max(self._limit // 2, min(_LEAST, self._most))
            raise
        finally:
            self._inside -= 1
            self._let_in()

    def open(self) -> None:
        """For all who wait, and who come: at the end each is to have one more try."""
        self._is_open = True
        self._let_in()

    async def _enter(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._inside -= 1
            self._let_in()
            raise

    def _let_in(self) -> None:
        while self._waiting and (self._is_open or self._inside < self._limit):
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                self._inside += 1
