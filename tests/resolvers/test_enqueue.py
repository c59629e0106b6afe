"""Enqueueing jobs: one rebuild per second, and no error without Redis."""

from collections.abc import Awaitable, Callable
from typing import Any

from core.ids import TweetId
from datastore.jobs.jobs import FanOut, Job, Rebuild, unpack
from datastore.jobs.routing import FANOUT, TIMELINES
from datastore.redis import job_keys
from datastore.stores import Stores, open_stores
from resolvers.enqueue import enqueue_rebuild, try_enqueue
from resolvers.services import Services
from tests.resolvers.users import UNKNOWN_USER
from tests.support.service import settings_for
from tests.support.stores import OwnStore


async def waiting(stores: Stores, queue: str) -> list[Job | None]:
    entries: Any = await stores.jobs.redis.xrange(job_keys.jobs(queue))
    return [unpack(fields[b"job"]) for _, fields in entries]


async def test_jobs_wait_in_the_queue_of_their_kind(services: Services) -> None:
    jobs = [FanOut(TweetId(number), UNKNOWN_USER) for number in (1, 2)]
    await try_enqueue(services.stores, *jobs)
    assert await waiting(services.stores, FANOUT) == jobs


async def test_two_reads_at_once_enqueue_one_rebuild(services: Services) -> None:
    for _ in range(2):
        await enqueue_rebuild(services.stores, UNKNOWN_USER)
    assert await waiting(services.stores, TIMELINES) == [Rebuild(UNKNOWN_USER)]


async def test_without_redis_no_error_is_raised(
    service_database: str, own_valkey: Callable[[], Awaitable[OwnStore]]
) -> None:
    valkey = await own_valkey()
    async with open_stores(settings_for(service_database, valkey.url)) as stores:
        await valkey.kill()
        await try_enqueue(stores, FanOut(TweetId(1), UNKNOWN_USER))
        await enqueue_rebuild(stores, UNKNOWN_USER)
