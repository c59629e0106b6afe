"""Job consumer: taking, claiming, acknowledging, dead letters, and jobs left to other workers."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from core.runtime.tasks import for_each_page
from datastore.jobs.jobs import FanOut, Job, Retract, pack
from datastore.jobs.queue import ATTEMPTS, JobQueue, enqueue
from datastore.jobs.routing import FANOUT, WIDE_FANOUT
from datastore.records.items import ItemKind
from datastore.redis import job_keys
from datastore.redis.client import open_redis
from datastore.stores import Stores
from tests.datastore.opened import new_tweet, new_user
from tests.support.stores import OwnStore
from tests.support.waiting import eventually
from tests.workers.conftest import Opening, emptied
from workers.consumer.runner import Handler, Runner
from workers.sweep import Sweeper

STREAM = job_keys.jobs(FANOUT)
JOBS = [FanOut(TweetId(number)) for number in range(1, 4)]
NOW = -1_000


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.consumer.runner._CLAIM_SECONDS", 0.05)
    monkeypatch.setattr("workers.consumer.backoff._MAX_SECONDS", 0.05)
    monkeypatch.setattr("workers.consumer.runner._WAIT_MS", 50)


@asynccontextmanager
async def running(stores: Stores, handler: Handler, claim_idle_ms: int = 200) -> AsyncIterator[asyncio.Event]:
    """A runner that is stopped at the end, and must end in time."""
    stop = asyncio.Event()
    run = asyncio.create_task(Runner(stores.jobs, FANOUT, handler, claim_idle_ms=claim_idle_ms).run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(run, 10.0)


class Recorder:
    """A handler that fails for some jobs, and can be blocked."""

    def __init__(self, failure: Exception | None = None, *failing: Job, times: int = 1_000) -> None:
        self.calls: list[Job] = []
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.at_work = self.most_at_work = 0
        self._failure, self._failing, self._times = failure, failing, times

    def recover(self) -> None:
        self._times = 0
        self.may_end.set()

    async def __call__(self, job: Job) -> None:
        self.calls.append(job)
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await self.may_end.wait()
        finally:
            self.at_work -= 1
        if self._failure and job in self._failing and self._times:
            self._times -= 1
            raise self._failure


async def is_empty(stores: Stores) -> bool:
    return (await JobQueue(stores.jobs.redis, FANOUT).lag()).open_jobs == 0


async def pending(stores: Stores) -> list[Any]:
    rows: list[Any] = await stores.redis.xpending_range(STREAM, "workers", "-", "+", 10)
    return rows


async def test_jobs_are_done_and_acknowledged(opened: Stores) -> None:
    handler = Recorder()
    async with running(opened, handler):
        await enqueue(opened.redis, *JOBS)
        await eventually(lambda: is_empty(opened))
    assert sorted(handler.calls, key=repr) == JOBS
    assert await pending(opened) == []


async def test_a_job_is_acknowledged_only_after_it_succeeded(opened: Stores) -> None:
    tweet = await new_tweet(opened, await new_user(opened))
    job, handler = FanOut(tweet.id, tweet.author_id), Recorder()
    handler.may_end.clear()
    await enqueue(opened.redis, job)
    async with running(opened, handler, claim_idle_ms=600_000):
        await eventually(lambda: handler.at_work == 1)
        assert len(await pending(opened)) == 1
        assert await opened.jobs.outbox.unfinished(NOW, 10) == [job]
        handler.may_end.set()
        await eventually(lambda: is_empty(opened))
    assert await opened.jobs.outbox.unfinished(NOW, 10) == []
    assert handler.calls == [job]


async def test_a_job_whose_consumer_died_is_claimed_by_another(opened: Stores) -> None:
    queue, handler = JobQueue(opened.jobs.redis, FANOUT), Recorder()
    assert await queue.take("dead", 1, 1) == []
    await enqueue(opened.redis, JOBS[0])
    assert len(await queue.take("dead", 1, 1)) == 1
    async with running(opened, handler):
        await eventually(lambda: is_empty(opened))
    assert handler.calls == [JOBS[0]]


async def test_running_jobs_are_renewed_together(opened: Stores) -> None:
    handler = Recorder()
    handler.may_end.clear()
    await enqueue(opened.redis, *[FanOut(TweetId(number)) for number in range(1, 11)])
    async with running(opened, handler):
        await eventually(lambda: handler.at_work == 10)
        await opened.redis.config_resetstat()

        began = time.monotonic()

        async def kept() -> int:
            stats = await opened.redis.info("commandstats")
            return int(stats.get("cmdstat_xclaim", {"calls": 0})["calls"])

        async def are_kept() -> bool:
            return await kept() >= 5

        await eventually(are_kept)
        signs = await kept()
        assert signs <= 2 * (time.monotonic() - began) / (0.2 / 3.5)
        assert [row["times_delivered"] for row in await pending(opened)] == [1] * 10
        handler.may_end.set()
    assert len(handler.calls) == 10


async def test_a_job_whose_workers_died_many_times_is_still_tried(opened: Stores) -> None:
    queue, handler = JobQueue(opened.jobs.redis, FANOUT), Recorder()
    assert await queue.take("dead", 1, 1) == []
    await enqueue(opened.redis, JOBS[0])
    for _ in range(3 * ATTEMPTS):
        assert len(await queue.take("dead", 1, 1) or await queue.claim("dead", 0, 1)) == 1
    async with running(opened, handler):
        await eventually(lambda: is_empty(opened))
    assert handler.calls == [JOBS[0]]
    assert await queue.dead_count() == 0


async def test_jobs_of_one_author_are_carried_out_one_by_one_in_order(opened: Stores) -> None:
    alice, bob = UserId(1), UserId(2)
    of_alice: list[Job] = [
        FanOut(TweetId(11), alice),
        FanOut(TweetId(12), alice),
        Retract(13, TweetId(11), alice, ItemKind.TWEET),
    ]
    of_bob, of_nobody = FanOut(TweetId(21), bob), FanOut(TweetId(31))
    handler = Recorder()
    handler.may_end.clear()
    await enqueue(opened.redis, *of_alice, of_bob, of_nobody)
    async with running(opened, handler, claim_idle_ms=600_000):
        await eventually(lambda: handler.at_work == 3)
        assert sorted(handler.calls, key=repr) == sorted([of_alice[0], of_bob, of_nobody], key=repr)
        handler.may_end.set()
        await eventually(lambda: is_empty(opened))
    assert [job for job in handler.calls if job in of_alice] == of_alice


async def test_a_job_under_way_gives_signs_of_life(opened: Stores) -> None:
    handler = Recorder()
    handler.may_end.clear()
    await enqueue(opened.redis, JOBS[0])
    async with running(opened, handler, claim_idle_ms=2_000):
        await eventually(lambda: handler.at_work == 1)
        (row,) = await pending(opened)
        entry_id, consumer = row["message_id"], row["consumer"]
        await opened.redis.xclaim(STREAM, "workers", consumer, 0, [entry_id], idle=90_000, justid=True)

        async def is_kept() -> bool:
            (row,) = await pending(opened)
            return bool(row["time_since_delivered"] < 2_000 and row["times_delivered"] == 1)

        await eventually(is_kept)
        handler.may_end.set()
        await eventually(lambda: is_empty(opened))
    assert handler.calls == [JOBS[0]]


async def test_a_job_that_always_fails_goes_to_the_dead_letters_while_others_go_on(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    bad, good = [FanOut((await new_tweet(opened, alice)).id) for _ in range(2)]
    queue, handler = JobQueue(opened.jobs.redis, FANOUT), Recorder(ValueError("never"), bad)
    with capture_logs() as logs:
        async with running(opened, handler):
            await enqueue(opened.redis, bad)
            await eventually(lambda: handler.calls[:1] == [bad])
            await enqueue(opened.redis, good)
            await eventually(lambda: good in handler.calls)
            await eventually(queue.dead_count)
    errors = [log["event"] for log in logs if log["log_level"] == "error"]
    assert errors == ["job failed, will be tried again"] * 5 + ["job laid aside"]
    assert handler.calls[-1] == bad
    assert handler.calls.count(bad) == ATTEMPTS == 5
    assert handler.calls.count(good) == 1
    assert await is_empty(opened)
    laid_aside: Any = await opened.redis.xrange(job_keys.dead_jobs(FANOUT))
    assert [fields for _, fields in laid_aside] == [{b"job": pack(bad)}]
    row = await opened.mongo.collection("tweets").find_one({"_id": bad.item_id})
    assert row["fanout"] == "dead"
    assert await opened.jobs.outbox.unfinished(NOW, 10) == []
    run = await opened.jobs.locks.new_run_id()
    assert run is not None
    await opened.jobs.locks.record_run_id(run)
    assert await Sweeper(opened.jobs, opened.notifications, overdue_ms=1).sweep() == 0


async def test_unreadable_bytes_go_to_the_dead_letters_at_once(opened: Stores) -> None:
    queue, handler = JobQueue(opened.jobs.redis, FANOUT), Recorder()
    await opened.redis.xadd(STREAM, {"job": b"\xff"})
    await enqueue(opened.redis, JOBS[0])
    async with running(opened, handler, claim_idle_ms=600_000):
        await eventually(lambda: is_empty(opened))
    assert await queue.dead_count() == 1
    assert handler.calls == [JOBS[0]]


async def test_a_store_that_is_away_costs_a_job_no_attempt(opened: Stores) -> None:
    queue = JobQueue(opened.jobs.redis, FANOUT)
    handler = Recorder(UnavailableError("The database"), JOBS[0], times=2 * ATTEMPTS)
    await enqueue(opened.redis, JOBS[0])
    async with running(opened, handler, claim_idle_ms=600_000):
        await eventually(lambda: is_empty(opened))
    assert handler.calls == [JOBS[0]] * (2 * ATTEMPTS + 1)
    assert await queue.dead_count() == 0


async def test_a_database_that_does_not_keep_up_is_asked_by_few_at_once(opened: Stores) -> None:
    jobs = [FanOut(TweetId(number)) for number in range(1, 11)]
    handler = Recorder(UnavailableError("The database"), *jobs)
    handler.may_end.clear()
    await enqueue(opened.redis, *jobs)
    async with running(opened, handler, claim_idle_ms=600_000):
        await eventually(lambda: handler.at_work == 10)
        handler.may_end.set()
        await eventually(lambda: len(handler.calls) >= 30)
        handler.may_end.clear()
        handler.most_at_work = 0
        await eventually(lambda: handler.at_work == 2)
        await enqueue(opened.redis, FanOut(TweetId(11)))

        async def are_all_taken() -> bool:
            return len(await opened.redis.xpending_range(STREAM, "workers", "-", "+", 20)) == 11

        await eventually(are_all_taken)
        assert handler.most_at_work == 2
        handler.recover()
        await eventually(lambda: is_empty(opened))
    assert set(handler.calls) == {*jobs, FanOut(TweetId(11))}


async def test_a_redis_that_freezes_is_waited_for(
    opening: Opening, own_valkey: Callable[[], Awaitable[OwnStore]]
) -> None:
    valkey, handler = await own_valkey(), Recorder()
    async with opening(valkey.url) as stores, open_redis(valkey.url) as undisturbed:
        await emptied(stores)
        queue = JobQueue(undisturbed, FANOUT)

        async def is_done() -> bool:
            return (await queue.lag()).open_jobs == 0

        await enqueue(undisturbed, JOBS[0])
        handler.may_end.clear()
        async with running(stores, handler, claim_idle_ms=60_000):
            await eventually(lambda: handler.at_work == 1)
            valkey.pause()
            try:
                handler.may_end.set()
                await eventually(lambda: len(handler.calls) > 1)  # it could not be acknowledged
            finally:
                valkey.resume()
            await eventually(is_done)
            await enqueue(undisturbed, JOBS[1])
            await eventually(lambda: JOBS[1] in handler.calls)
            await eventually(is_done)
        assert await queue.dead_count() == 0


async def test_a_stop_finishes_what_is_under_way_and_takes_no_more(opened: Stores) -> None:
    handler = Recorder()
    handler.may_end.clear()
    await enqueue(opened.redis, JOBS[0])
    stop = asyncio.Event()
    run = asyncio.create_task(Runner(opened.jobs, FANOUT, handler, claim_idle_ms=600_000).run(stop))
    await eventually(lambda: handler.at_work == 1)
    stop.set()
    handler.may_end.set()
    await asyncio.wait_for(run, 10.0)
    assert handler.calls == [JOBS[0]]
    assert await is_empty(opened)
    assert await opened.redis.xinfo_consumers(STREAM, "workers") == []
    await enqueue(opened.redis, JOBS[1])
    assert not await is_empty(opened)


async def test_a_job_that_waits_for_a_store_is_left_to_others_at_a_stop(opened: Stores) -> None:
    handler = Recorder(UnavailableError("The database"), JOBS[0])
    await enqueue(opened.redis, JOBS[0])
    async with running(opened, handler, claim_idle_ms=600_000):
        await eventually(lambda: len(handler.calls) > 1)
    assert [row["times_delivered"] for row in await pending(opened)] == [1]
    other = Recorder()
    async with running(opened, other, claim_idle_ms=50):
        await eventually(lambda: is_empty(opened))
    assert other.calls == [JOBS[0]]


async def test_no_more_than_so_many_jobs_are_under_way(opened: Stores) -> None:
    handler, jobs = Recorder(), [FanOut(TweetId(number)) for number in range(1, 41)]
    handler.may_end.clear()
    await enqueue(opened.redis, *jobs)
    async with running(opened, handler, claim_idle_ms=600_000):
        await eventually(lambda: handler.at_work == 16)
        handler.may_end.set()
        await eventually(lambda: is_empty(opened))
    assert handler.most_at_work == 16
    assert sorted(handler.calls, key=lambda job: job.item_id if isinstance(job, FanOut) else 0) == jobs


async def test_a_job_that_finds_a_store_away_in_mid_pages_is_tried_again_at_once(opened: Stores) -> None:
    tries: list[Job] = []

    async def pages() -> AsyncIterator[int]:
        yield 1
        yield 2

    async def push(page: int) -> None:
        if page == 1 and len(tries) < 3:
            raise UnavailableError("The cache")

    async def handle(job: Job) -> None:
        tries.append(job)
        await for_each_page(pages(), push, at_once=2)

    await enqueue(opened.jobs.redis, JOBS[0])
    async with running(opened, handle, claim_idle_ms=600_000):
        await eventually(lambda: is_empty(opened))
    assert tries == [JOBS[0]] * 3


async def test_what_is_slow_by_one_author_delays_nobody_else(opened: Stores) -> None:
    """Forty posts of a star, more than a consumer runs at once, none of which ends."""
    star, alice = UserId(1), UserId(2)
    of_star: list[Job] = [FanOut(TweetId(number), star) for number in range(1, 41)]
    of_alice = FanOut(TweetId(50), alice)
    slow, quick = Recorder(), Recorder()
    slow.may_end.clear()

    async def route(job: Job) -> str:
        return WIDE_FANOUT if isinstance(job, FanOut) and job.author_id == star else FANOUT

    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(Runner(opened.jobs, FANOUT, quick, route=route).run(stop))
        group.create_task(Runner(opened.jobs, WIDE_FANOUT, slow, at_once=4).run(stop))
        await enqueue(opened.jobs.redis, *of_star, of_alice)
        await eventually(lambda: quick.calls == [of_alice])
        await eventually(lambda: slow.at_work == 1)
        assert await opened.jobs.outbox.unfinished(NOW, 10) == []
        slow.may_end.set()
        await eventually(lambda: len(slow.calls) == len(of_star))
        stop.set()
    assert slow.calls == of_star
