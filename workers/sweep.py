"""Finds what MongoDB says is unfinished and issues its jobs again: what never reached Redis, or was lost with it."""

import asyncio

import structlog
from msgspec.structs import replace

from core.errors import UnavailableError
from core.ids import UserId, wall_ms
from datastore.jobs import FanOut, Job
from datastore.queue import enqueue
from datastore.stores import Stores

EVERY_SECONDS = 5.0
OVERDUE_MS = 10_000
# A Redis that comes back may have forgotten its last seconds, pushes and jobs alike.
_AGAIN_MS = 120_000
_BATCH = 1_000
# Times the overdue time that a job issued again is given.
_PATIENCE = 6
_log = structlog.get_logger()


class Sweeper:
    """Any number may run; one at a time does the work."""

    def __init__(self, stores: Stores, *, every_seconds: float = EVERY_SECONDS, overdue_ms: int = OVERDUE_MS) -> None:
        self._stores = stores
        self._every_seconds, self._overdue_ms = every_seconds, overdue_ms

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.sweep()
            except UnavailableError as error:
                _log.warning("sweep put off", error=repr(error))
            except Exception:  # noqa: BLE001 - the workers beside it must not end with it
                _log.exception("sweep failed, will be tried again")
            try:
                await asyncio.wait_for(stop.wait(), self._every_seconds)
            except TimeoutError:
                continue

    async def sweep(self) -> int:
        """How many jobs were issued again; none where another sweeper has just been at work."""
        if not await self._stores.turns.take_sweep(int(self._every_seconds * 1000)):
            return 0
        return await self._after_restart() + await self._overdue()

    async def _after_restart(self) -> int:
        """The posts of the last minutes once more, when Redis is another process than before."""
        run = await self._stores.turns.new_run()
        if run is None:
            return 0
        issued, after = 0, 0
        while jobs := await self._stores.outbox.posts_since(wall_ms() - _AGAIN_MS, after, _BATCH):
            await enqueue(self._stores.jobs, *jobs)
            issued, after = issued + len(jobs), jobs[-1].item_id
        await self._tell_again()
        await self._stores.turns.know_run(run)
        return issued

    async def _tell_again(self) -> None:
        """What changed in notifications in the last minutes, to those who are live; what their log holds is left."""
        stores, since, after = self._stores, wall_ms() - _AGAIN_MS, UserId(0)
        while people := await stores.notifications.changed_since(since, after, _BATCH):
            after = people[-1]
            for user_id in await stores.notification_log.live_among(people):
                for news in await stores.notifications.news_of(user_id, since):
                    await stores.teller.tell(news)

    async def _overdue(self) -> int:
        """A job may also be late because the queue is long: it is not issued again and again."""
        jobs = await self._stores.outbox.unfinished(self._overdue_ms, _BATCH)
        taken = await self._stores.turns.take_jobs(jobs, _PATIENCE * self._overdue_ms)
        lost = [job for job, is_taken in zip(jobs, taken, strict=True) if is_taken]
        if lost:
            await enqueue(self._stores.jobs, *map(_again, lost))
            _log.info("unfinished jobs issued again", jobs=len(lost))
        return len(lost)


def _again(job: Job) -> Job:
    return replace(job, is_again=True) if isinstance(job, FanOut) else job
