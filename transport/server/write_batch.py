"""Messages of one turn of the loop are written one right after the other, not each in the midst of other work.

A client on another core is woken by the first of them and finds the others there; to wake it for each costs the server
more than the message.
"""

import asyncio
from collections.abc import Callable

AT_ONCE = 64
"""So many wait at most, so that nobody waits long for the rest of a large crowd."""

Write = Callable[[bytes], None]


class WritingTurn:
    """Of one loop. Whoever writes past it calls `end` before."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Write, bytes]] = []

    def add(self, write: Write, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self.end)
        self._waiting.append((write, data))
        if len(self._waiting) >= AT_ONCE:
            self.end()

    def end(self) -> None:
        waiting, self._waiting = self._waiting, []
        for write, data in waiting:
            write(data)
