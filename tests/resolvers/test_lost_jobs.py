"""A process killed between an act and the enqueueing of its jobs."""

from typing import Any

from datastore.jobs.jobs import FanOut, Job, Notify, unpack
from datastore.jobs.routing import FANOUT, NOTIFICATIONS, QUEUE_OF
from datastore.redis import job_keys
from tests.support.people import sign_up
from tests.support.service import Service, running_service, running_workers, settings_for


async def jobs_of(service: Service) -> list[Job | None]:
    """Waiting jobs of the queue."""
    found: list[Any] = [await service.stores.jobs.redis.xrange(job_keys.jobs(name)) for name in (FANOUT, NOTIFICATIONS)]
    return [unpack(fields[b"job"]) for entries in found for _, fields in entries]


async def test_retry_enqueues_jobs_that_no_worker_received(service_database: str, redis_url: str) -> None:
    """As if the process was killed before it enqueued them: the next tweet is fanned out after this one."""
    settings = settings_for(service_database, redis_url)
    async with running_service(settings, with_workers=False) as idle:
        alice, bob = await sign_up(idle, "alice"), await sign_up(idle, "bob")
        posting = {"text": f"once, @{bob.handle}", "idempotencyKey": "k"}
        first = await alice.post(**posting)
        handed_over = await jobs_of(idle)
        assert sorted(map(type, handed_over), key=str) == [FanOut, Notify]
        await idle.stores.jobs.redis.delete(*map(job_keys.jobs, set(QUEUE_OF.values())))
        assert await alice.post(**posting) == first
        assert await jobs_of(idle) == handed_over
        async with running_workers(idle.stores, settings=settings):
            await idle.settle()
        assert await alice.post(**posting) == first
        assert await jobs_of(idle) == []
