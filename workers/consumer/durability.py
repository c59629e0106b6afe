"""Startup warning if the Redis of the job queues does not persist them."""

import asyncio

import structlog

from core.errors import UnavailableError
from datastore.jobs.stores import JobStores
from datastore.redis.client import has_append_only_file
from workers.consumer.backoff import Backoff

_log = structlog.get_logger()


async def warn_if_volatile(jobs: JobStores, stop: asyncio.Event) -> None:
    """Warns once, as soon as Redis answers."""
    backoff = Backoff(stop)
    while not stop.is_set():
        try:
            if not await has_append_only_file(jobs.redis):
                _log.warning("jobs are in memory alone: their Redis has no appendonly; see ROOKERY_JOBS_URL")
            return
        except UnavailableError as error:
            await backoff.wait_after(error)
