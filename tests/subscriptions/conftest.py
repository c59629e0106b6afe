"""A broadcast on the Redis of the run, a client of that Redis, and a service on one to break."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from subscriptions.broadcast import ResilientBroadcast
from tests.subscriptions.broadcasts import broadcast_to
from tests.support.service import Service, running_service, settings_for
from tests.support.stores import OwnStore


@pytest.fixture
async def broadcast(redis_url: str) -> AsyncIterator[ResilientBroadcast]:
    async with broadcast_to(redis_url) as broadcast:
        yield broadcast


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
async def frail_service(service_database: str, valkey: OwnStore) -> AsyncIterator[Service]:
    """On a Redis that the test may break."""
    async with running_service(settings_for(service_database, valkey.url, rate_limit="off")) as service:
        yield service
