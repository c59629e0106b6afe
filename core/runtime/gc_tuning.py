"""Garbage collector tuning: objects of the process's start are frozen, and freed memory is returned to the system."""

import asyncio
import ctypes
import gc
from collections.abc import Callable
from contextlib import suppress

YOUNG, MIDDLE, OLD = 10_000, 20, 50
"""Thresholds. A page of tweets makes some hundred short-lived objects, which should not trigger collections."""

_TRIM_SECONDS = 1.0


def tune_gc() -> None:
    """Call once, when long-lived objects are made. A full collection then walks later objects only."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


class Trimmer:
    """Returns freed memory to the system, some time after `trim_soon`.

    glibc keeps freed memory below the highest block in use. Does nothing where the C library has no `malloc_trim`.
    """

    def __init__(self, seconds: float = _TRIM_SECONDS) -> None:
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None
        self._trim: Callable[[int], int] | None = None
        with suppress(AttributeError, OSError):
            self._trim = ctypes.CDLL(None).malloc_trim

    def trim_soon(self) -> None:
        """Calls before the timer fires are merged into one trim."""
        if self._timer is None and self._trim is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._run, self._trim)

    def _run(self, trim: Callable[[int], int]) -> None:
        self._timer = None
        trim(0)
