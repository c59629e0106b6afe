"""Backfill of an old database: rows get derived fields once, and their other fields do not change."""

from typing import Any

from core.ids import TweetId
from datastore.admin.backfill import prepare
from datastore.records.items import TweetRecord
from datastore.records.users import to_document as account_document
from datastore.stores import Stores
from datastore.tweets.factory import to_document as tweet_document
from tests.datastore.opened import new_user

DERIVED = {"users": "names", "tweets": "terms"}


async def rows_of(stores: Stores) -> dict[str, list[dict[str, Any]]]:
    return {name: [row async for row in stores.mongo.collection(name).find().sort("_id", 1)] for name in DERIVED}


async def forget(stores: Stores) -> None:
    """Removes the derived fields, as in a version without them."""
    for name, field in DERIVED.items():
        await stores.mongo.collection(name).update_many({}, {"$unset": {field: 1}})
    await stores.mongo.collection("derived_fields").delete_many({})


async def test_older_rows_are_found_once_the_database_is_ready(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    tweet = TweetRecord(TweetId(7), alice, "Rooks at the café #chess", TweetId(7), tags=("chess",))
    await opened.mongo.collection("tweets").insert_one(tweet_document(tweet))
    retweet = {"_id": 8, "author": alice, "retweet_of": 7, "retweet_of_author": alice}
    await opened.mongo.collection("tweets").insert_one(retweet)
    before = await rows_of(opened)
    assert before["tweets"][0]["terms"][:4] == ["rook", "at", "the", "cafe"]
    await forget(opened)
    await prepare(opened.mongo)
    assert await rows_of(opened) == before

    await opened.mongo.collection("tweets").update_one({"_id": 7}, {"$unset": {"terms": 1}})
    await prepare(opened.mongo)
    assert "terms" not in (await rows_of(opened))["tweets"][0]
    await opened.mongo.collection("derived_fields").update_many({}, {"$set": {"version": 0}})
    await prepare(opened.mongo)
    assert await rows_of(opened) == before


async def test_stored_fields_equal_backfilled_ones(opened: Stores) -> None:
    bob = await new_user(opened, "bob")
    account = await opened.users.accounts.get_account(bob)
    assert account is not None
    (row,) = (await rows_of(opened))["users"]
    assert row["names"] == account_document(account)["names"]
    await opened.users.accounts.update_profile(bob, {"name": "Émile Zorn"})
    (row,) = (await rows_of(opened))["users"]
    assert row["names"][-9:] == ["e", "em", "emi", "emil", "emile", "z", "zo", "zor", "zorn"]
