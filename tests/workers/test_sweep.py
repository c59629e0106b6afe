"""The sweeper: every unfinished job is issued again, once, by one sweeper."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from core.errors import UnavailableError
from core.ids import TweetId, UserId, first_id_of, ms_of, wall_ms
from datastore.admin.indexes import make_indexes
from datastore.graph.follow_notices import follow_notice
from datastore.jobs.jobs import FanOut, Job, pack, unpack
from datastore.jobs.outbox import UNFINISHED_INDEX
from datastore.jobs.queue import Delivery, JobQueue, enqueue
from datastore.jobs.routing import FANOUT, NOTIFICATIONS, TIMELINES, WIDE_FANOUT
from datastore.rebuild import build_timeline
from datastore.redis import job_keys
from datastore.stores import Stores
from tests.datastore.opened import follow, new_tweet, new_user, new_users, tweet_of
from tests.support.stores import OwnStore
from tests.support.waiting import eventually
from tests.workers.conftest import Opening, emptied
from workers.consumer.runner import Runner
from workers.sweep import Sweeper
from workers.timelines import fanout

OwnValkey = Callable[[], Awaitable[OwnStore]]


@pytest.fixture
async def known(opened: Stores) -> Stores:
    """Stores whose Redis run id is recorded."""
    await meet(opened)
    return opened


async def meet(stores: Stores) -> None:
    run = await stores.jobs.locks.new_run_id()
    assert run is not None
    await stores.jobs.locks.record_run_id(run)
    assert await stores.jobs.locks.new_run_id() is None


def sweeper(stores: Stores, overdue_ms: int = 1_000) -> Sweeper:
    return Sweeper(stores.jobs, stores.notifications, every_seconds=60.0, overdue_ms=overdue_ms)


async def queued(stores: Stores, name: str = FANOUT) -> list[Job | None]:
    entries: Any = await stores.redis.xrange(job_keys.jobs(name))
    return [unpack(fields[b"job"]) for _, fields in entries]


async def old_tweet(stores: Stores, author: UserId, seconds: int = 5) -> TweetId:
    """A post of that age whose job never reached the queue."""
    tweet_id = TweetId(first_id_of(wall_ms() - seconds * 1000) + (stores.ids() & 0xFFF))
    await stores.tweets.items.insert(tweet_of(tweet_id, author))
    return tweet_id


async def test_what_is_overdue_is_issued_again_and_what_is_not_waits(known: Stores) -> None:
    alice = await new_user(known, "alice")
    lost = await old_tweet(known, alice)
    await new_tweet(known, alice)
    assert await sweeper(known, overdue_ms=4_000).sweep() == 1
    assert await queued(known) == [FanOut(lost, alice, is_again=True)]


async def test_acts_go_to_their_queue(known: Stores) -> None:
    alice, bob = await new_users(known, "alice", "bob")
    merge = await follow(known, alice, bob)
    await eventually(lambda: wall_ms() > ms_of(merge.act_id) + 20)
    assert await sweeper(known, overdue_ms=10).sweep() == 2
    assert (await queued(known), await queued(known, TIMELINES)) == ([], [merge])
    assert await queued(known, NOTIFICATIONS) == [follow_notice(merge)]


async def test_a_job_issued_again_is_given_time(known: Stores) -> None:
    alice = await new_user(known)
    job = FanOut(await old_tweet(known, alice), alice)
    assert await sweeper(known).sweep() == 1
    await known.redis.delete(job_keys.sweep())
    assert await sweeper(known).sweep() == 0
    assert 0 < await known.redis.pttl(job_keys.reissued(pack(job))) <= 6_000
    await known.redis.delete(job_keys.sweep(), job_keys.jobs(FANOUT))
    assert await sweeper(known).sweep() == 0
    await known.redis.delete(job_keys.sweep(), job_keys.reissued(pack(job)))
    assert await sweeper(known).sweep() == 1
    assert await queued(known) == [replace(job, is_again=True)]


async def test_a_job_that_lies_in_its_queue_is_late_and_not_lost(known: Stores) -> None:
    alice, bob = await new_users(known, "alice", "bob")
    late, wide, lost = [await old_tweet(known, alice) for _ in range(3)]
    merge = await follow(known, alice, bob)
    await enqueue(known.jobs.redis, FanOut(late, alice), merge, follow_notice(merge))
    await JobQueue(known.jobs.redis, WIDE_FANOUT).put(Delivery(b"", None, pack(FanOut(wide, alice)), 0))
    await eventually(lambda: wall_ms() > ms_of(merge.act_id) + 20)
    assert await sweeper(known, overdue_ms=10).sweep() == 1
    assert await queued(known) == [FanOut(late, alice), FanOut(lost, alice, is_again=True)]
    assert (await queued(known, TIMELINES), await queued(known, NOTIFICATIONS)) == ([merge], [follow_notice(merge)])


async def test_of_a_queue_that_is_too_long_nothing_is_issued_again(
    known: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sweep._MAX_OPEN_JOBS", 2)
    alice = await new_user(known)
    late = [await old_tweet(known, alice) for _ in range(3)]
    await enqueue(known.jobs.redis, FanOut(late[0]), FanOut(late[1]))
    assert await sweeper(known).sweep() == 0
    await known.redis.delete(job_keys.sweep(), job_keys.jobs(FANOUT))
    assert await sweeper(known).sweep() == 3


async def test_of_two_sweepers_one_does_the_work(known: Stores) -> None:
    alice = await new_user(known)
    lost = await old_tweet(known, alice)
    assert sorted(await asyncio.gather(*[sweeper(known).sweep() for _ in range(2)])) == [0, 1]
    assert await queued(known) == [FanOut(lost, alice, is_again=True)]
    assert 50_000 < await known.redis.pttl(job_keys.sweep()) < 60_000


async def test_a_post_whose_job_never_reached_redis_is_fanned_out(known: Stores) -> None:
    alice, bob = await new_users(known, "alice", "bob")
    await follow(known, bob, alice)
    assert await build_timeline(known, bob)
    tweet = await new_tweet(known, alice)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(Sweeper(known.jobs, known.notifications, every_seconds=0.1, overdue_ms=50).run(stop))
        group.create_task(Runner(known.jobs, FANOUT, partial(fanout.handle, known)).run(stop))

        async def is_fanned_out() -> bool:
            return await known.timelines.home.ids(bob) == [tweet.id] and not await known.redis.xlen(
                job_keys.jobs(FANOUT)
            )

        try:
            await eventually(is_fanned_out)
        finally:
            stop.set()
    assert all(not isinstance(job, FanOut) for job in await known.jobs.outbox.unfinished(-1_000, 10))


async def test_a_redis_never_met_gets_the_posts_of_the_last_minutes_in_pages(
    opened: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sweep._BATCH", 2)
    alice = await new_user(opened, "alice")
    await old_tweet(opened, alice, seconds=200)
    ids = [(await new_tweet(opened, alice)).id for _ in range(5)]
    for item_id in ids:
        await opened.jobs.outbox.finish(FanOut(item_id))
    assert await sweeper(opened, overdue_ms=300_000).sweep() == 5
    assert await queued(opened) == [FanOut(item_id, alice) for item_id in ids]
    await opened.redis.delete(job_keys.sweep())
    assert await sweeper(opened, overdue_ms=300_000).sweep() == 0


async def test_after_redis_came_back_as_another_process_the_latest_posts_are_issued_again(
    opening: Opening, own_valkey: OwnValkey
) -> None:
    valkey = await own_valkey()
    async with opening(valkey.url) as stores:
        await emptied(stores)
        await meet(stores)
        alice = await new_user(stores, "alice")
        too_old, recent = await old_tweet(stores, alice, seconds=200), (await new_tweet(stores, alice)).id
        for item_id in (too_old, recent):
            await stores.jobs.outbox.finish(FanOut(item_id))
        assert await sweeper(stores).sweep() == 0
        await valkey.kill()
        with pytest.raises(UnavailableError):
            await sweeper(stores).sweep()

        await valkey.restart(empty=True)

        assert await eventually(sweeper(stores).sweep) == 1
        assert await queued(stores) == [FanOut(recent, alice)]
        await stores.redis.delete(job_keys.sweep())
        assert await sweeper(stores).sweep() == 0


async def test_a_sweeper_outlives_an_outage_and_ends_when_asked(opening: Opening, own_valkey: OwnValkey) -> None:
    valkey = await own_valkey()
    async with opening(valkey.url) as stores:
        await emptied(stores)
        await meet(stores)
        alice = await new_user(stores)
        lost = await old_tweet(stores, alice)
        stop = asyncio.Event()
        await valkey.kill()
        with capture_logs() as logs:
            run = asyncio.create_task(
                Sweeper(stores.jobs, stores.notifications, every_seconds=0.05, overdue_ms=1_000).run(stop)
            )
            await eventually(lambda: any(log["event"] == "sweep put off" for log in logs))
        await valkey.restart(empty=True)

        async def is_issued() -> bool:
            return await queued(stores) == [FanOut(lost, alice)]  # as a post of the last minutes, and once

        await eventually(is_issued)
        stop.set()
        await asyncio.wait_for(run, 5.0)


async def test_a_sweeper_outlives_a_missing_index(known: Stores) -> None:
    alice = await new_user(known)
    lost = await old_tweet(known, alice)
    tweets, stop = known.mongo.collection("tweets"), asyncio.Event()
    await tweets.drop_index(UNFINISHED_INDEX)
    with capture_logs() as logs:
        run = asyncio.create_task(
            Sweeper(known.jobs, known.notifications, every_seconds=0.05, overdue_ms=1_000).run(stop)
        )
        try:
            await eventually(lambda: any(log["event"] == "sweep failed, will be tried again" for log in logs))
        finally:
            await make_indexes(known.mongo)

    async def is_issued() -> bool:
        return FanOut(lost, alice, is_again=True) in await queued(known)

    await eventually(is_issued)
    stop.set()
    await asyncio.wait_for(run, 5.0)
