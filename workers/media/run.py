"""The worker of pictures: processes uploads, and cleans up."""

import asyncio
from functools import partial

from datastore.jobs.routing import MEDIA
from datastore.stores import Stores
from workers.consumer.runner import CLAIM_IDLE_MS, Runner
from workers.media import pictures
from workers.media.cleaning import EVERY_SECONDS, MediaCleaner

# Each runs a process that may take 256 MB and a processor.
_PICTURES_AT_ONCE = 2


async def run(
    stores: Stores, stop: asyncio.Event, *, claim_idle_ms: int = CLAIM_IDLE_MS, clean_seconds: float = EVERY_SECONDS
) -> None:
    handler = partial(pictures.handle, stores.media)
    runner = Runner(stores.jobs, MEDIA, handler, claim_idle_ms=claim_idle_ms, at_once=_PICTURES_AT_ONCE)
    cleaner = MediaCleaner(stores.media, stores.tweets.edits, every_seconds=clean_seconds)
    async with asyncio.TaskGroup() as group:
        group.create_task(runner.run(stop))
        group.create_task(cleaner.run(stop))
