"""Graceful shutdown: after SIGTERM the process reports that it is leaving and serves on for a grace period.

Load balancers stop sending requests in that time; otherwise a request sent at the moment of the end finds its
connection closed.
"""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType


class ServerLifecycle:
    """One run of the server; connections reach it by `scope_state.lifecycle_of`.

    `is_leaving`: SIGTERM received, still serving. `is_stopping`: accepts nothing new.
    """

    def __init__(self) -> None:
        self._callbacks: set[Callable[[], Awaitable[None]]] = set()
        self._tasks: set[asyncio.Future[None]] = set()
        self.is_leaving = self.is_stopping = False

    def on_stop(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Idempotent: a callback registered twice is called once."""
        self._callbacks.add(callback)

    def stop(self) -> None:
        """Idempotent: starts the callbacks on the first call."""
        if self.is_stopping:
            return
        self.is_stopping = True
        for callback in self._callbacks:
            task = asyncio.ensure_future(callback())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


def delay_shutdown(lifecycle: ServerLifecycle, seconds: float) -> None:
    """The first SIGTERM marks `lifecycle` as leaving and reaches the server `seconds` later.

    A second SIGTERM, or Ctrl-C, ends the process at once. Does nothing outside the main thread.
    """
    if not seconds or threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    end = signal.getsignal(signal.SIGTERM)
    if not callable(end):
        return

    def leave(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, end)
        lifecycle.is_leaving = True
        loop.call_soon_threadsafe(loop.call_later, seconds, end, number, frame)

    signal.signal(signal.SIGTERM, leave)
