"""A timeout in event-loop time: it does not count time in which this process itself was blocked.

`asyncio.timeout` discards an answer that arrived while the loop could not read it, so that a long computation, or an
overloaded machine, would look like a frozen store.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_SLICES = 20


@asynccontextmanager
async def loop_time_timeout(seconds: float) -> AsyncIterator[None]:
    """Raises TimeoutError after the event loop ran for `seconds`."""
    async with asyncio.timeout(None) as limit:
        countdown = _Countdown(seconds, limit)
        try:
            yield
        finally:
            countdown.timer.cancel()


class _Countdown:
    """Counts slices of the time; each counts once, however long it took."""

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
