"""Workers warn at startup if the Redis of the jobs does not persist them."""

import asyncio
from collections.abc import Awaitable, Callable

from structlog.testing import capture_logs
from structlog.typing import EventDict

from core.settings import Settings
from datastore.redis.client import open_redis
from datastore.stores import open_stores
from tests.support.processes.redis_cluster import Cluster
from tests.support.stores import OwnStore
from tests.support.waiting import eventually
from workers.__main__ import run_workers
from workers.consumer.durability import warn_if_volatile

OwnValkey = Callable[[], Awaitable[OwnStore]]


def warnings_of_memory(logs: list[EventDict]) -> list[EventDict]:
    return [line for line in logs if "ROOKERY_JOBS_URL" in line["event"]]


async def keep_in_memory_alone(redis: OwnStore) -> None:
    async with open_redis(redis.url) as client:
        await client.config_set("appendonly", "no")


async def warnings_at_start(settings: Settings) -> list[EventDict]:
    with capture_logs() as logs:
        async with open_stores(settings) as stores:
            await warn_if_volatile(stores.jobs, asyncio.Event())
    return warnings_of_memory(logs)


async def test_workers_warn_of_jobs_in_memory_alone(mongo_url: str, redis_url: str, own_valkey: OwnValkey) -> None:
    jobs = await own_valkey()
    await keep_in_memory_alone(jobs)
    settings = Settings(mongo_url=mongo_url, redis_url=redis_url, jobs_url=jobs.url)
    stop = asyncio.Event()
    with capture_logs() as logs:
        running = asyncio.create_task(run_workers(settings, ["sweep"], stop))
        await eventually(lambda: bool(warnings_of_memory(logs)))
        stop.set()
        await running
    assert [line["log_level"] for line in warnings_of_memory(logs)] == ["warning"]


async def test_jobs_beside_timelines_in_memory_are_warned_of(mongo_url: str, cluster: Cluster) -> None:
    assert len(await warnings_at_start(Settings(mongo_url=mongo_url, redis_url=cluster.url))) == 1


async def test_jobs_on_disk_are_not_warned_of(mongo_url: str, redis_url: str, cluster: Cluster) -> None:
    assert await warnings_at_start(Settings(mongo_url=mongo_url, redis_url=redis_url)) == []
    assert await warnings_at_start(Settings(mongo_url=mongo_url, redis_url=cluster.url, jobs_url=redis_url)) == []


async def test_a_jobs_redis_that_is_away_is_waited_for(mongo_url: str, redis_url: str, own_valkey: OwnValkey) -> None:
    jobs = await own_valkey()
    await jobs.kill()
    with capture_logs() as logs:
        async with open_stores(Settings(mongo_url=mongo_url, redis_url=redis_url, jobs_url=jobs.url)) as stores:
            warning = asyncio.create_task(warn_if_volatile(stores.jobs, asyncio.Event()))
            await eventually(lambda: any(line["event"] == "a store is away" for line in logs))
            await jobs.restart()
            await asyncio.wait_for(warning, 10.0)
    assert warnings_of_memory(logs) == []
