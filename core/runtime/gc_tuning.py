"""Garbage collector tuning: objects of the process's start are frozen, and freed memory is returned to the system."""

import asyncio
import ctypes
import gc
from collections.abc import Callable
from contextlib import suppress
from mmap import PAGESIZE
from pathlib import Path

YOUNG, MIDDLE, OLD = 10_000, 20, 50
"""Thresholds. A page of tweets makes some hundred short-lived objects, which should not trigger collections."""

_TRIM_SECONDS = 1.0
_LOOK_SECONDS, _LATEST_SECONDS = 10.0, 600.0
_GROWN_BYTES = 8 << 20
_STATM = Path("/proc/self/statm")


def tune_gc() -> None:
    """Call once, when long-lived objects are made. A full collection then walks later objects only."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


class GrowthCollector:
    """Runs a full collection when the process has grown by 8 MiB since the last one, at the latest after ten minutes.

    The thresholds alone put it off for so long that cycles of millions of objects could wait.
    """

    def __init__(self, *, look_seconds: float = _LOOK_SECONDS, grown_bytes: int = _GROWN_BYTES) -> None:
        self._look_seconds, self._grown_bytes = look_seconds, grown_bytes
        self._bytes, self._waited = 0, 0.0

    def start(self) -> None:
        """Looks from time to time until the running event loop ends."""
        self._bytes = _resident_bytes()
        asyncio.get_running_loop().call_later(self._look_seconds, self._look)

    def _look(self) -> None:
        self._waited += self._look_seconds
        if self._waited >= _LATEST_SECONDS or _resident_bytes() - self._bytes > self._grown_bytes:
            gc.collect()
            self._bytes, self._waited = _resident_bytes(), 0.0
        asyncio.get_running_loop().call_later(self._look_seconds, self._look)


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


def _resident_bytes() -> int:
    """0 where the system does not tell: only the time counts there."""
    try:
        return int(_STATM.read_text().split()[1]) * PAGESIZE
    except OSError:
        return 0
