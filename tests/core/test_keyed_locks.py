"""KeyedLock: order of acquisition, timeouts, and transactions that queue for the same document."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from core.errors import UnavailableError
from core.keyed_locks import KeyedLock
from datastore.mongo.client import open_mongo
from tests.support.waiting import eventually


async def test_a_hundred_concurrent_transactions_on_one_document_all_commit(mongo_url: str) -> None:
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


async def test_each_id_is_granted_in_the_order_of_requests() -> None:
    locks, acquired, go_on = KeyedLock[int](), list[str](), asyncio.Event()

    async def acquire(name: str, ids: Sequence[int]) -> None:
        async with locks.hold(ids, timeout_seconds=5.0):
            acquired.append(name)
            await go_on.wait()

    async with asyncio.TaskGroup() as tasks:
        for name, ids in (("first", [1, 2]), ("second", [2, 1, 2]), ("apart", [3]), ("none", []), ("third", [1])):
            tasks.create_task(acquire(name, ids))
        await eventually(lambda: acquired == ["first", "apart", "none"])
        go_on.set()
    assert acquired == ["first", "apart", "none", "second", "third"]


async def test_timeout_raises_and_releases_the_ids_already_held() -> None:
    locks = KeyedLock[int]()
    async with locks.hold([2], timeout_seconds=1.0):
        with pytest.raises(TimeoutError):
            async with locks.hold([1, 2], timeout_seconds=0.01):
                raise AssertionError("2 is held")
        async with locks.hold([1], timeout_seconds=1.0):
            pass
    async with locks.hold([1, 2], timeout_seconds=1.0):
        pass


async def test_transaction_that_waits_too_long_for_the_lock_is_unavailable(
    mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.mongo.client._TIMEOUT_MS", 300)
    async with open_mongo(mongo_url) as mongo:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_: Any) -> None:
            begun.set()
            await go_on.wait()

        async def prompt(_: Any) -> None:
            raise AssertionError("the first transaction still holds the lock")

        first = asyncio.create_task(mongo.in_transaction(slow, changing=(1,)))
        await begun.wait()
        with pytest.raises(UnavailableError):
            await mongo.in_transaction(prompt, changing=(1,))
        go_on.set()
        await first


async def test_ids_in_opposite_orders_never_deadlock() -> None:
    locks, done = KeyedLock[int](), list[str]()

    async def acquire(name: str, ids: Sequence[int]) -> None:
        async with locks.hold(ids, timeout_seconds=5.0):
            await asyncio.sleep(0)
            done.append(name)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(acquire("ascending", [1, 2]))
        tasks.create_task(acquire("descending", [2, 1]))
    assert done == ["ascending", "descending"]


async def test_cancelled_waiter_leaves_the_queue() -> None:
    locks, acquired = KeyedLock[int](), list[str]()

    async def acquire(name: str) -> None:
        async with locks.hold([1], timeout_seconds=5.0):
            acquired.append(name)

    async with asyncio.TaskGroup() as tasks, locks.hold([1], timeout_seconds=1.0):
        cancelled = tasks.create_task(acquire("cancelled"))
        tasks.create_task(acquire("next"))
        await asyncio.sleep(0)
        cancelled.cancel()
    assert acquired == ["next"]
