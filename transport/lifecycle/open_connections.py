"""Open sockets and streams of this process; on a restart they are drained spread over some seconds."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Drainable(Protocol):
    async def drain(self) -> None:
        """Finishes what is in flight, accepts nothing new, closes."""


class OpenConnections:
    """Each connection is drained at a random moment, so that clients do not reconnect all at once."""

    def __init__(self) -> None:
        self._open: set[Drainable] = set()
        self.is_draining = False

    @contextmanager
    def tracking(self, connection: Drainable) -> Iterator[None]:
        self._open.add(connection)
        try:
            yield
        finally:
            self._open.discard(connection)

    async def drain(self, seconds: float) -> None:
        """Returns when all are closed. A second call waits for those that the first has not reached yet."""
        self.is_draining = True
        async with asyncio.TaskGroup() as tasks:
            for connection in self._open:
                tasks.create_task(self._drain(connection, random.uniform(0, seconds)))  # noqa: S311 - no secret

    async def _drain(self, connection: Drainable, delay: float) -> None:
        await asyncio.sleep(delay)
        if connection in self._open:
            await connection.drain()
