"""Joined writes: who is joined, what one refused write does to the others, and a database that is away."""

import asyncio
from collections.abc import Sequence

import pytest

from core.errors import UnavailableError
from datastore.mongo.insert_batch import InsertBatch, Joined
from datastore.stores import Stores


class Slow:
    """Doubles numbers, a batch at a time, when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.let = asyncio.Queue[None](), asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        self.begun.put_nowait(None)
        await self.let.wait()
        return [ValueError(number) if number < 0 else 2 * number for number in numbers]


async def test_calls_of_one_turn_are_one_batch_and_each_has_its_own_outcome() -> None:
    slow = Slow()
    joined = Joined[int, int](slow)
    slow.let.set()
    outcomes = await asyncio.gather(*[joined(number) for number in (1, -1, 2)], return_exceptions=True)
    assert slow.batches == [[1, -1, 2]]
    assert outcomes[::2] == [2, 4]
    assert isinstance(outcomes[1], ValueError)


async def test_a_call_does_not_wait_for_a_batch_that_takes_long() -> None:
    slow = Slow()
    joined = Joined[int, int](slow)
    first = asyncio.create_task(joined(1))
    await slow.begun.get()
    others = [asyncio.create_task(joined(number)) for number in (2, 3)]
    async with asyncio.timeout(5):
        await slow.begun.get()
    slow.let.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6]
    assert slow.batches == [[1], [2, 3]]


async def test_what_a_batch_raises_is_raised_by_each_of_it() -> None:
    async def away(_: Sequence[int]) -> list[int | Exception]:
        raise UnavailableError("The database")

    joined = Joined[int, int](away)
    outcomes = await asyncio.gather(joined(1), joined(2), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [UnavailableError, UnavailableError]


async def test_a_document_that_is_there_refuses_none_beside_it(opened: Stores) -> None:
    likes = opened.mongo.collection("likes")
    insert = InsertBatch(likes)
    rows = [{"_id": opened.ids(), "user": user, "target": 1} for user in (1, 2, 1, 3)]
    assert await asyncio.gather(*map(insert, rows)) == [True, True, False, True]
    assert sorted([row["user"] async for row in likes.find({}, {"user": 1})]) == [1, 2, 3]
    with pytest.raises(UnavailableError):  # an id that was given twice says nothing of the act
        await insert({"_id": rows[0]["_id"], "user": 9, "target": 9})
