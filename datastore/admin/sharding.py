"""How MongoDB spreads over many machines: the shard key of each collection with its reason, and who needs none.

The brief asks by user, by time or both. Rows are spread by person, for nearly every question is about some person. By
time alone all that is new would be written to one shard. What is asked of all people by time, the newest tweets, is in
Redis while it is new: that is the hybrid.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from datastore.admin.indexes import make_indexes
from datastore.mongo.client import Mongo, away_as_unavailable

Key: TypeAlias = tuple[tuple[str, int | str], ...]

_BY_USER: Final[Key] = (("user", 1), ("target", 1))
_BY_ID: Final[Key] = (("_id", "hashed"),)


class Spread(NamedTuple):
    key: Key
    reason: str


class NoRouterError(Exception):
    """The URL names no mongos; the text says what it names."""


SHARD_KEYS: Final[Mapping[str, Spread]] = {
    "tweets": Spread(
        (("author", 1),),
        "A user timeline is one shard, and what lies past a home list is on those of the people followed. Unique:"
        " author with retweet_of begins with it. Somebody's tweets can't be split, some hundred thousand fit a chunk.",
    ),
    "follows": Spread(
        (("followee", 1), ("follower", 1)),
        "The fan-out reads the followers of one author page by page, for each post; with the follower in it those of a"
        " celebrity lie on many shards. Unique as a pair. Whom somebody follows asks all shards, and is cached.",
    ),
    "likes": Spread(_BY_USER, "Whether a viewer likes the tweets of a page is one shard. Unique as a pair."),
    "bookmarks": Spread(_BY_USER, "As likes."),
    "blocks": Spread(
        _BY_USER, "A viewer's own are one shard. Who blocks them asks all, and is cached. Unique as a pair."
    ),
    "mutes": Spread(_BY_USER, "As blocks."),
    "follow_requests": Spread(_BY_USER, "As blocks."),
    "count_changes": Spread((("target", 1),), "What is on its way to one tweet is added by one transaction."),
    "people_changes": Spread((("target", 1),), "As count_changes."),
    "notifications": Spread((("user", 1), ("last", 1)), "Whoever reads theirs asks one shard."),
    "notification_states": Spread(_BY_ID, "One for each person, by their id."),
    "notification_acts": Spread(
        (("act", 1), ("user", 1)), "Unique as a pair: an act is told once. Groups are looked through across shards."
    ),
    "impressions": Spread(
        (("viewer", 1), ("at", 1)), "The cap asks what a viewer saw lately. Its id holds the viewer."
    ),
    "sessions": Spread(_BY_ID, "Each request looks its session up by id, where the cache has none."),
    "post_keys": Spread(_BY_ID, "Looked up by id alone."),
    "outbox": Spread(_BY_ID, "Written and cleared by id; only the sweeper asks all."),
    "notices": Spread(_BY_ID, "As outbox."),
}

ON_ONE_SHARD: Final[Mapping[str, str]] = {
    "users": "Handle and email address are unique each, and no key is the beginning of both. 100 M rows of under a"
    " kilobyte fit one replica set, whose secondaries and the cache take the reads.",
    "tag_follows": "Few, and asked both by person and by hashtag.",
    "campaigns": "Few, and ranked all together.",
    "dislikes": "Few.",
}


class Router(Protocol):
    """The admin database of a mongos."""

    async def command(self, command: str, value: Any = 1, **more: Any) -> Any: ...


async def spread(mongo: Mongo) -> list[str]:
    """Makes the indexes and shards each collection; safe to repeat. What was done, a line each.

    Raises NoRouterError before anything is changed, OperationFailure where mongos refuses.
    """
    with away_as_unavailable():
        await _refuse_what_is_no_router(mongo.admin)
        await make_indexes(mongo)
        return await shard_all(mongo.admin, mongo.name)


async def shard_all(admin: Router, database: str) -> list[str]:
    await admin.command("enableSharding", database)
    done = []
    for name, (key, reason) in SHARD_KEYS.items():
        await admin.command("shardCollection", f"{database}.{name}", key=dict(key))
        done.append(f"{name}: {_told(key)}. {reason}")
    return [*done, *[f"{name}: on one shard. {reason}" for name, reason in ON_ONE_SHARD.items()]]


async def _refuse_what_is_no_router(admin: Router) -> None:
    hello = await admin.command("hello")
    if hello.get("msg") == "isdbgrid":
        return
    kind = f"a member of the replica set {hello['setName']}" if "setName" in hello else "a server by itself"
    raise NoRouterError(
        f"ROOKERY_MONGO_URL must name a mongos, the router of a sharded cluster, but names {kind}. Nothing was changed."
    )


def _told(key: Key) -> str:
    return ", ".join(f"{name} hashed" if order == "hashed" else name for name, order in key)
