"""Rate limits in points per minute."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from core.errors import UnavailableError
from datastore.limits.rates import RateStore
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.redis.node.pipeline import CommandPipeline, open_node_pipeline
from tests.support.stores import OwnStore

OwnValkey = Callable[[], Awaitable[OwnStore]]

LIMIT = 60
SECOND_US = 1_000_000


@pytest.fixture
def rates(redis: Redis, pipeline: CommandPipeline) -> RateStore:
    return RateStore(redis, pipeline)


async def test_all_points_of_a_minute_may_be_spent_at_once_and_no_more(rates: RateStore) -> None:
    first = await rates.spend("alice", 45, LIMIT)
    assert (first.is_allowed, first.remaining, first.wait_us) == (True, 15, 0)
    assert 44 * SECOND_US <= first.reset_us <= 45 * SECOND_US
    refused = await rates.spend("alice", 20, LIMIT)
    assert not refused.is_allowed
    assert refused.remaining == 15
    assert 4 * SECOND_US < refused.wait_us <= 5 * SECOND_US
    assert (await rates.spend("alice", 15, LIMIT)).is_allowed
    assert not (await rates.spend("alice", 1, LIMIT)).is_allowed


async def test_points_are_restored_over_time(rates: RateStore, redis: Redis) -> None:
    assert (await rates.spend("alice", LIMIT, LIMIT)).is_allowed
    seconds, micros = await redis.time()
    half_a_minute_left = seconds * SECOND_US + micros + 30 * SECOND_US
    await redis.set(keys.rate("alice"), half_a_minute_left)
    spent = await rates.spend("alice", 10, LIMIT)
    assert (spent.is_allowed, spent.remaining) == (True, 20)


async def test_subjects_have_separate_limits_whose_keys_expire_once_restored(rates: RateStore, redis: Redis) -> None:
    assert not (await rates.spend("alice", LIMIT + 1, LIMIT)).is_allowed
    assert await redis.exists(keys.rate("alice")) == 0
    assert (await rates.spend("bob", 1, LIMIT)).remaining == LIMIT - 1
    assert 0 < await redis.pttl(keys.rate("bob")) <= 1_001


async def test_concurrent_requests_pass_only_as_far_as_the_points_reach(rates: RateStore) -> None:
    answers = await asyncio.gather(*[rates.spend("alice", 10, LIMIT) for _ in range(20)])
    assert sum(answer.is_allowed for answer in answers) == 6


async def test_redis_away_is_unavailable() -> None:
    away = "redis://127.0.0.1:1"
    async with open_redis(away) as redis, open_node_pipeline(away) as pipeline:
        rates = RateStore(redis, pipeline)
        for reply in (rates.spend("alice", 1, LIMIT), rates.ensure_counting()):
            with pytest.raises(UnavailableError):
                await reply


async def test_redis_that_takes_no_writes_is_unavailable(own_valkey: OwnValkey) -> None:
    valkey = await own_valkey()
    async with open_redis(valkey.url) as redis, open_node_pipeline(valkey.url) as pipeline:
        rates = RateStore(redis, pipeline)
        await rates.ensure_counting()
        await redis.config_set("maxmemory", 1)
        for reply in (rates.spend("alice", 1, LIMIT), rates.ensure_counting()):
            with pytest.raises(UnavailableError):
                await reply
