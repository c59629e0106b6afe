"""Hands jobs to the workers. Redis being away loses nothing: what must happen is marked in MongoDB, too."""

import structlog

from core.errors import UnavailableError
from core.ids import UserId
from datastore.jobs.jobs import Job, Rebuild
from datastore.jobs.queue import enqueue
from datastore.stores import Stores

# However often somebody reads a timeline that has no list; a build takes less.
_REBUILD_EVERY_MS = 1_000
_log = structlog.get_logger()


async def try_enqueue(stores: Stores, *jobs: Job) -> None:
    try:
        await enqueue(stores.jobs.redis, *jobs)
    except UnavailableError as error:
        _log.warning("jobs not handed over", jobs=[type(job).__name__ for job in jobs], error=repr(error))


async def enqueue_rebuild(stores: Stores, user_id: UserId) -> None:
    """Has the home timeline of somebody made where there is none; at most once a second, however often they come."""
    try:
        if await stores.jobs.locks.try_acquire_rebuild(user_id, _REBUILD_EVERY_MS):
            await enqueue(stores.jobs.redis, Rebuild(user_id))
    except UnavailableError as error:
        _log.warning("rebuild not ordered", error=repr(error))
