"""Sweeper: issues unfinished jobs of the outbox again that never reached Redis, or were lost with it."""

import asyncio
from collections.abc import Sequence

import structlog
from msgspec.structs import replace

from core.errors import UnavailableError
from core.ids import UserId, wall_ms
from datastore.jobs.jobs import FanOut, Job
from datastore.jobs.queue import JobQueue, enqueue
from datastore.jobs.routing import FANOUT, QUEUE_OF, WIDE_FANOUT
from datastore.jobs.stores import JobStores
from datastore.notifications.stores import NotificationStores

EVERY_SECONDS = 5.0
OVERDUE_MS = 10_000
# A restarted Redis may have lost the pushes and jobs of its last seconds.
_REPLAYED_MS = 120_000
_BATCH = 1_000
_MAX_OPEN_JOBS = 10_000
# A reissued job is overdue again only after this multiple of the overdue time.
_REISSUE_FACTOR = 6
_log = structlog.get_logger()


class Sweeper:
    """Any number may run; a lock lets one at a time sweep."""

    def __init__(
        self,
        jobs: JobStores,
        notifications: NotificationStores,
        *,
        every_seconds: float = EVERY_SECONDS,
        overdue_ms: int = OVERDUE_MS,
    ) -> None:
        self._jobs, self._notifications = jobs, notifications
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
        """Returns the number of jobs issued again; 0 if another sweeper has swept just before."""
        if not await self._jobs.locks.try_acquire_sweep(int(self._every_seconds * 1000)):
            return 0
        return await self._after_restart() + await self._overdue()

    async def _after_restart(self) -> int:
        """Issues the posts of the last two minutes again if Redis was restarted."""
        run = await self._jobs.locks.new_run_id()
        if run is None:
            return 0
        issued, after = 0, 0
        while jobs := await self._jobs.outbox.posts_since(wall_ms() - _REPLAYED_MS, after, _BATCH):
            await enqueue(self._jobs.redis, *jobs)
            issued, after = issued + len(jobs), jobs[-1].item_id
        await self._publish_again()
        await self._jobs.locks.record_run_id(run)
        return issued

    async def _publish_again(self) -> None:
        """Publishes recent changes of notifications to live users again; their logs ignore what they have."""
        reader, since, after = self._notifications.reader, wall_ms() - _REPLAYED_MS, UserId(0)
        while user_ids := await reader.changed_since(since, after, _BATCH):
            after = user_ids[-1]
            for user_id in await self._notifications.log.live_among(user_ids):
                for change in await reader.changes_of(user_id, since):
                    await self._notifications.publisher.publish(change)

    async def _overdue(self) -> int:
        """Reissues overdue jobs that are not in their queue; one that is there is late, not lost."""
        lost = await self._lost(await self._jobs.outbox.unfinished(self._overdue_ms, _BATCH))
        acquired = await self._jobs.locks.try_acquire_reissue(lost, _REISSUE_FACTOR * self._overdue_ms)
        issued = [job for job, is_acquired in zip(lost, acquired, strict=True) if is_acquired]
        if issued:
            await enqueue(self._jobs.redis, *map(_again, issued))
            _log.info("unfinished jobs issued again", jobs=len(issued))
        return len(issued)

    async def _lost(self, jobs: Sequence[Job]) -> list[Job]:
        """The subset of jobs that is not in its queue; none for queues that are too long to read."""
        present, too_long = set[object](), set[str]()
        for name in {name for job in jobs for name in _queues_of(job)}:
            found = await JobQueue(self._jobs.redis, name).open_jobs(_MAX_OPEN_JOBS)
            present.update(_identity(job) for job in found if job is not None)
            if len(found) == _MAX_OPEN_JOBS:
                too_long.add(name)
        return [job for job in jobs if _identity(job) not in present and too_long.isdisjoint(_queues_of(job))]


def _queues_of(job: Job) -> tuple[str, ...]:
    return (FANOUT, WIDE_FANOUT) if isinstance(job, FanOut) else (QUEUE_OF[type(job)],)


def _identity(job: Job) -> object:
    """Fan-out jobs of one item are the same job, whatever their other fields."""
    return (FanOut, job.item_id) if isinstance(job, FanOut) else job


def _again(job: Job) -> Job:
    return replace(job, is_again=True) if isinstance(job, FanOut) else job
