"""Hands jobs to the workers. Redis being away loses nothing: what must happen is marked in MongoDB, too."""

import structlog

from core.errors import UnavailableError
from datastore.jobs import Job
from datastore.queue import enqueue
from datastore.stores import Stores

_log = structlog.get_logger()


async def hand_over(stores: Stores, *jobs: Job) -> None:
    try:
        await enqueue(stores.redis, *jobs)
    except UnavailableError as error:
        _log.warning("jobs not handed over", jobs=[type(job).__name__ for job in jobs], error=repr(error))
