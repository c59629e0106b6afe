"""Time limits of many short tasks, on one shared timer: `asyncio.timeout` sets and cancels a timer for each."""

import asyncio
from types import TracebackType
from typing import Self


class Deadlines:
    """Makes limits of `seconds` each, to be entered at once: `with deadlines.limit():`. It raises TimeoutError.

    A limit cancels the current task's wait as `asyncio.timeout` does.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open: dict[TimeLimit, None] = {}
        """Open limits, first to expire first."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def limit(self) -> "TimeLimit":
        return TimeLimit(self)

    def begin(self, limit: "TimeLimit") -> float:
        """The instant at which the limit expires, by the loop's clock."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._timer, self._open = loop, None, {}
        self._open[limit] = None
        ends = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(ends, self._expire_due)
        return ends

    def end(self, limit: "TimeLimit") -> None:
        self._open.pop(limit, None)

    def _expire_due(self) -> None:
        loop, self._timer = asyncio.get_running_loop(), None
        while self._open:
            first = next(iter(self._open))
            if first.ends > loop.time():
                self._timer = loop.call_at(first.ends, self._expire_due)
                return
            del self._open[first]
            first.expire()


class TimeLimit:
    """A limit on the current task, counted from its entry."""

    __slots__ = ("_cancelling", "_deadlines", "_is_over", "_task", "ends")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines, self._is_over = deadlines, False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A time limit needs a task.")
        self._task, self._cancelling = task, task.cancelling()
        self.ends = self._deadlines.begin(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if not self._is_over:
            self._deadlines.end(self)
        elif self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        self._is_over = True
        self._task.cancel()
