"""Write batch: messages produced in one iteration of the event loop are written back to back at its end.

The first write wakes a client on another core, which then finds the others; waking it for each message costs the
server more than the message.
"""

import asyncio
from collections.abc import Callable

BATCH_SIZE = 64
"""A full batch is written at once, so that no message waits long."""

Write = Callable[[bytes], None]


class WriteBatch:
    """Batch of one event loop. Call `flush` before writing by other means, to keep the order."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Write, bytes]] = []

    def add(self, write: Write, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting.append((write, data))
        if len(self._waiting) >= BATCH_SIZE:
            self.flush()

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for write, data in waiting:
            write(data)
