"""Shared by store tests: stores opened on either driver, and users and tweets inserted straight into them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import md5
from itertools import count

from core.ids import TweetId, UserId
from core.settings import MongoDriver, Settings, Switch
from datastore.admin.indexes import make_indexes
from datastore.jobs.jobs import Merge, Retract, Unmerge
from datastore.mongo.client import open_mongo
from datastore.mongo.edges import EdgeStore
from datastore.records.items import ItemKind, TweetRecord
from datastore.records.users import AccountRecord, UserRecord
from datastore.stores import Stores, open_stores
from tests.support.folders import media_folder

DRIVERS = list(MongoDriver)
_OF_NOTHING = md5(usedforsecurity=False).hexdigest()
_handles: Iterator[int] = count()


@asynccontextmanager
async def opened_stores(
    mongo_url: str, redis_url: str, driver: MongoDriver = MongoDriver.PYMONGO, *, length: int = 800
) -> AsyncIterator[Stores]:
    """Opens the stores on a database that is emptied first; indexes stay. Trends count all accounts alike."""
    settings = Settings(
        mongo_url=mongo_url,
        redis_url=redis_url,
        mongo_driver=driver,
        timeline_length=length,
        rate_limit=Switch.OFF,
        media_url=media_folder().as_uri(),
    )
    async with open_stores(settings) as stores:
        hashes: dict[str, str] = (await stores.mongo.database.command("dbHash"))["collections"]
        for name in [name for name, digest in hashes.items() if digest != _OF_NOTHING]:
            await stores.mongo.collection(name).delete_many({})
        yield stores


async def indexed(mongo_url: str) -> None:
    async with open_mongo(mongo_url) as mongo:
        await make_indexes(mongo)


async def new_user(stores: Stores, name: str = "somebody") -> UserId:
    """Inserts an account whose handle begins with `name`."""
    user_id = UserId(stores.ids())
    handle = f"{name[:8]}_{next(_handles)}"
    await stores.users.accounts.insert(
        AccountRecord(UserRecord(user_id, handle, name), f"{handle}@example.org", "hash")
    )
    return user_id


async def new_users(stores: Stores, *names: str) -> list[UserId]:
    return [await new_user(stores, name) for name in names]


async def new_tweet(stores: Stores, author: UserId, answered: TweetRecord | None = None) -> TweetRecord:
    """Inserts a tweet, or a reply to `answered`, without a job for the workers."""
    tweet = tweet_of(TweetId(stores.ids()), author, answered)
    await stores.tweets.items.insert(tweet)
    return tweet


def tweet_of(tweet_id: TweetId, author: UserId, answered: TweetRecord | None = None) -> TweetRecord:
    return TweetRecord(
        id=tweet_id,
        author_id=author,
        text=f"tweet {tweet_id}",
        conversation_id=answered.conversation_id if answered else tweet_id,
        reply_to=answered.id if answered else None,
        reply_to_author=answered.author_id if answered else None,
    )


async def is_fanout_on_read(stores: Stores, author: UserId) -> bool:
    return await stores.mongo.collection("users").find_one({"_id": author, "is_merged": True}) is not None


async def sources_of(edges: EdgeStore, target: int) -> list[int]:
    return [edge.other for edge in await edges.sources(target, None, 1_000)]


async def follow(stores: Stores, follower: UserId, followee: UserId) -> Merge:
    """Returns the job that the act leaves to be done."""
    job = Merge(stores.ids(), follower, followee)
    assert await stores.users.follows.insert(job)
    return job


async def unfollow(stores: Stores, follower: UserId, followee: UserId) -> Unmerge:
    """Returns the job that the act leaves to be done."""
    job = Unmerge(stores.ids(), follower, followee)
    assert await stores.users.follows.delete(job)
    return job


async def delete_tweet(stores: Stores, tweet: TweetRecord) -> Retract:
    """Returns the job that the act leaves to be done."""
    job = Retract(stores.ids(), tweet.id, tweet.author_id, ItemKind.TWEET)
    assert await stores.tweets.items.delete(job)
    return job
