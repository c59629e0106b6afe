"""Short locks between processes: one holder at a time, released or expired, and the run id of Redis."""

from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from core.ids import TweetId, UserId
from datastore.jobs.jobs import FanOut, Merge
from datastore.jobs.locks import DistributedLocks
from datastore.redis.client import open_redis
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

ALICE, BOB = UserId(1), UserId(2)
LONG_MS = 60_000


async def test_only_one_sweep_begins_within_the_period(redis: Redis) -> None:
    first, second = DistributedLocks(redis), DistributedLocks(redis)
    assert await first.try_acquire_sweep(LONG_MS)
    assert not await second.try_acquire_sweep(LONG_MS)
    assert not await first.try_acquire_sweep(LONG_MS)


async def test_a_rebuild_is_ordered_once_for_each_user_until_it_is_released(redis: Redis) -> None:
    locks = DistributedLocks(redis)
    assert await locks.try_acquire_rebuild(ALICE, LONG_MS)
    assert not await locks.try_acquire_rebuild(ALICE, LONG_MS)
    assert await locks.try_acquire_rebuild(BOB, LONG_MS)

    await locks.release_rebuild(ALICE)

    assert await locks.try_acquire_rebuild(ALICE, LONG_MS)
    assert not await locks.try_acquire_rebuild(BOB, LONG_MS)


async def test_a_rebuild_may_be_ordered_again_after_the_lock_expired(redis: Redis) -> None:
    locks = DistributedLocks(redis)
    assert await locks.try_acquire_rebuild(ALICE, 1)
    await eventually(lambda: locks.try_acquire_rebuild(ALICE, LONG_MS))


async def test_each_job_is_reissued_once_within_the_period(redis: Redis) -> None:
    locks = DistributedLocks(redis)
    post, merge = FanOut(TweetId(1), ALICE), Merge(2, ALICE, BOB)
    assert await locks.try_acquire_reissue([post], LONG_MS) == [True]
    assert await locks.try_acquire_reissue([merge, post], LONG_MS) == [True, False]
    assert await locks.try_acquire_reissue([], LONG_MS) == []


async def test_a_restart_of_redis_shows_until_its_run_id_is_recorded(
    own_valkey: Callable[[], Awaitable[OwnStore]],
) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as redis:
        locks = DistributedLocks(redis)
        first = await locks.new_run_id()
        assert first is not None
        await locks.record_run_id(first)
        assert await locks.new_run_id() is None

    await store.kill()
    await store.restart()

    async with open_redis(store.url) as redis:
        assert await DistributedLocks(redis).new_run_id() not in {None, first}
