"""What trends, as it changes: one look at the snapshot every other second for all who watch in this process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Self

from core.runtime.tasks import not_cancelled
from datastore.trends.store import Snapshot, TrendStore

LOOK_EVERY_SECONDS = 2.0


class TrendWatch:
    """All who watch in a process. Nobody looks while nobody watches."""

    def __init__(self, trends: TrendStore, *, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        self._trends, self._every_seconds = trends, every_seconds
        self._watchers = 0
        self._latest = Snapshot()
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look_again_and_again(), name="trends")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._looking.cancel()
        with suppress(asyncio.CancelledError):
            await self._looking

    async def snapshots(self) -> AsyncGenerator[Snapshot, None]:
        """The snapshot that there is, and then each other one; who is slow gets the newest alone."""
        self._watchers += 1
        try:
            seen = self._latest = await self._trends.latest()
            yield seen
            while not_cancelled():
                async with self._changed:
                    await self._changed.wait_for(lambda: self._latest != seen)  # noqa: B023 - asked before it changes
                seen = self._latest
                yield seen
        finally:
            self._watchers -= 1

    async def _look_again_and_again(self) -> None:
        while not_cancelled():
            if self._watchers:
                await self.look()
            await asyncio.sleep(self._every_seconds)

    async def look(self) -> None:
        snapshot = await self._trends.latest()
        async with self._changed:
            self._latest = snapshot
            self._changed.notify_all()
