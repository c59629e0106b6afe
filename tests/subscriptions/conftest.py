"""A broadcast on the Redis of the run, and a client of that Redis."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from subscriptions.broadcast import ResilientBroadcast
from tests.subscriptions.broadcasts import broadcast_to


@pytest.fixture
async def broadcast(redis_url: str) -> AsyncIterator[ResilientBroadcast]:
    async with broadcast_to(redis_url) as broadcast:
        yield broadcast


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        yield client
