"""Changes of the trends: one poll of the snapshot every two seconds for all watchers in this process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Self

from core.runtime.tasks import not_cancelled
from datastore.trends.snapshots import Snapshot, TrendSnapshotStore

POLL_SECONDS = 2.0


class TrendWatch:
    """All watchers of a process. It does not poll without watchers."""

    def __init__(self, trends: TrendSnapshotStore, *, every_seconds: float = POLL_SECONDS) -> None:
        self._trends, self._every_seconds = trends, every_seconds
        self._watchers = 0
        self._latest = Snapshot()
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._polling = asyncio.create_task(self._poll_forever(), name="trends")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._polling.cancel()
        with suppress(asyncio.CancelledError):
            await self._polling

    async def snapshots(self) -> AsyncGenerator[Snapshot, None]:
        """The current snapshot, then each different one. A slow watcher skips to the newest."""
        self._watchers += 1
        try:
            seen = self._latest = await self._trends.latest()
            yield seen
            while not_cancelled():
                async with self._changed:
                    await self._changed.wait_for(lambda: self._latest != seen)  # noqa: B023 - evaluated before `seen` changes
                seen = self._latest
                yield seen
        finally:
            self._watchers -= 1

    async def _poll_forever(self) -> None:
        while not_cancelled():
            if self._watchers:
                await self.poll()
            await asyncio.sleep(self._every_seconds)

    async def poll(self) -> None:
        snapshot = await self._trends.latest()
        async with self._changed:
            self._latest = snapshot
            self._changed.notify_all()
