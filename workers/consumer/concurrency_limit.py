"""Adaptive concurrency limit (AIMD) for jobs.

Each concurrent job delays the others, so the limit halves on failure and grows by one on success.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.errors import UnavailableError

_MIN_LIMIT = 2


class ConcurrencyLimit:
    """At most `maximum` holders at once, in order of arrival. UnavailableError halves the limit, success adds one."""

    def __init__(self, maximum: int) -> None:
        self._max = self._limit = maximum
        self._running, self._is_lifted = 0, False
        self._waiting = deque[asyncio.Future[None]]()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        await self._acquire()
        try:
            yield
            self._limit = min(self._limit + 1, self._max)
        except UnavailableError:
            self._limit = max(self._limit // 2, min(_MIN_LIMIT, self._max))
            raise
        finally:
            self._running -= 1
            self._admit()

    def lift(self) -> None:
        """Removes the limit, so that at shutdown every waiting job has one more attempt."""
        self._is_lifted = True
        self._admit()

    async def _acquire(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._admit()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._running -= 1
            self._admit()
            raise

    def _admit(self) -> None:
        while self._waiting and (self._is_lifted or self._running < self._limit):
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self._running += 1
