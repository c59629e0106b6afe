"""Says at the start where jobs would be lost with the Redis that holds them."""

import asyncio

import structlog

from core.errors import UnavailableError
from datastore.redis.client import has_append_only_file
from datastore.stores import Stores
from workers.consumer.backoff import Pause

_log = structlog.get_logger()


async def warn_of_memory(stores: Stores, stop: asyncio.Event) -> None:
    """Once, as soon as the jobs' Redis answers."""
    pause = Pause(stop)
    while not stop.is_set():
        try:
            if not await has_append_only_file(stores.jobs.redis):
                _log.warning("jobs are in memory alone: their Redis has no appendonly; see ROOKERY_JOBS_URL")
            return
        except UnavailableError as error:
            await pause.after(error)
