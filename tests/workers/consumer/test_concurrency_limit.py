"""Adaptive concurrency limit: the maximum in quiet times, few jobs while a store does not keep up."""

import asyncio
from contextlib import suppress

from core.errors import UnavailableError
from workers.consumer.concurrency_limit import ConcurrencyLimit


class Jobs:
    """Jobs that hold their slot until they are ended."""

    def __init__(self, limit: ConcurrencyLimit) -> None:
        self._limit = limit
        self.running: list[int] = []
        self._ends: dict[int, asyncio.Future[None]] = {}

    async def run(self, number: int) -> None:
        with suppress(UnavailableError):
            async with self._limit.slot():
                self.running.append(number)
                self._ends[number] = asyncio.get_running_loop().create_future()
                try:
                    await self._ends[number]
                finally:
                    self.running.remove(number)

    async def end(self, number: int, error: Exception | None = None) -> None:
        if error is None:
            self._ends[number].set_result(None)
        else:
            self._ends[number].set_exception(error)
        await turns()


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_at_most_the_maximum_run_at_once_and_the_others_in_order_of_arrival() -> None:
    jobs = Jobs(ConcurrencyLimit(2))
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(jobs.run(number))
        await turns()
        for number in range(5):
            assert jobs.running == list(range(5))[number : number + 2]
            await jobs.end(number)


async def test_an_unreachable_store_halves_the_limit_and_each_success_adds_one() -> None:
    jobs = Jobs(ConcurrencyLimit(16))
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(jobs.run(number))
        await turns()
        assert jobs.running == list(range(16))
        for number in range(3):
            await jobs.end(number, UnavailableError("The database"))
        assert jobs.running == list(range(3, 16))
        for number in range(3, 14):
            await jobs.end(number)
        assert jobs.running == list(range(14, 27))
        for number in range(14, 40):
            await jobs.end(number)


async def test_a_lifted_limit_lets_every_job_run_once_more() -> None:
    limit = ConcurrencyLimit(4)
    jobs = Jobs(limit)
    async with asyncio.TaskGroup() as group:
        for number in range(8):
            group.create_task(jobs.run(number))
        await turns()
        await jobs.end(0, UnavailableError("The database"))
        assert jobs.running == [1, 2, 3]
        limit.lift()
        await turns()
        assert jobs.running == list(range(1, 8))
        for number in range(1, 8):
            await jobs.end(number)


async def test_a_cancelled_waiter_takes_no_slot() -> None:
    jobs = Jobs(ConcurrencyLimit(1))
    tasks = [asyncio.create_task(jobs.run(number)) for number in range(3)]
    await turns()
    tasks[1].cancel()
    tasks[0].cancel()
    await turns()
    assert jobs.running == [2]
    await jobs.end(2)
    await asyncio.wait(tasks)
