"""Worker id leases: never shared, taken over once free, and never the same snowflakes as the former holder."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from core.errors import UnavailableError
from core.ids import SEQUENCE_BITS, WORKERS, ms_of, wall_ms
from datastore.embedded.stores import free_port
from datastore.jobs.worker_ids import LEASE_MS, WorkerIdLease, leased_snowflakes
from datastore.redis import job_keys
from datastore.redis.client import open_redis
from tests.support.stores import OwnStore

OwnValkey = Callable[[], Awaitable[OwnStore]]
MANY = 9000


@pytest.fixture
def start_at_five(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every lease tries the worker ids from 5 on."""
    monkeypatch.setattr("datastore.jobs.worker_ids.random.randrange", lambda _: 5)


def worker_of(snowflake: int) -> int:
    return snowflake >> SEQUENCE_BITS & WORKERS - 1


async def test_leases_taken_at_once_are_all_of_different_numbers(redis: Redis) -> None:
    async with AsyncExitStack() as stack:
        makers = await asyncio.gather(*[stack.enter_async_context(leased_snowflakes(redis)) for _ in range(40)])
        assert len({maker.worker for maker in makers}) == 40
        assert [worker_of(maker()) for maker in makers] == [maker.worker for maker in makers]


async def test_a_number_that_is_held_is_passed_over(redis: Redis, start_at_five: None) -> None:
    async with leased_snowflakes(redis) as first, leased_snowflakes(redis) as second, leased_snowflakes(redis) as third:
        assert [first.worker, second.worker, third.worker] == [5, 6, 7]


async def test_a_lease_is_held_while_it_is_open_and_ends_with_it(redis: Redis, start_at_five: None) -> None:
    async with leased_snowflakes(redis):
        assert LEASE_MS - 5_000 < await redis.pttl(job_keys.worker_lease(5)) <= LEASE_MS
    assert await redis.exists(job_keys.worker_lease(5)) == 0
    assert await redis.exists(job_keys.worker_clock(5)) == 1


async def test_the_next_holder_begins_after_the_last_id_of_the_former(redis: Redis, start_at_five: None) -> None:
    async with leased_snowflakes(redis) as former:
        made = [
            former() for _ in range(MANY)
        ]  # more than fit into the elapsed milliseconds, so its ids run ahead of the clock
    async with leased_snowflakes(redis) as following:
        assert following.worker == 5
        assert following() > made[-1]


async def test_a_lease_that_ran_out_is_taken_over_with_later_ids(redis: Redis, start_at_five: None) -> None:
    former, following = WorkerIdLease(redis), WorkerIdLease(redis)
    await former.acquire()
    made = [former.ids() for _ in range(MANY)]
    await former.renew()
    await run_out(redis, 5)

    await following.acquire()

    assert following.ids.worker == 5
    assert following.ids() > made[-1]


async def test_ids_begin_after_the_instant_up_to_which_the_number_was_used(redis: Redis, start_at_five: None) -> None:
    used_until = wall_ms() + 3_000
    await redis.set(job_keys.worker_clock(5), used_until)
    async with leased_snowflakes(redis) as ids:
        assert ms_of(ids()) == used_until + 1


async def test_renewing_extends_the_lease_and_says_how_far_the_number_is_used(
    redis: Redis, start_at_five: None
) -> None:
    lease = WorkerIdLease(redis)
    await lease.acquire()
    last = [lease.ids() for _ in range(MANY)][-1]
    await redis.pexpire(job_keys.worker_lease(5), 1_000)

    await lease.renew()

    assert LEASE_MS - 5_000 < await redis.pttl(job_keys.worker_lease(5)) <= LEASE_MS
    assert int(await redis.get(job_keys.worker_clock(5)) or 0) >= ms_of(last)


async def test_renewing_moves_on_where_somebody_else_holds_the_number(redis: Redis, start_at_five: None) -> None:
    lease = WorkerIdLease(redis)
    await lease.acquire()
    before = [lease.ids(), lease.ids()]
    await redis.set(job_keys.worker_lease(5), b"somebody else")

    await lease.renew()

    assert lease.ids.worker == 6
    assert await redis.get(job_keys.worker_lease(5)) == b"somebody else"
    assert rises([*before, lease.ids(), lease.ids()])


async def test_a_lost_lease_is_not_resumed_before_what_others_made_under_it(redis: Redis, start_at_five: None) -> None:
    lease = WorkerIdLease(redis)
    await lease.acquire()
    await run_out(redis, 5)
    used_until = wall_ms() + 3_000
    await redis.set(job_keys.worker_clock(5), used_until)

    await lease.renew()

    assert lease.ids.worker == 5
    assert ms_of(lease.ids()) == used_until + 1


async def test_releasing_leaves_the_lease_of_somebody_else_alone(redis: Redis, start_at_five: None) -> None:
    lease = WorkerIdLease(redis)
    await lease.acquire()
    await redis.set(job_keys.worker_lease(5), b"somebody else")
    await lease.release()
    assert await redis.keys("ids:worker:*") == [job_keys.worker_lease(5).encode()]
    assert await redis.get(job_keys.worker_lease(5)) == b"somebody else"


async def test_when_all_numbers_are_taken_ids_are_made_all_the_same(redis: Redis) -> None:
    await redis.mset({job_keys.worker_lease(number): b"somebody" for number in range(WORKERS)})
    with capture_logs() as logs:
        async with leased_snowflakes(redis) as ids:
            assert rises([ids() for _ in range(MANY)])
    complaint = {"event": "worker number not leased", "error": "NoWorkerIdError('all 1024 worker numbers are taken')"}
    assert [{"event": log["event"], "error": log["error"]} for log in logs] == [complaint] * 2


async def test_without_redis_ids_are_made_all_the_same() -> None:
    with capture_logs() as logs:
        async with open_redis(f"redis://127.0.0.1:{free_port()}") as redis, leased_snowflakes(redis) as ids:
            assert rises([ids() for _ in range(MANY)])
    assert [log["event"] for log in logs] == ["worker number not leased"] * 2


async def test_a_process_that_began_without_redis_leases_a_number_once_it_is_there(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    await store.kill()
    async with open_redis(store.url) as redis:
        lease = WorkerIdLease(redis)
        with pytest.raises(UnavailableError):
            await lease.acquire()
        before = lease.ids()

        await store.restart()
        await lease.renew()

        assert await redis.keys("ids:worker:*") == [job_keys.worker_lease(lease.ids.worker).encode()]
        assert lease.ids() > before


async def test_a_process_goes_on_while_redis_is_away(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as redis:
        lease = WorkerIdLease(redis)
        await lease.acquire()
        number, before = lease.ids.worker, lease.ids()
        await store.kill()
        with pytest.raises(UnavailableError):
            await lease.renew()
        assert lease.ids.worker == number
        assert lease.ids() > before


async def run_out(redis: Redis, number: int) -> None:
    assert await redis.delete(job_keys.worker_lease(number)) == 1


def rises(ids: list[int]) -> bool:
    return all(earlier < later for earlier, later in pairwise(ids))
