"""How many jobs are tried at once: all in quiet times, few where a store does not keep up."""

import asyncio
from contextlib import suppress

from core.errors import UnavailableError
from workers.consumer.concurrency_limit import Gate


class Jobs:
    """Each stands in the gate until it is told how it ends."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.inside: list[int] = []
        self._ends: dict[int, asyncio.Future[None]] = {}

    async def run(self, number: int) -> None:
        with suppress(UnavailableError):
            async with self._gate.passed():
                self.inside.append(number)
                self._ends[number] = asyncio.get_running_loop().create_future()
                try:
                    await self._ends[number]
                finally:
                    self.inside.remove(number)

    async def end(self, number: int, error: Exception | None = None) -> None:
        if error is None:
            self._ends[number].set_result(None)
        else:
            self._ends[number].set_exception(error)
        await turns()


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_so_many_go_through_at_once_and_the_others_in_their_order() -> None:
    jobs = Jobs(Gate(2))
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(jobs.run(number))
        await turns()
        for number in range(5):
            assert jobs.inside == list(range(5))[number : number + 2]
            await jobs.end(number)


async def test_a_store_that_is_away_halves_it_and_each_success_widens_it() -> None:
    jobs = Jobs(Gate(16))
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(jobs.run(number))
        await turns()
        assert jobs.inside == list(range(16))
        for number in range(3):
            await jobs.end(number, UnavailableError("The database"))
        assert jobs.inside == list(range(3, 16))
        for number in range(3, 14):
            await jobs.end(number)
        assert jobs.inside == list(range(14, 27))
        for number in range(14, 40):
            await jobs.end(number)


async def test_at_the_end_each_has_one_more_try() -> None:
    gate = Gate(4)
    jobs = Jobs(gate)
    async with asyncio.TaskGroup() as group:
        for number in range(8):
            group.create_task(jobs.run(number))
        await turns()
        await jobs.end(0, UnavailableError("The database"))
        assert jobs.inside == [1, 2, 3]
        gate.open()
        await turns()
        assert jobs.inside == list(range(1, 8))
        for number in range(1, 8):
            await jobs.end(number)


async def test_who_gives_up_takes_nobody_s_place() -> None:
    jobs = Jobs(Gate(1))
    tasks = [asyncio.create_task(jobs.run(number)) for number in range(3)]
    await turns()
    tasks[1].cancel()
    tasks[0].cancel()
    await turns()
    assert jobs.inside == [2]
    await jobs.end(2)
    await asyncio.wait(tasks)
