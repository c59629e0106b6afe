"""Batcher: order, errors, cancellation, and likes that share a transaction."""

import asyncio
from collections.abc import Sequence

import pytest

from core.errors import UnavailableError
from datastore.cache.batcher import Batcher
from tests.support.waiting import eventually


class Doubling:
    """Doubles numbers once `let` is set. 13 raises ValueError, 14 raises UnavailableError."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.let = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        await self.let.wait()
        if 13 in numbers:
            raise ValueError(13)
        if 14 in numbers:
            raise UnavailableError("The database")
        return [2 * number for number in numbers]


async def test_requests_collect_while_a_batch_is_under_way() -> None:
    doubling = Doubling()
    double = Batcher[int, int](doubling, 3)
    calls = [asyncio.create_task(double(number)) for number in range(6)]
    await asyncio.sleep(0)
    doubling.let.set()
    assert await asyncio.gather(*calls) == [0, 2, 4, 6, 8, 10]
    assert doubling.batches == [[0, 1, 2], [3, 4, 5]]
    assert await double(50) == 100


async def test_at_most_at_once_batches_are_under_way() -> None:
    doubling = Doubling()
    double = Batcher[int, int](doubling, 9, at_once=2)
    calls = [asyncio.create_task(double(1))]
    await eventually(lambda: doubling.batches == [[1]])
    calls.append(asyncio.create_task(double(2)))
    await eventually(lambda: doubling.batches == [[1], [2]])
    calls += [asyncio.create_task(double(number)) for number in (3, 4)]
    await asyncio.sleep(0)
    doubling.let.set()
    assert await asyncio.gather(*calls) == [2, 4, 6, 8]
    assert doubling.batches == [[1], [2], [3, 4]]


async def test_request_that_arrives_as_a_batch_ends_is_executed() -> None:
    doubling = Doubling()
    doubling.let.set()
    double = Batcher[int, int](doubling, 1)
    async with asyncio.timeout(5.0):
        assert [await double(number) for number in range(3)] == [0, 2, 4]


async def test_error_fails_its_batch_and_an_unavailable_store_all_waiting_requests() -> None:
    doubling = Doubling()
    doubling.let.set()
    double = Batcher[int, int](doubling, 2)
    outcomes = await asyncio.gather(*[double(number) for number in (1, 13, 3, 4)], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ValueError, ValueError, int, int]
    outcomes = await asyncio.gather(*[double(number) for number in (1, 14, 3, 4)], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [UnavailableError] * 4
    assert await double(5) == 10


async def test_cancelled_request_does_not_cancel_its_batch() -> None:
    doubling = Doubling()
    double = Batcher[int, int](doubling, 9)
    one, other = asyncio.create_task(double(1)), asyncio.create_task(double(2))
    await asyncio.sleep(0)
    one.cancel()
    doubling.let.set()
    assert await other == 4
    with pytest.raises(asyncio.CancelledError):
        await one
