"""Finds what MongoDB says is unfinished and issues its jobs again: what never reached Redis, or was lost with it."""

import asyncio
from collections.abc import Sequence

import structlog
from msgspec.structs import replace

from core.errors import UnavailableError
from core.ids import UserId, wall_ms
from datastore.jobs.jobs import FANOUT, QUEUE_OF, WIDE_FANOUT, FanOut, Job
from datastore.jobs.queue import JobQueue, enqueue
from datastore.stores import Stores

EVERY_SECONDS = 5.0
OVERDUE_MS = 10_000
# A Redis that comes back may have forgotten its last seconds, pushes and jobs alike.
_AGAIN_MS = 120_000
_BATCH = 1_000
_LOOKED_AT = 10_000
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
        if not await self._stores.jobs.locks.try_acquire_sweep(int(self._every_seconds * 1000)):
            return 0
        return await self._after_restart() + await self._overdue()

    async def _after_restart(self) -> int:
        """The posts of the last minutes once more, when Redis is another process than before."""
        run = await self._stores.jobs.locks.new_run_id()
        if run is None:
            return 0
        issued, after = 0, 0
        while jobs := await self._stores.jobs.outbox.posts_since(wall_ms() - _AGAIN_MS, after, _BATCH):
            await enqueue(self._stores.jobs.redis, *jobs)
            issued, after = issued + len(jobs), jobs[-1].item_id
        await self._tell_again()
        await self._stores.jobs.locks.record_run_id(run)
        return issued

    async def _tell_again(self) -> None:
        """What changed in notifications in the last minutes, to those who are live; what their log holds is left."""
        stores, since, after = self._stores, wall_ms() - _AGAIN_MS, UserId(0)
        while people := await stores.notifications.reader.changed_since(since, after, _BATCH):
            after = people[-1]
            for user_id in await stores.notifications.log.live_among(people):
                for news in await stores.notifications.reader.changes_of(user_id, since):
                    await stores.notifications.publisher.publish(news)

    async def _overdue(self) -> int:
        """What lies in its queue is late, not lost: were it issued again, a queue that is late would only grow."""
        lost = await self._lost(await self._stores.jobs.outbox.unfinished(self._overdue_ms, _BATCH))
        taken = await self._stores.jobs.locks.try_acquire_reissue(lost, _PATIENCE * self._overdue_ms)
        issued = [job for job, is_taken in zip(lost, taken, strict=True) if is_taken]
        if issued:
            await enqueue(self._stores.jobs.redis, *map(_again, issued))
            _log.info("unfinished jobs issued again", jobs=len(issued))
        return len(issued)

    async def _lost(self, jobs: Sequence[Job]) -> list[Job]:
        """Of a queue that is too long to be looked through nothing is."""
        lying, long = set[object](), set[str]()
        for name in {name for job in jobs for name in _queues_of(job)}:
            found = await JobQueue(self._stores.jobs.redis, name).open_jobs(_LOOKED_AT)
            lying.update(_named(job) for job in found if job is not None)
            if len(found) == _LOOKED_AT:
                long.add(name)
        return [job for job in jobs if _named(job) not in lying and long.isdisjoint(_queues_of(job))]


def _queues_of(job: Job) -> tuple[str, ...]:
    return (FANOUT, WIDE_FANOUT) if isinstance(job, FanOut) else (QUEUE_OF[type(job)],)


def _named(job: Job) -> object:
    """A post is fanned out alike, whatever else the job says of it."""
    return (FanOut, job.item_id) if isinstance(job, FanOut) else job


def _again(job: Job) -> Job:
    return replace(job, is_again=True) if isinstance(job, FanOut) else job
