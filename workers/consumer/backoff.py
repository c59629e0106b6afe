"""How workers wait for a store that is away."""

import asyncio

import structlog

from core.errors import UnavailableError

_FIRST_SECONDS, _LONGEST_SECONDS = 0.05, 0.5
_log = structlog.get_logger()


class Pause:
    """Grows with each failure in a row; ends early when the worker is to stop."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self.reset()

    def reset(self) -> None:
        self._seconds = _FIRST_SECONDS

    async def after(self, error: UnavailableError) -> None:
        _log.warning("a store is away", error=repr(error), pause_seconds=self._seconds)
        try:
            await asyncio.wait_for(self._stop.wait(), self._seconds)
        except TimeoutError:
            self._seconds = min(self._seconds * 2, _LONGEST_SECONDS)
