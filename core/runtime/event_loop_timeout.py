"""Deadlines for answers from elsewhere that do not count the time in which this process itself was held up.

`asyncio.timeout` cuts off what was answered while the process could not look: a long computation, or a machine that
has too much to do, would be taken for a store that is frozen.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_SLICES = 20


@asynccontextmanager
async def loop_time_timeout(seconds: float) -> AsyncIterator[None]:
    """Raises TimeoutError after as many seconds in which the event loop ran."""
    async with asyncio.timeout(None) as limit:
        countdown = _Countdown(seconds, limit)
        try:
            yield
        finally:
            countdown.timer.cancel()


class _Countdown:
    """Of the slices, each of which counts once however long it took."""

    def __init__(self, seconds: float, limit: asyncio.Timeout) -> None:
        self._slice, self._left, self._limit = seconds / _SLICES, _SLICES, limit
        self._loop = asyncio.get_running_loop()
        self.timer = self._loop.call_later(self._slice, self._pass)

    def _pass(self) -> None:
        self._left -= 1
        if self._left:
            self.timer = self._loop.call_later(self._slice, self._pass)
        else:
            self._limit.reschedule(self._loop.time())
