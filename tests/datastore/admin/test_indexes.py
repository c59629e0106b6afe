"""Indexes: idempotent, unique where they should be, and used by every query of the stores."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from msgspec import structs
from pymongo.errors import DuplicateKeyError

from core.auth.tokens import REFRESH_LIFETIME, utc_now
from core.ids import TweetId, UserId
from datastore.admin.indexes import INDEXES, make_indexes
from datastore.stores import Stores
from datastore.tweets.factory import to_document
from tests.datastore.opened import tweet_of
from tests.datastore.store_calls import Call, calls_of, set_up, tweets

_PROFILE_BYTES = 16 << 20


async def index_names(stores: Stores) -> dict[str, list[str]]:
    return {name: sorted(await stores.mongo.collection(name).index_information()) for name in INDEXES}


async def test_making_the_indexes_again_changes_nothing(opened: Stores) -> None:
    await make_indexes(opened.mongo)
    before = await index_names(opened)
    await make_indexes(opened.mongo)
    assert await index_names(opened) == before
    assert {name: len(names) for name, names in before.items()} == {
        name: len(indexes) + 1 for name, indexes in INDEXES.items()
    }


PAIR: dict[str, Any] = {"user": 1, "target": 2}


@pytest.mark.parametrize(
    ("collection", "row"),
    [
        ("users", {"handle_key": "alice"}),
        ("users", {"email_key": "alice@example.org"}),
        ("follows", {"follower": 1, "followee": 2}),
        ("tweets", {"author": 1, "retweet_of": 2}),
        ("tag_follows", {"user": 1, "tag": "rook"}),
        *[(name, PAIR) for name in ("likes", "bookmarks", "blocks", "mutes", "follow_requests")],
    ],
)
async def test_unique_indexes_refuse_duplicates(opened: Stores, collection: str, row: dict[str, Any]) -> None:
    other = {key: f"{value}!" for key, value in {"handle_key": 1, "email_key": 1}.items() if collection == "users"}
    await opened.mongo.collection(collection).insert_one({"_id": 1, **row})
    with pytest.raises(DuplicateKeyError):
        await opened.mongo.collection(collection).insert_one({"_id": 2, **other, **row})
    assert await opened.mongo.collection(collection).count_documents({}) == 1


async def test_an_author_has_many_tweets_that_are_no_retweets(opened: Stores) -> None:
    tweets = opened.mongo.collection("tweets")
    await tweets.insert_many([{"_id": number, "author": 1} for number in range(3)])
    assert await tweets.count_documents({"author": 1}) == 3


async def test_no_store_reads_much_more_than_it_answers(opened: Stores) -> None:
    await fill_with_strangers(opened)
    scene = await set_up(opened)
    await fill_with_strangers(opened)

    profiled = await profile(opened, calls_of(scene, without=tweets.searches_without_words))

    planned = [row for row in profiled if "planSummary" in row]
    assert len(planned) > 150
    costly = [row for row in planned if row.get("docsExamined", 0) > 20 or row.get("keysExamined", 0) > 50]
    assert [(row["ns"], row["planSummary"], row["command"]) for row in costly] == []
    assert [row["planSummary"] for row in planned if "COLLSCAN" in row["planSummary"]] == []
    assert [row["command"] for row in planned if row.get("hasSortStage") and not is_to_be_sorted(row)] == []
    assert await rows_left_out(opened, profiled) == []


async def rows_left_out(stores: Stores, profiled: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Commands with a hint at a partial index and no condition on its field: MongoDB silently answers less."""
    hinted = [row for row in profiled if "hint" in row["command"]]
    assert len(hinted) > 5
    left_out = []
    for row in hinted:
        indexes = await stores.mongo.collection(row["ns"].partition(".")[2]).index_information()
        known = _hinted(indexes, row["command"]["hint"])
        fields = known.get("partialFilterExpression", {}).keys()
        if not fields <= _asked(row["command"]).keys():
            left_out.append(row["command"])
    return left_out


def _hinted(indexes: Mapping[str, Mapping[str, Any]], hint: str | Mapping[str, int]) -> Mapping[str, Any]:
    """The index that a hint names, by its name or by its keys."""
    if isinstance(hint, str):
        return indexes[hint]
    return next(one for one in indexes.values() if one["key"] == list(hint.items()))


def _asked(command: Mapping[str, Any]) -> Mapping[str, Any]:
    """The conditions of a find, a count, or an aggregation."""
    if "pipeline" in command:
        return dict(command["pipeline"][0]["$match"])
    return dict(command.get("filter") or command["query"])


def is_to_be_sorted(row: Mapping[str, Any]) -> bool:
    """Whether MongoDB has to sort: results that are read whole, grouped, or merged from two lists have no order."""
    stages = {name for stage in row["command"].get("pipeline", ()) for name in stage}
    return row["ns"].endswith("tag_follows") or bool(stages & {"$group", "$unionWith"})


async def fill_with_strangers(stores: Stores, count: int = 150) -> None:
    """Inserts rows of strangers into all collections, so that a collection scan is noticed."""
    ids = [stores.ids() for _ in range(count)]
    rows: dict[str, Callable[[int], dict[str, Any]]] = {
        "users": lambda n: {"handle_key": f"s{n}", "email_key": f"s{n}", "is_merged": True},
        "sessions": lambda n: {"user": n, "last_used_at": utc_now(), "expires_at": utc_now() + REFRESH_LIFETIME},
        "access_tokens": lambda n: {"user": n, "expires_at": utc_now() + REFRESH_LIFETIME},
        "push_subscriptions": lambda n: {"user": n, "browser": n},
        "pushes": lambda n: {"user": n, "due": n, "subscription": n, "group": n},
        "lists": lambda n: {"owner": n, "name": "birds", "description": None, "is_private": False},
        "list_members": lambda n: {"list": n, "member": n},
        "follows": lambda n: {"follower": n, "followee": n + 1},
        "tweets": lambda n: to_document(
            structs.replace(tweet_of(TweetId(n), UserId(n)), tags=("crow",), reply_to=n, reply_to_author=n, quoted_id=n)
        ),
        "likes": lambda n: {"user": n, "target": n},
        "blocks": lambda n: {"user": n, "target": n},
        "mutes": lambda n: {"user": n, "target": n},
        "notifications": lambda n: {"user": n, "kind": "LIKE", "tweet": n, "last": n, "is_read": False},
        "notification_acts": lambda n: {"user": n, "act": n, "actor": n, "group": n, "tweet": n},
        "notification_states": lambda n: {"at": n, "version": 1},
        "tag_follows": lambda n: {"user": n, "tag": "crow"},
        "post_keys": lambda _: {"at": utc_now()},
    }
    for name, row_of in rows.items():
        await stores.mongo.collection(name).insert_many([{"_id": id_, **row_of(id_)} for id_ in ids])


async def profile(stores: Stores, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Profiler entries of all operations of the calls."""
    database = stores.mongo.database
    # The profiler's own would have 1 MB, and drop the first entries.
    await database.create_collection("system.profile", capped=True, size=_PROFILE_BYTES)
    await database.command("profile", 2)
    try:
        for call in calls:
            await call()
        await database.command("profile", 0)
        return [row async for row in database["system.profile"].find()]
    finally:
        await database.command("profile", 0)
        await database.drop_collection("system.profile")
