"""Followers by the thousand, written directly to the stores, each with an empty home list."""

from collections.abc import Sequence

from core.ids import TweetId, UserId
from datastore.counts.recount import recount
from datastore.records.users import AccountRecord, UserRecord, to_document
from datastore.redis import keys
from datastore.redis.client import send_all
from datastore.stores import Stores

NOTHING_OLDER = b"0"


async def add_followers(stores: Stores, followee: UserId, size: int) -> list[UserId]:
    """Returns the new followers in the order in which a fan-out reaches them."""
    followers = [UserId(stores.ids()) for _ in range(size)]
    accounts = [
        AccountRecord(UserRecord(one, f"f{one}"[-15:], "Fan"), f"{one}@example.org", "hash") for one in followers
    ]
    await stores.mongo.collection("users").insert_many([to_document(account) for account in accounts])
    follows = [{"_id": stores.ids(), "follower": one, "followee": followee} for one in followers]
    await stores.mongo.collection("follows").insert_many(follows)
    await recount(stores.mongo, [followee])
    await stores.users.counts.invalidate(followee)
    await send_all(stores.redis, [("RPUSH", keys.home(one), NOTHING_OLDER) for one in followers])
    return followers


async def lists_of(stores: Stores, people: Sequence[UserId]) -> list[list[TweetId]]:
    """The home lists in Redis, newest first."""
    found = await send_all(stores.redis, [("LRANGE", keys.home(one), 0, -1) for one in people])
    return [[TweetId(int(item)) for item in items if item != NOTHING_OLDER] for items in found]
