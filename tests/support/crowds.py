"""Crowds: people by the thousand, put straight into the stores, who follow somebody and have an empty home timeline."""

from collections.abc import Sequence

from core.ids import TweetId, UserId
from datastore.counts.recount import recount
from datastore.records.users import AccountRecord, UserRecord, to_document
from datastore.redis import keys
from datastore.redis.client import send_all
from datastore.stores import Stores

NOTHING_OLDER = b"0"


async def gather_crowd(stores: Stores, followee: UserId, size: int) -> list[UserId]:
    """New followers, in the order in which a fan-out reaches them."""
    crowd = [UserId(stores.ids()) for _ in range(size)]
    accounts = [AccountRecord(UserRecord(one, f"f{one}"[-15:], "Fan"), f"{one}@example.org", "hash") for one in crowd]
    await stores.mongo.collection("users").insert_many([to_document(account) for account in accounts])
    follows = [{"_id": stores.ids(), "follower": one, "followee": followee} for one in crowd]
    await stores.mongo.collection("follows").insert_many(follows)
    await recount(stores.mongo, [followee])
    await stores.users.counts.invalidate(followee)
    await send_all(stores.redis, [("RPUSH", keys.home(one), NOTHING_OLDER) for one in crowd])
    return crowd


async def lists_of(stores: Stores, people: Sequence[UserId]) -> list[list[TweetId]]:
    """Their home timelines as they lie in memory, newest first."""
    found = await send_all(stores.redis, [("LRANGE", keys.home(one), 0, -1) for one in people])
    return [[TweetId(int(item)) for item in items if item != NOTHING_OLDER] for items in found]
