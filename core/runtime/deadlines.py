"""Time limits of many short tasks, by one timer for all of them: `asyncio.timeout` sets and takes back one for each."""

import asyncio
from types import TracebackType
from typing import Self


class Deadlines:
    """Limits of so many seconds each, to be entered at once: `with deadlines.limit():`. TimeoutError where one is over.

    A limit ends the current task's waiting as `asyncio.timeout` does.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._open: dict[Limit, None] = {}
        """In the order in which they end."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def limit(self) -> "Limit":
        return Limit(self)

    def begin(self, limit: "Limit") -> float:
        """When it ends, by the clock of the loop."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._timer, self._open = loop, None, {}
        self._open[limit] = None
        ends = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(ends, self._look)
        return ends

    def end(self, limit: "Limit") -> None:
        self._open.pop(limit, None)

    def _look(self) -> None:
        loop, self._timer = asyncio.get_running_loop(), None
        while self._open:
            first = next(iter(self._open))
            if first.ends > loop.time():
                self._timer = loop.call_at(first.ends, self._look)
                return
            del self._open[first]
            first.expire()


class Limit:
    """Of the current task, from when it is entered."""

    __slots__ = ("_cancelling", "_deadlines", "_is_over", "_task", "ends")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines, self._is_over = deadlines, False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("A time limit is of a task.")
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
