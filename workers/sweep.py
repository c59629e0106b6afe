"""Finds what MongoDB says is unfinished and issues its jobs again: those that never reached Redis, or were lost with it."""

import asyncio

import structlog

from core.errors import UnavailableError
from core.ids import wall_ms
from datastore.jobs import FanOut
from datastore.queue import enqueue
from datastore.stores import Stores

EVERY_SECONDS = 5.0
OVERDUE_MS = 10_000
# A Redis that comes back may have forgotten its last seconds, pushes and jobs alike.
_AGAIN_MS = 120_000
_BATCH = 1_000
_log = structlog.get_logger()


class Sweeper:
    """Any number may run; one at a time does the work."""

    def __init__(self, stores: Stores, *, every_seconds: float = EVERY_SECONDS, overdue_ms: int = OVERDUE_MS) -> None:
        self._stores = stores
        self._every_seconds, self._overdue_ms = every_seconds, overdue_ms
        self._known_run: str | None = None

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.sweep()
            except UnavailableError as error:
                _log.warning("sweep put off", error=repr(error))
            try:
                await asyncio.wait_for(stop.wait(), self._every_seconds)
            except TimeoutError:
                continue

    async def sweep(self) -> int:
        """How many jobs were issued again."""
        issued = await self._after_restart()
        if await self._stores.turns.take_sweep(int(self._every_seconds * 1000)):
            jobs = await self._stores.outbox.unfinished(self._overdue_ms, _BATCH)
            if jobs:
                await enqueue(self._stores.redis, *jobs)
                _log.info("unfinished jobs issued again", jobs=len(jobs))
            issued += len(jobs)
        return issued

    async def _after_restart(self) -> int:
        """The posts of the last minutes once more, when Redis is another process than before."""
        run = await self._stores.turns.redis_run()
        if run == self._known_run:
            return 0
        issued, after = 0, 0
        while ids := await self._stores.outbox.posts_since(wall_ms() - _AGAIN_MS, after, _BATCH):
            await enqueue(self._stores.redis, *map(FanOut, ids))
            issued, after = issued + len(ids), ids[-1]
        self._known_run = run
        return issued
