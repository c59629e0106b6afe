"""Batch runner: jobs taken together, one bad job among good ones, a store that is away, jobs of the dead."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from core.errors import UnavailableError
from core.ids import UserId
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Job, Notify
from datastore.jobs.queue import Delivery, JobQueue, enqueue
from datastore.jobs.routing import NOTIFICATIONS
from datastore.notifications.reader import NotificationFilter
from datastore.stores import Stores
from datastore.tweets.likes import like_notice
from tests.datastore.opened import new_tweet, new_users
from tests.support.waiting import eventually
from workers.consumer.batch_runner import BatchRunner
from workers.notifications import handle

JOBS: list[Job] = [Notify(number, ActKind.LIKE, UserId(1), number) for number in range(1, 6)]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.consumer.batch_runner._CLAIM_SECONDS", 0.05)
    monkeypatch.setattr("workers.consumer.batch_runner._WAIT_MS", 50)
    monkeypatch.setattr("workers.consumer.backoff._MAX_SECONDS", 0.05)


class Recorder:
    """A handler that notes its batches, and raises what it is told for a batch with a certain job."""

    def __init__(self, failing: Job | None = None, failure: Exception | None = None, times: int = 1_000) -> None:
        self.batches: list[list[Job | None]] = []
        self._failing, self._failure, self._times = failing, failure, times

    async def __call__(self, deliveries: Sequence[Delivery]) -> None:
        jobs = [one.job for one in deliveries]
        self.batches.append(jobs)
        if self._failure is not None and self._failing in jobs and self._times:
            self._times -= 1
            raise self._failure


@asynccontextmanager
async def running(stores: Stores, handler: Recorder) -> AsyncIterator[None]:
    stop = asyncio.Event()
    run = asyncio.create_task(BatchRunner(stores.jobs, NOTIFICATIONS, handler, claim_idle_ms=200).run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(run, 10.0)


async def is_empty(stores: Stores) -> bool:
    return (await JobQueue(stores.jobs.redis, NOTIFICATIONS).lag()).open_jobs == 0


async def test_jobs_that_lie_there_are_one_batch(opened: Stores) -> None:
    await enqueue(opened.jobs.redis, *JOBS)
    handler = Recorder()
    async with running(opened, handler):
        await eventually(lambda: is_empty(opened))
    assert handler.batches == [JOBS]


async def test_a_job_that_fails_spoils_none_beside_it_and_is_a_dead_letter_in_the_end(opened: Stores) -> None:
    await enqueue(opened.jobs.redis, *JOBS)
    handler = Recorder(JOBS[2], RuntimeError("broken"))
    async with running(opened, handler):
        await eventually(lambda: is_empty(opened), within=30.0)
    alone = [batch[0] for batch in handler.batches if len(batch) == 1]
    assert [job for job in alone if job != JOBS[2]] == JOBS[:2] + JOBS[3:]
    assert await JobQueue(opened.jobs.redis, NOTIFICATIONS).dead_count() == 1


async def test_a_store_that_is_away_costs_no_attempts(opened: Stores) -> None:
    await enqueue(opened.jobs.redis, *JOBS)
    handler = Recorder(JOBS[0], UnavailableError("The database"), times=20)
    async with running(opened, handler):
        await eventually(lambda: is_empty(opened), within=30.0)
    assert handler.batches == [JOBS] * 21
    assert await JobQueue(opened.jobs.redis, NOTIFICATIONS).dead_count() == 0


async def test_a_batch_of_likes_is_told_once_however_many_workers_run_it(opened: Stores) -> None:
    author, *fans = await new_users(opened, "author", *["fan"] * 20)
    tweet = await new_tweet(opened, author)
    notices = [like_notice(opened.ids(), fan, tweet.id) for fan in fans]
    for notice in notices:
        await opened.tweets.likes.like(notice.act_id, notice.actor_id, tweet.id)
    deliveries = [Delivery(b"0-0", notice, b"", 1) for notice in notices]
    notifications, outbox = opened.notifications, opened.jobs.outbox
    await asyncio.gather(*[handle(opened, deliveries[::way]) for way in (1, -1, 1, -1)])
    (group,) = await notifications.reader.range(author, NotificationFilter.ALL, (None, 10), without=())
    assert (group.actor_count, group.first, group.last) == (20, notices[0].act_id, notices[-1].act_id)
    assert [job for job in await outbox.unfinished(-1_000, 100) if isinstance(job, Notify)] == []
