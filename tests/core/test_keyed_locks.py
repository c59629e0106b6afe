"""Those who want to change the same documents take turns, and are told when that takes too long."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from core.errors import UnavailableError
from core.keyed_locks import Lanes
from datastore.mongo.client import open_mongo
from tests.support.waiting import eventually


async def test_a_hundred_transactions_on_one_document_all_happen(mongo_url: str) -> None:
    async with open_mongo(mongo_url) as mongo:
        tweets = mongo.collection("tweets")
        await tweets.insert_one({"_id": 1, "likes": 0})
        await mongo.collection("likes").insert_one({"_id": "first"})

        async def like(number: int) -> None:
            async def act(session: Any) -> None:
                await mongo.collection("likes").insert_one({"_id": number}, session=session)
                await tweets.update_one({"_id": 1}, {"$inc": {"likes": 1}}, session=session)

            await mongo.in_transaction(act, changing=(1,))

        await asyncio.gather(*[like(number) for number in range(100)])
        assert await tweets.find_one({"_id": 1}) == {"_id": 1, "likes": 100}


async def test_turns_come_in_the_order_of_asking_for_each_id_by_itself() -> None:
    lanes, had, go_on = Lanes(), list[str](), asyncio.Event()

    async def have(name: str, ids: Sequence[int]) -> None:
        async with lanes.of(ids, within_seconds=5.0):
            had.append(name)
            await go_on.wait()

    async with asyncio.TaskGroup() as tasks:
        for name, ids in (("first", [1, 2]), ("second", [2, 1, 2]), ("apart", [3]), ("none", []), ("third", [1])):
            tasks.create_task(have(name, ids))
        await eventually(lambda: had == ["first", "apart", "none"])
        go_on.set()
    assert had == ["first", "apart", "none", "second", "third"]


async def test_who_waits_too_long_is_told_and_holds_up_nobody() -> None:
    lanes = Lanes()
    async with lanes.of([2], within_seconds=1.0):
        with pytest.raises(TimeoutError):
            async with lanes.of([1, 2], within_seconds=0.01):
                raise AssertionError("2 is taken")
        async with lanes.of([1], within_seconds=1.0):
            pass
    async with lanes.of([1, 2], within_seconds=1.0):
        pass


async def test_transaction_that_gets_no_turn_in_time_says_unavailable(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.mongo.client._TIMEOUT_MS", 300)
    async with open_mongo(mongo_url) as mongo:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_: Any) -> None:
            begun.set()
            await go_on.wait()

        async def prompt(_: Any) -> None:
            raise AssertionError("it is not its turn")

        first = asyncio.create_task(mongo.in_transaction(slow, changing=(1,)))
        await begun.wait()
        with pytest.raises(UnavailableError):
            await mongo.in_transaction(prompt, changing=(1,))
        go_on.set()
        await first
