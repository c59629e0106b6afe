"""Exponential backoff of workers while a store is not reachable."""

import asyncio

import structlog

from core.errors import UnavailableError

_MIN_SECONDS, _MAX_SECONDS = 0.05, 0.5
_log = structlog.get_logger()


class Backoff:
    """Waits 0.05 s after a failure, twice as long after each further one, up to 0.5 s; `stop` ends the wait."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self.reset()

    def reset(self) -> None:
        self._seconds = _MIN_SECONDS

    async def wait_after(self, error: UnavailableError) -> None:
        _log.warning("a store is away", error=repr(error), pause_seconds=self._seconds)
        try:
            await asyncio.wait_for(self._stop.wait(), self._seconds)
        except TimeoutError:
            self._seconds = min(self._seconds * 2, _MAX_SECONDS)
