"""Live-follower sets: membership, expiry, and reading by pages."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from core.ids import UserId, wall_ms
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.timelines.live_followers import JOINED_MS, LiveFollowerStore

ALICE, BOB, CAROL = UserId(1), UserId(2), UserId(3)
STAR, OTHER_STAR = UserId(10), UserId(11)
MEMBER_MS = 3 * JOINED_MS


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with open_redis(redis_url) as redis:
        yield redis


@pytest.fixture
def live_followers(redis: Redis) -> LiveFollowerStore:
    return LiveFollowerStore(redis, 2)


async def read(live_followers: LiveFollowerStore, author: UserId, size: int = 500) -> list[UserId]:
    return sorted([user_id async for page in live_followers.pages(author, size) for user_id in page])


async def test_who_joins_is_in_all_those_audiences_once(live_followers: LiveFollowerStore) -> None:
    await live_followers.join(ALICE, [STAR, OTHER_STAR])
    await live_followers.join(BOB, [STAR])
    await live_followers.join(ALICE, [STAR])
    assert await read(live_followers, STAR) == [ALICE, BOB]
    assert await read(live_followers, OTHER_STAR) == [ALICE]
    assert await read(live_followers, CAROL) == []


async def test_joining_nobody_does_nothing(redis: Redis, live_followers: LiveFollowerStore) -> None:
    await live_followers.join(ALICE, [])
    assert await redis.dbsize() == 0


async def test_membership_outlasts_the_mark_of_having_joined(redis: Redis, live_followers: LiveFollowerStore) -> None:
    before = wall_ms()
    await live_followers.join(ALICE, [STAR])
    assert not await live_followers.is_joined(ALICE)
    await live_followers.mark_joined(ALICE)
    assert await live_followers.is_joined(ALICE)
    until: Any = await redis.zscore(keys.audience(STAR), str(ALICE))
    assert before + MEMBER_MS <= until <= wall_ms() + MEMBER_MS
    left = await redis.pttl(keys.audiences_joined(ALICE))
    assert JOINED_MS - 60_000 < left <= JOINED_MS
    assert wall_ms() + left < until


async def test_members_whose_time_is_over_are_dropped_for_good(redis: Redis, live_followers: LiveFollowerStore) -> None:
    now = wall_ms()
    await redis.zadd(keys.audience(STAR), {str(ALICE): now - 1, str(BOB): now - MEMBER_MS, str(CAROL): now + 60_000})
    assert await read(live_followers, STAR) == [CAROL]
    assert await redis.zrange(keys.audience(STAR), 0, -1) == [b"3"]


async def test_joining_again_renews_the_time(redis: Redis, live_followers: LiveFollowerStore) -> None:
    await redis.zadd(keys.audience(STAR), {str(ALICE): wall_ms() - 1})
    await live_followers.join(ALICE, [STAR])
    assert await read(live_followers, STAR) == [ALICE]


async def test_a_large_audience_is_read_whole_in_several_pages(live_followers: LiveFollowerStore) -> None:
    everybody = [UserId(number) for number in range(1, 1_201)]
    for first in range(0, 1_200, 500):
        await live_followers.add_all(STAR, everybody[first : first + 500])
    pages = [page async for page in live_followers.pages(STAR, 100)]
    assert len(pages) >= 6
    assert sorted({user_id for page in pages for user_id in page}) == everybody


async def test_those_added_are_members_as_long_as_those_who_joined(
    redis: Redis, live_followers: LiveFollowerStore
) -> None:
    before = wall_ms()
    await live_followers.add_all(STAR, [ALICE, BOB])
    members: Any = await redis.zrange(keys.audience(STAR), 0, -1, withscores=True)
    assert [int(member) for member, _ in members] == [ALICE, BOB]
    assert all(before + MEMBER_MS <= until <= wall_ms() + MEMBER_MS for _, until in members)
