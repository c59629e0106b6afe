"""A broadcast and a client on the shared Redis, and a service on a Redis of its own."""

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
    """Its Redis may be killed by the test."""
    async with running_service(settings_for(service_database, valkey.url, rate_limit="off")) as service:
        yield service
