"""Python's collector of cycles, told what stays: what a process loaded at its start is never walked again."""

import asyncio
import ctypes
import gc
from collections.abc import Callable
from contextlib import suppress

YOUNG, MIDDLE, OLD = 10_000, 20, 50
"""A page of tweets makes some hundred objects that end with it; the collector is to look for cycles, not at those."""

_TRIM_SECONDS = 1.0


def tune_gc() -> None:
    """Call once, when the process has made what it keeps. A full collection then costs what came since."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


class Trimmer:
    """Gives memory that was freed back to the system, soon after it was told that much was.

    The C library keeps what lies below anything that is still in use; nothing to do where it has no `malloc_trim`.
    """

    def __init__(self, seconds: float = _TRIM_SECONDS) -> None:
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None
        self._trim: Callable[[int], int] | None = None
        with suppress(AttributeError, OSError):
            self._trim = ctypes.CDLL(None).malloc_trim

    def trim_soon(self) -> None:
        """Once, however often it is called meanwhile."""
        if self._timer is None and self._trim is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._run, self._trim)

    def _run(self, trim: Callable[[int], int]) -> None:
        self._timer = None
        trim(0)
