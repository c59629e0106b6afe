"""Fixtures of all stores, opened with each of the two MongoDB drivers."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from core.settings import MongoDriver
from datastore.redis.client import open_redis
from datastore.redis.cluster.pipeline import open_pipeline
from datastore.redis.node.pipeline import CommandPipeline
from datastore.stores import Stores
from tests.datastore.opened import DRIVERS, indexed, opened_stores
from tests.support.processes.redis_cluster import Cluster
from tests.support.stores import Stores as Servers


@pytest.fixture(scope="session")
def store_database(stores: Servers) -> Iterator[str]:
    """One database with its indexes for all tests of this folder, one after another."""
    with stores.fresh_database() as url:
        asyncio.run(indexed(url))
        yield url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs modules on each kind of Redis that their constant REDIS names."""
    kinds = getattr(metafunc.module, "REDIS", ("server",))
    if len(kinds) > 1 and "redis_url" in metafunc.fixturenames:
        metafunc.parametrize("redis_kind", kinds)


@pytest.fixture
def redis_kind() -> str:
    return "server"


@pytest.fixture
def redis_url(redis_kind: str, stores: Servers, request: pytest.FixtureRequest) -> str:
    """URL of a Redis that is empty when the test starts."""
    if redis_kind == "server":
        stores.flush_redis()
        return stores.redis_url
    cluster: Cluster = request.getfixturevalue("running_cluster_of_redis")
    asyncio.run(cluster.flush())
    return cluster.url


@pytest.fixture(params=DRIVERS, ids=str)
def driver(request: pytest.FixtureRequest) -> MongoDriver:
    chosen: MongoDriver = request.param
    return chosen


@pytest.fixture
async def opened(store_database: str, redis_url: str, driver: MongoDriver) -> AsyncIterator[Stores]:
    """Empty stores, once with each driver."""
    async with opened_stores(store_database, redis_url, driver) as stores:
        yield stores


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with open_redis(redis_url) as redis:
        yield redis


@pytest.fixture
async def pipeline(redis_url: str, redis: Redis) -> AsyncIterator[CommandPipeline]:
    async with open_pipeline(redis_url, redis) as pipeline:
        yield pipeline
