"""The MongoDB client behaves alike with both drivers: plain integers, transactions, errors."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from pymongo import ReadPreference
from pymongo.errors import DuplicateKeyError, OperationFailure

from core.errors import UnavailableError
from core.settings import MongoDriver
from datastore.mongo import client
from datastore.mongo.client import away_as_unavailable, database_name, open_mongo
from datastore.stores import Stores
from tests.datastore.opened import DRIVERS

LARGE = (1 << 62) + 1


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("mongodb://one:1,two:2/birds?replicaSet=rs0", "birds"),
        ("mongodb://one:1/?replicaSet=rs0", "rookery"),
        ("mongodb://one:1", "rookery"),
    ],
)
def test_the_name_of_the_database_stands_in_the_url(url: str, name: str) -> None:
    assert database_name(url) == name


async def test_large_whole_numbers_come_back_as_plain_ones(opened: Stores) -> None:
    things = opened.mongo.collection("things")
    await things.insert_one({"_id": LARGE, "many": [LARGE], "small": 1})
    found = await things.find_one({"_id": LARGE})
    assert found == {"_id": LARGE, "many": [LARGE], "small": 1}
    assert [type(found["_id"]), type(found["many"][0])] == [int, int]
    assert [type(row["_id"]) for row in await opened.mongo.aggregate("things", [{"$match": {}}])] == [int]


async def test_aggregate_gives_all_documents_in_order(opened: Stores) -> None:
    await opened.mongo.collection("things").insert_many([{"_id": number} for number in range(250)])
    rows = await opened.mongo.aggregate("things", [{"$sort": {"_id": -1}}])
    assert [row["_id"] for row in rows] == list(range(249, -1, -1))


async def test_a_transaction_happens_as_a_whole(opened: Stores) -> None:
    things = opened.mongo.collection("things")

    async def act(session: Any) -> str:
        await things.insert_one({"_id": 1}, session=session)
        await things.insert_one({"_id": 2}, session=session)
        return "both"

    assert await opened.mongo.in_transaction(act) == "both"
    assert [row["_id"] async for row in things.find().sort("_id", 1)] == [1, 2]


async def test_a_transaction_that_fails_leaves_nothing(opened: Stores) -> None:
    things = opened.mongo.collection("things")

    async def act(session: Any) -> None:
        await things.insert_one({"_id": 1}, session=session)
        raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await opened.mongo.in_transaction(act)
    assert await things.count_documents({}) == 0


async def test_transactions_that_collide_all_happen(opened: Stores) -> None:
    things = opened.mongo.collection("things")
    await things.insert_one({"_id": 1, "count": 0})

    async def act(session: Any) -> None:
        await things.update_one({"_id": 1}, {"$inc": {"count": 1}}, session=session)

    await asyncio.gather(*[opened.mongo.in_transaction(act) for _ in range(20)])
    assert await things.find_one() == {"_id": 1, "count": 20}


async def test_a_transaction_that_takes_too_long_keeps_no_lock(
    opened: Stores, mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_TIMEOUT_MS", 200)
    things = opened.mongo.collection("things")
    await things.insert_one({"_id": 1})

    async def act(session: Any) -> None:
        await things.update_one({"_id": 1}, {"$set": {"is_held": True}}, session=session)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.3)
        await things.find_one({"_id": 1}, session=session)

    with pytest.raises(UnavailableError), away_as_unavailable():
        await opened.mongo.in_transaction(act)
    # The same client would end it by its next command.
    async with open_mongo(mongo_url.replace(database_name(mongo_url), opened.mongo.name)) as other:
        changed = await other.collection("things").update_one({"_id": 1}, {"$set": {"is_held": False}})
    assert changed.modified_count == 1


async def test_the_same_act_twice_is_told_from_an_id_made_twice(opened: Stores) -> None:
    things = opened.mongo.collection("named_things")
    await things.create_index("name", unique=True)
    await things.insert_one({"_id": 1, "name": "alice"})

    async def insert(session: Any, thing_id: int, name: str) -> None:
        await things.insert_one({"_id": thing_id, "name": name}, session=session)

    with pytest.raises(DuplicateKeyError):
        await opened.mongo.in_transaction(lambda session: insert(session, 2, "alice"))
    with pytest.raises(UnavailableError, match="The database is away"):
        await opened.mongo.in_transaction(lambda session: insert(session, 1, "bob"))
    assert [row async for row in things.find()] == [{"_id": 1, "name": "alice"}]


async def test_an_error_that_waiting_does_not_mend_passes(opened: Stores) -> None:
    with pytest.raises(OperationFailure, match=r"\$nonsense"), away_as_unavailable():
        await opened.mongo.aggregate("things", [{"$nonsense": {}}])


async def test_ping_answers(opened: Stores) -> None:
    await opened.mongo.ping()


@pytest.mark.parametrize("driver", DRIVERS)
async def test_dropping_leaves_no_database(mongo_url: str, driver: MongoDriver) -> None:
    async with open_mongo(mongo_url, driver) as mongo:
        await mongo.collection("things").insert_one({"_id": 1})
        assert await mongo.database.list_collection_names() == ["things"]
        await mongo.drop()
        assert await mongo.database.list_collection_names() == []


async def test_what_may_lag_is_read_from_secondaries_and_the_rest_from_the_primary(opened: Stores) -> None:
    assert opened.mongo.lagging_collection("tweets").read_preference == ReadPreference.SECONDARY_PREFERRED
    assert opened.mongo.collection("tweets").read_preference == ReadPreference.PRIMARY
    assert opened.mongo.collection("tweets").write_concern.document == {"w": "majority"}
