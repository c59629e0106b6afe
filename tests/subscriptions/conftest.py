"""On the shared Redis: a broadcast, a client, home timelines with their log. On its own Redis: a service."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from datastore.redis.node.pipeline import CommandPipeline, open_node_pipeline
from datastore.timelines.changes import TimelineChange
from datastore.timelines.event_log import EventLog, home_log
from datastore.timelines.home import HomeTimelineStore
from subscriptions.broadcast import ResilientBroadcast
from tests.subscriptions.broadcast.helpers import broadcast_to
from tests.support.scenarios.timelines.home_lists import with_empty_lists
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
async def pipeline(redis_url: str) -> AsyncIterator[CommandPipeline]:
    async with open_node_pipeline(redis_url) as pipeline:
        yield pipeline


@pytest.fixture
async def timelines(redis: Redis, pipeline: CommandPipeline) -> HomeTimelineStore:
    return await with_empty_lists(redis, pipeline, 800)


@pytest.fixture
def log(redis: Redis, pipeline: CommandPipeline) -> EventLog[TimelineChange]:
    return home_log(pipeline)


@pytest.fixture
async def frail_service(service_database: str, valkey: OwnStore) -> AsyncIterator[Service]:
    """Its Redis may be killed by the test."""
    async with running_service(settings_for(service_database, valkey.url, rate_limit="off")) as service:
        yield service
