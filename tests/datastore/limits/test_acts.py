"""Limits of acts: sliding windows of acts and of distinct members, in one round, on one server and on a cluster."""

import asyncio

import pytest
from redis.asyncio import Redis

from core.errors import UnavailableError
from core.ids import UserId
from core.limits import ActCharge, Limit, LimitedAct
from datastore.limits.acts import NEWCOMER, ActLimitStore
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.redis.node.pipeline import CommandPipeline, open_node_pipeline

REDIS = ("server", "cluster")
HOUR_MS = 3_600_000
LIKES = ActCharge(LimitedAct.LIKE, "user:1", Limit(5, HOUR_MS))
MENTIONS = ActCharge(LimitedAct.MENTION, "user:1", Limit(3, HOUR_MS))


@pytest.fixture
def limits(redis: Redis, pipeline: CommandPipeline) -> ActLimitStore:
    return ActLimitStore(redis, pipeline)


async def passes(limits: ActLimitStore, *charges: ActCharge) -> bool:
    return (await limits.take(charges)).refused_by is None


async def age(redis: Redis, charge: ActCharge, ms: int) -> None:
    """Makes the acts of a subject older."""
    key = keys.limit(charge.subject, charge.act, charge.name)
    if await redis.type(key) == b"zset":
        for member in await redis.zrange(key, 0, -1):
            await redis.zincrby(key, -ms, member)  # type: ignore[arg-type]
        return
    for place, at in enumerate(await redis.lrange(key, 0, -1)):
        await redis.lset(key, place, str(int(at) - ms))


async def test_acts_pass_up_to_the_limit_however_many_ask_at_once(limits: ActLimitStore) -> None:
    decisions = await asyncio.gather(*[limits.take([LIKES]) for _ in range(40)])
    assert sum(decision.refused_by is None for decision in decisions) == LIKES.limit.most
    refused = [decision for decision in decisions if decision.refused_by is not None]
    assert {decision.refused_by for decision in refused} == {LIKES}
    assert all(HOUR_MS - 10_000 < decision.wait_ms <= HOUR_MS for decision in refused)
    assert all(decision.noted_ms == 0 for decision in refused)


async def test_each_act_counts_for_a_window_from_its_own_time_on(limits: ActLimitStore, redis: Redis) -> None:
    assert await passes(limits, LIKES._replace(points=2))
    await age(redis, LIKES, HOUR_MS - 60_000)
    assert await passes(limits, LIKES._replace(points=3))
    decision = await limits.take([LIKES])
    assert 0 < decision.wait_ms <= 60_000
    await age(redis, LIKES, 60_000)
    assert await passes(limits, LIKES._replace(points=2))
    assert not await passes(limits, LIKES)


async def test_all_limits_are_taken_or_none(limits: ActLimitStore, redis: Redis) -> None:
    newcomer = LIKES._replace(limit=Limit(2, 2 * HOUR_MS), name=NEWCOMER)
    assert await passes(limits, LIKES, newcomer)
    assert await passes(limits, LIKES, newcomer)
    decision = await limits.take([LIKES, newcomer])
    assert decision.refused_by == newcomer
    assert decision.wait_ms > HOUR_MS
    assert await redis.llen(keys.limit("user:1", "LIKE", "")) == 2
    assert not await passes(limits, LIKES._replace(points=6))


async def test_what_is_given_back_was_never_counted(limits: ActLimitStore) -> None:
    decision = await limits.take([LIKES._replace(points=5)])
    await limits.give_back([LIKES._replace(points=2)], decision.noted_ms)
    assert await passes(limits, LIKES._replace(points=2))
    assert not await passes(limits, LIKES)


async def test_members_count_once_in_a_window_that_their_last_act_begins(limits: ActLimitStore, redis: Redis) -> None:
    one, two, three, four = [MENTIONS._replace(members=(UserId(member),)) for member in (1, 2, 3, 4)]
    assert await passes(limits, one._replace(members=(UserId(1), UserId(2))))
    await age(redis, one, HOUR_MS - 60_000)
    for again in (one, one, three):
        assert await passes(limits, again)
    decision = await limits.take([four])
    assert decision.refused_by == four
    assert 0 < decision.wait_ms <= 60_000  # until the second one is forgotten
    assert await passes(limits, two)
    assert (await limits.take([four])).wait_ms > HOUR_MS - 10_000
    assert not await passes(limits, one._replace(members=tuple(map(UserId, range(5, 9)))))


async def test_keys_end_with_their_window_or_when_the_subject_is_forgotten(limits: ActLimitStore, redis: Redis) -> None:
    await limits.take([LIKES, MENTIONS._replace(members=(UserId(7),))])
    names = [keys.limit("user:1", act, "") for act in ("LIKE", "MENTION")]
    for name in names:
        assert HOUR_MS - 10_000 < await redis.pttl(name) <= HOUR_MS
    await limits.forget("user:1")
    assert [await redis.exists(name) for name in names] == [0, 0]


async def test_redis_away_is_unavailable() -> None:
    away = "redis://127.0.0.1:1"
    async with open_redis(away) as redis, open_node_pipeline(away) as pipeline:
        limits = ActLimitStore(redis, pipeline)
        for reply in (limits.take([LIKES]), limits.give_back([LIKES], 1), limits.forget("user:1")):
            with pytest.raises(UnavailableError):
                await reply
