"""Enqueues jobs. No job is lost while Redis is away: those that must run are in the outbox in MongoDB too."""

import structlog

from core.errors import UnavailableError
from core.ids import ListId, UserId
from datastore.jobs.jobs import BuildList, Job, Rebuild
from datastore.jobs.queue import enqueue, submit_jobs
from datastore.stores import Stores

# One rebuild per user and second, however often the timeline is read; a rebuild takes less.
_REBUILD_EVERY_MS = 1_000
_log = structlog.get_logger()


async def try_enqueue(stores: Stores, *jobs: Job) -> None:
    """Never raises UnavailableError: the sweeper enqueues jobs of the outbox that were not."""
    try:
        await submit_jobs(stores.jobs.pipeline, *jobs)
    except UnavailableError as error:
        _log.warning("jobs not handed over", jobs=[type(job).__name__ for job in jobs], error=repr(error))


async def enqueue_list_build(stores: Stores, list_id: ListId) -> None:
    """Enqueues a build of the list's timeline, at most once a second. Never raises UnavailableError."""
    try:
        if await stores.jobs.locks.try_acquire_rebuild(UserId(list_id), _REBUILD_EVERY_MS):
            await enqueue(stores.jobs.redis, BuildList(list_id))
    except UnavailableError as error:
        _log.warning("build of a list not ordered", error=repr(error))


async def enqueue_rebuild(stores: Stores, user_id: UserId) -> None:
    """Enqueues a rebuild of the user's home timeline, at most once a second. Never raises UnavailableError."""
    try:
        if await stores.jobs.locks.try_acquire_rebuild(user_id, _REBUILD_EVERY_MS):
            await enqueue(stores.jobs.redis, Rebuild(user_id))
    except UnavailableError as error:
        _log.warning("rebuild not ordered", error=repr(error))
