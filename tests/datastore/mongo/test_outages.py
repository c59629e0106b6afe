"""Outages and freezes of MongoDB: every store raises UnavailableError in time with both drivers, and recovers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.devices import UNKNOWN_DEVICE
from core.errors import UnavailableError
from core.ids import SessionId, TweetId, UserId
from core.settings import MongoDriver
from datastore.admin.indexes import make_indexes
from datastore.credentials.addresses import Change
from datastore.jobs.jobs import FanOut, Merge, Retract, Unmerge
from datastore.mongo.client import Mongo, away_as_unavailable, open_mongo
from datastore.records.items import ItemKind, TweetRecord
from datastore.records.users import AccountRecord, UserRecord
from datastore.stores import Stores
from datastore.tweets.store import PostKey
from datastore.users.viewpoint_records import Viewpoint
from tests.datastore.opened import follow, new_tweet, new_users, opened_stores, tweet_of
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

OwnMongo = Callable[[], Awaitable[OwnStore]]
Ask = Callable[[], Awaitable[object]]


async def test_a_database_that_is_away_is_noticed_within_five_seconds_and_used_again_when_it_is_back(
    own_mongo: OwnMongo, redis_url: str
) -> None:
    store = await own_mongo()
    async with (
        opened_stores(store.url, redis_url, MongoDriver.PYMONGO) as with_pymongo,
        opened_stores(store.url, redis_url, MongoDriver.MOTOR) as with_motor,
    ):
        await make_indexes(with_pymongo.mongo)
        alice, bob = await new_users(with_pymongo, "alice", "bob")
        tweet = await new_tweet(with_pymongo, alice)
        asks = asks_of("pymongo", with_pymongo, tweet, bob) | asks_of("motor", with_motor, tweet, bob)

        await store.kill()
        await assert_noticed(asks)

        await store.restart()
        await eventually(lambda: answers(with_pymongo.mongo), within=20.0)
        await eventually(lambda: answers(with_motor.mongo), within=20.0)
        await follow(with_pymongo, alice, bob)
        await follow(with_motor, bob, alice)
        assert [await stores.tweets.items.get(tweet.id) for stores in (with_pymongo, with_motor)] == [tweet, tweet]


async def test_a_frozen_database_is_noticed_within_five_seconds(own_mongo: OwnMongo) -> None:
    store = await own_mongo()
    async with (
        open_mongo(store.url, MongoDriver.PYMONGO) as with_pymongo,
        open_mongo(store.url, MongoDriver.MOTOR) as with_motor,
    ):
        await with_pymongo.ping()
        await with_motor.ping()
        store.pause()
        try:
            await assert_noticed({"pymongo": insertion_into(with_pymongo), "motor": insertion_into(with_motor)})
        finally:
            store.resume()
        await eventually(lambda: answers(with_pymongo), within=20.0)
        await eventually(lambda: answers(with_motor), within=20.0)


def insertion_into(mongo: Mongo) -> Ask:
    """An insert in a transaction, so two commands: the first may pass before the database is frozen."""

    async def act(session: Any) -> None:
        await mongo.collection("things").insert_one({}, session=session)

    async def insert() -> None:
        with away_as_unavailable():
            await mongo.in_transaction(act)

    return insert


def asks_of(driver: str, stores: Stores, tweet: TweetRecord, bob: UserId) -> dict[str, Ask]:
    """One call of each kind of store method: reads, cursors, aggregations, writes and transactions."""
    alice = tweet.author_id
    asks = {
        "ping": stores.mongo.ping,
        "make_indexes": lambda: make_indexes(stores.mongo),
        **asks_of_people(stores, alice, bob),
        **asks_of_tweets(stores, tweet),
        **asks_of_timelines(stores, tweet, bob),
    }
    return {f"{driver}: {name}": ask for name, ask in asks.items()}


def asks_of_people(stores: Stores, alice: UserId, bob: UserId) -> dict[str, Ask]:
    session = SessionId(1)
    account = AccountRecord(UserRecord(UserId(1), "carol", "Carol"), "carol@example.org", "hash")
    return {
        "users.insert": lambda: stores.users.accounts.insert(account),
        "users.get_many": lambda: stores.users.accounts.get_many([bob]),
        "users.counts_of": lambda: stores.users.counts.get_many([bob]),
        "users.by_handle": lambda: stores.users.accounts.by_handle("alice"),
        "users.ids_by_handle": lambda: stores.users.accounts.ids_by_handle(["alice"]),
        "users.is_empty": stores.users.accounts.is_empty,
        "users.account_by_login": lambda: stores.users.accounts.account_by_login("alice"),
        "users.update_profile": lambda: stores.users.accounts.update_profile(alice, {"name": "A"}),
        "passwords.change": lambda: stores.credentials.passwords.change(
            alice, "other", session, Change(), sign_in_generation=0
        ),
        "sessions.insert": lambda: stores.users.sessions.insert(session, alice, UNKNOWN_DEVICE),
        "sessions.get": lambda: stores.users.sessions.get(session),
        "sessions.rotate": lambda: stores.users.sessions.rotate(session, 0),
        "sessions.of_user": lambda: stores.users.sessions.of_user(alice),
        "sessions.delete": lambda: stores.users.sessions.delete(session),
        "follows.insert": lambda: stores.users.follows.insert(Merge(1, alice, bob)),
        "follows.delete": lambda: stores.users.follows.delete(Unmerge(2, alice, bob)),
        "follows.followees": lambda: stores.users.follows.followees(alice),
        "follows.followers": lambda: stores.users.follows.followers(alice, None, 10),
        "follows.follower_pages": lambda: anext(stores.users.follows.follower_pages(alice, 10)),
        "follows.followed_among": lambda: stores.users.follows.followed_among(alice, [bob]),
    }


def asks_of_tweets(stores: Stores, tweet: TweetRecord) -> dict[str, Ask]:
    alice = tweet.author_id
    return {
        "tweets.insert": lambda: stores.tweets.items.insert(tweet_of(TweetId(1), alice)),
        "tweets.get_many": lambda: stores.tweets.items.get_many([TweetId(1)]),
        "tweets.counts_of": lambda: stores.tweets.counts.get_many([TweetId(1)]),
        "tweets.posted_under": lambda: stores.tweets.items.get_id_by_key(PostKey(alice, "key", b"")),
        "tweets.delete": lambda: stores.tweets.items.delete(Retract(3, tweet.id, alice, ItemKind.TWEET)),
        "tweets.by_author": lambda: stores.tweets.items.by_author(alice, None, 10, with_replies=True),
    }


def asks_of_timelines(stores: Stores, tweet: TweetRecord, bob: UserId) -> dict[str, Ask]:
    alice = tweet.author_id
    view = Viewpoint(alice, frozenset({bob}))
    return {
        "viewpoints.get": lambda: stores.users.viewpoints.get(alice),
        "candidates.range": lambda: stores.timelines.candidates.range(view, 10),
        "candidates.newest_ids": lambda: stores.timelines.candidates.newest_ids(view, 10),
        "candidates.added_by": lambda: stores.timelines.candidates.added_by(view.circle, bob, 10),
        "outbox.finish": lambda: stores.jobs.outbox.finish(FanOut(tweet.id)),
        "outbox.give_up": lambda: stores.jobs.outbox.give_up(Merge(1, alice, bob)),
        "outbox.unfinished": lambda: stores.jobs.outbox.unfinished(0, 10),
        "outbox.posts_since": lambda: stores.jobs.outbox.posts_since(0, 0, 10),
    }


async def assert_noticed(asks: dict[str, Ask]) -> None:
    """Each call raises UnavailableError for MongoDB in less than five seconds."""
    refusals = dict(zip(asks, await asyncio.gather(*map(refusal, asks.values())), strict=True))
    assert {name for name, (store, _) in refusals.items() if store != "The database"} == set()
    assert {name: took for name, (_, took) in refusals.items() if took >= 5} == {}


async def refusal(ask: Ask) -> tuple[str, float]:
    """The store named in the UnavailableError, and the seconds until it was raised."""
    clock = asyncio.get_running_loop().time
    began = clock()
    with pytest.raises(UnavailableError) as caught:
        await ask()
    return caught.value.store, clock() - began


async def answers(mongo: Mongo) -> bool:
    try:
        await mongo.ping()
    except UnavailableError:
        return False
    return True
