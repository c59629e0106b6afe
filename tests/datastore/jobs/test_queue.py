"""Job queues: delivery to one consumer, claims from dead consumers, attempts, acknowledgement, dead letters."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.jobs.jobs import (
    AcceptFollowRequests,
    DeleteAccount,
    FanOut,
    Job,
    Merge,
    MergeTag,
    Rebuild,
    Retract,
    Unmerge,
    pack,
    unpack,
)
from datastore.jobs.queue import Delivery, JobQueue, enqueue
from datastore.jobs.routing import ACCOUNTS, FANOUT, QUEUE_OF, TIMELINES
from datastore.records.items import ItemKind
from datastore.redis import job_keys
from datastore.redis.client import open_redis
from tests.support.stores import OwnStore

ALICE, BOB = UserId(1), UserId(2)
JOBS = [FanOut(TweetId(number)) for number in range(3)]
OF_EVERY_KIND: list[Job] = [
    FanOut(TweetId(1)),
    Retract(5, TweetId(1), ALICE, ItemKind.RETWEET),
    Merge(6, ALICE, BOB),
    Unmerge(7, ALICE, BOB),
    MergeTag(8, ALICE, "rooks"),
    Rebuild(ALICE),
    AcceptFollowRequests(9, ALICE),
    DeleteAccount(10, ALICE),
]

REDIS = ("server", "cluster")


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with open_redis(redis_url) as redis:
        yield redis


@pytest.fixture
async def queue(redis: Redis) -> JobQueue:
    """A queue whose consumer group exists."""
    queue = JobQueue(redis, FANOUT)
    assert await queue.take("first", 1, 1) == []
    return queue


def jobs_of(deliveries: list[Delivery]) -> list[Job | None]:
    return [delivery.job for delivery in deliveries]


async def test_each_kind_of_job_goes_to_its_queue_and_comes_back_as_it_was(redis: Redis) -> None:
    await enqueue(redis, *OF_EVERY_KIND)
    found = {}
    for name in (FANOUT, TIMELINES, ACCOUNTS):
        queue = JobQueue(redis, name)
        assert await queue.take("one", 10, 1) == []  # creates the group
        found[name] = jobs_of(await queue.take("one", 10, 1))
    assert found == {name: [job for job in OF_EVERY_KIND if QUEUE_OF[type(job)] == name] for name in found}
    assert [len(jobs) for jobs in found.values()] == [2, 4, 2]


@pytest.mark.parametrize("raw", [b"", b"\xff", b"no job", pack(FanOut(TweetId(1)))[:-1], b"\x81\xa4type\xa4what"])
def test_bytes_that_are_no_job_are_none(raw: bytes) -> None:
    assert unpack(raw) is None


async def test_each_job_is_taken_by_one_consumer_in_order(redis: Redis, queue: JobQueue) -> None:
    await enqueue(redis, *JOBS)
    first, other = await queue.take("first", 2, 1), await queue.take("other", 2, 1)
    assert (jobs_of(first), jobs_of(other)) == ([*JOBS[:2]], [JOBS[2]])
    assert [(delivery.raw, delivery.attempts) for delivery in [*first, *other]] == [(pack(job), 1) for job in JOBS]
    assert await queue.take("first", 2, 1) == []
    assert (await queue.lag()).open_jobs == 3


async def test_jobs_done_are_gone(redis: Redis, queue: JobQueue) -> None:
    await enqueue(redis, *JOBS)
    taken = await queue.take("first", 3, 1)
    await queue.acknowledge(taken[0].entry_id, taken[2].entry_id)
    assert (await queue.lag()).open_jobs == 1
    assert jobs_of(await queue.claim("other", 0, 10)) == [JOBS[1]]


async def test_only_jobs_without_a_sign_of_life_are_claimed_and_attempts_count_up(
    redis: Redis, queue: JobQueue
) -> None:
    await enqueue(redis, JOBS[0])
    (taken,) = await queue.take("first", 1, 1)
    assert await queue.claim("other", 60_000, 10) == []
    for attempts in (2, 3, 4, 5, 6):
        (claimed,) = await queue.claim("other", 0, 10)
        assert claimed == taken._replace(attempts=attempts)


async def test_a_job_is_exhausted_after_five_failures_or_a_hundred_deaths(redis: Redis, queue: JobQueue) -> None:
    await enqueue(redis, JOBS[0])
    (delivery,) = await queue.take("first", 1, 1)
    attempts = []
    while not delivery.is_exhausted:
        attempts.append(delivery.attempts)
        await queue.record_failure("first", delivery)
        assert await queue.claim("other", 60_000, 10) == []
        (delivery,) = await queue.claim("first", 0, 10)
    assert attempts == [1, 21, 41, 61, 81]
    assert [delivery._replace(attempts=count).is_exhausted for count in (100, 101)] == [False, True]


async def test_a_job_that_is_renewed_is_not_claimed_and_costs_no_attempt(redis: Redis, queue: JobQueue) -> None:
    await enqueue(redis, JOBS[0])
    (taken,) = await queue.take("first", 1, 1)
    await redis.xclaim(job_keys.jobs(FANOUT), "workers", "first", 0, [taken.entry_id], idle=90_000, justid=True)
    await queue.renew("first", [taken.entry_id])
    assert await queue.claim("other", 60_000, 10) == []
    (claimed,) = await queue.claim("other", 0, 10)
    assert claimed.attempts == 2


async def test_of_two_claims_at_once_one_gets_the_job(redis: Redis, queue: JobQueue) -> None:
    await enqueue(redis, JOBS[0])
    (taken,) = await queue.take("first", 1, 1)
    await redis.xclaim(job_keys.jobs(FANOUT), "workers", "first", 0, [taken.entry_id], idle=90_000, justid=True)
    assert len(await queue.claim("other", 60_000, 10)) == 1
    assert await queue.claim("third", 60_000, 10) == []


async def test_a_claim_excludes_jobs_that_run_here(redis: Redis, queue: JobQueue) -> None:
    await enqueue(redis, *JOBS)
    taken = await queue.take("first", 3, 1)
    excluding = {taken[0].entry_id, taken[1].entry_id}
    assert jobs_of(await queue.claim("first", 0, 1, excluding=excluding)) == [JOBS[2]]
    assert await queue.claim("first", 0, 5, excluding={delivery.entry_id for delivery in taken}) == []
    assert jobs_of(await queue.claim("first", 0, 2)) == JOBS[:2]


async def test_unreadable_bytes_are_delivered_without_a_job(redis: Redis, queue: JobQueue) -> None:
    await redis.xadd(job_keys.jobs(FANOUT), {"job": b"\xff"})
    await redis.xadd(job_keys.jobs(FANOUT), {"other": b"field"})
    taken = await queue.take("first", 2, 1)
    assert [(delivery.job, delivery.raw, delivery.attempts) for delivery in taken] == [
        (None, b"\xff", 1),
        (None, b"", 1),
    ]


async def test_dead_letters_are_kept_apart(redis: Redis, queue: JobQueue) -> None:
    await enqueue(redis, *JOBS[:2])
    taken = await queue.take("first", 2, 1)
    await queue.dead_letter(taken[0])
    assert (await queue.dead_count(), (await queue.lag()).open_jobs) == (1, 1)
    laid_aside: Any = await redis.xrange(job_keys.dead_jobs(FANOUT))
    assert [fields for _, fields in laid_aside] == [{b"job": pack(JOBS[0])}]
    assert jobs_of(await queue.claim("other", 0, 10)) == [JOBS[1]]


async def test_a_consumer_is_removed_only_once_nothing_is_pending(redis: Redis, queue: JobQueue) -> None:
    async def consumers() -> list[bytes]:
        return sorted(row["name"] for row in await redis.xinfo_consumers(job_keys.jobs(FANOUT), "workers"))

    await enqueue(redis, JOBS[0])
    (taken,) = await queue.take("busy", 1, 1)
    await queue.take("idle", 1, 1)
    await queue.remove_consumer("busy")
    await queue.remove_consumer("idle")
    assert b"idle" not in await consumers()
    assert b"busy" in await consumers()
    await queue.acknowledge(taken.entry_id)
    await queue.remove_consumer("busy")
    assert b"busy" not in await consumers()


async def test_a_queue_that_was_lost_with_redis_is_made_again(redis: Redis, queue: JobQueue) -> None:
    await redis.delete(job_keys.jobs(FANOUT))
    assert await queue.claim("first", 0, 10) == []
    await redis.delete(job_keys.jobs(FANOUT))
    await enqueue(redis, JOBS[0])
    assert await queue.take("first", 1, 1) == []
    assert jobs_of(await queue.take("first", 1, 1)) == [JOBS[0]]


async def test_a_redis_that_is_away_is_unavailable(own_valkey: Callable[[], Awaitable[OwnStore]]) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as redis:
        queue = JobQueue(redis, FANOUT)
        await store.kill()
        with pytest.raises(UnavailableError):
            await queue.take("first", 1, 1)
        with pytest.raises(UnavailableError):
            await enqueue(redis, JOBS[0])
        with pytest.raises(UnavailableError):
            await queue.acknowledge(b"1-1")
