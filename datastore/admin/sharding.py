"""The shard key of each MongoDB collection with its reason, and the collections that stay on one shard.

Rows are sharded by user, because nearly every query is about one user. By time alone all new rows would be written to
one shard. The one query by time over all users, the newest tweets, is answered from Redis while they are new.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from datastore.admin.errors import CommandError
from datastore.admin.indexes import make_indexes
from datastore.mongo.client import Mongo, away_as_unavailable

Key: TypeAlias = tuple[tuple[str, int | str], ...]

_BY_USER: Final[Key] = (("user", 1), ("target", 1))
_BY_ID: Final[Key] = (("_id", "hashed"),)


class ShardKey(NamedTuple):
    key: Key
    reason: str


class NoRouterError(CommandError):
    """The URL names no mongos; the text says what it does name."""


SHARD_KEYS: Final[Mapping[str, ShardKey]] = {
    "tweets": ShardKey(
        (("author", 1),),
        "A user timeline is one shard, and what lies past a home list is on those of the people followed. Unique:"
        " author with retweet_of begins with it. Somebody's tweets can't be split, some hundred thousand fit a chunk.",
    ),
    "follows": ShardKey(
        (("followee", 1), ("follower", 1)),
        "The fan-out reads the followers of one author page by page, for each post; with the follower in it those of a"
        " celebrity lie on many shards. Unique as a pair. Whom somebody follows asks all shards, and is cached.",
    ),
    "likes": ShardKey(_BY_USER, "Whether a viewer likes the tweets of a page is one shard. Unique as a pair."),
    "bookmarks": ShardKey(_BY_USER, "As likes."),
    "blocks": ShardKey(
        _BY_USER, "A viewer's own are one shard. Who blocks them asks all, and is cached. Unique as a pair."
    ),
    "mutes": ShardKey(_BY_USER, "As blocks."),
    "conversation_mutes": ShardKey(
        (("user", 1), ("conversation", 1)), "A viewer's own are one shard. One that stands is unique as a pair."
    ),
    "follow_requests": ShardKey(_BY_USER, "As blocks."),
    "count_changes": ShardKey((("target", 1),), "What is on its way to one tweet is added by one transaction."),
    "people_changes": ShardKey((("target", 1),), "As count_changes."),
    "notifications": ShardKey((("user", 1), ("last", 1)), "Whoever reads theirs asks one shard."),
    "notification_states": ShardKey(_BY_ID, "One for each person, by their id."),
    "notification_acts": ShardKey(
        (("act", 1), ("user", 1)), "Unique as a pair: an act is told once. Groups are looked through across shards."
    ),
    "unwanted_ads": ShardKey(_BY_ID, "One for each viewer, by their id."),
    "impressions": ShardKey(
        (("viewer", 1), ("at", 1)), "The cap asks what a viewer saw lately. Its id holds the viewer."
    ),
    "sessions": ShardKey(_BY_ID, "Each request looks its session up by id, where the cache has none."),
    "access_tokens": ShardKey(_BY_ID, "As sessions."),
    "push_subscriptions": ShardKey(
        _BY_ID, "As sessions, whose ids they have; those of the people who are told ask all."
    ),
    "lists": ShardKey(_BY_ID, "Read by id, and cached; an owner's own ask all shards."),
    "list_members": ShardKey(
        (("list", 1), ("member", 1)),
        "The members of a list are one shard. Unique as a pair. Whose lists somebody is in asks all.",
    ),
    "media": ShardKey(
        _BY_ID, "The pictures of a page are looked up by id. Those of a tweet or an owner ask all, and are rare."
    ),
    "post_keys": ShardKey(_BY_ID, "Looked up by id alone."),
    "outbox": ShardKey(_BY_ID, "Written and cleared by id; only the sweeper asks all."),
    "notices": ShardKey(_BY_ID, "As outbox."),
    "mails": ShardKey(_BY_ID, "As outbox."),
    "pushes": ShardKey(_BY_ID, "As outbox."),
    "mail_tokens": ShardKey(_BY_ID, "One for each person and purpose. A token that is typed asks all, and is rare."),
    "known_devices": ShardKey(_BY_ID, "Looked up by id alone."),
    "undone_acts": ShardKey(_BY_ID, "As outbox: written beside the edge that it undoes, and read by workers."),
}

ON_ONE_SHARD: Final[Mapping[str, str]] = {
    "users": "Handle and email address are unique each, and no key is the beginning of both. 100 M rows of under a"
    " kilobyte fit one replica set, whose secondaries and the cache take the reads.",
    "tag_follows": "Few, and asked both by person and by hashtag.",
    "campaigns": "Few, and ranked all together.",
    "dislikes": "Few.",
    "former_handles": "Few: a row is kept for 90 days.",
    "caught_mails": "In dev alone.",
    "moderation_log": "Few, and read from its end.",
    "role_locks": "One row.",
    "reports": "Few, and one of a subject is open at most.",
    "reporters": "Few. Unique as a pair of subject and reporter.",
    "decisions": "Few, and read as a queue.",
    "backups": "One row for each backup.",
    "database_form": "One row.",
    "vapid_keys": "One row.",
    "filters": "Few, and read all together.",
}


class Router(Protocol):
    """The admin database of a mongos."""

    async def command(self, command: str, value: Any = 1, **more: Any) -> Any: ...


async def shard_collections(mongo: Mongo) -> list[str]:
    """Makes the indexes and shards each collection; safe to repeat. Returns a line for each collection.

    Raises NoRouterError before anything is changed, OperationFailure where mongos refuses.
    """
    with away_as_unavailable():
        await _ensure_router(mongo.admin)
        await make_indexes(mongo)
        return await shard_all(mongo.admin, mongo.name)


async def shard_all(admin: Router, database: str) -> list[str]:
    await admin.command("enableSharding", database)
    done = []
    for name, (key, reason) in SHARD_KEYS.items():
        await admin.command("shardCollection", f"{database}.{name}", key=dict(key))
        done.append(f"{name}: {_fields(key)}. {reason}")
    return [*done, *[f"{name}: on one shard. {reason}" for name, reason in ON_ONE_SHARD.items()]]


async def _ensure_router(admin: Router) -> None:
    hello = await admin.command("hello")
    if hello.get("msg") == "isdbgrid":
        return
    kind = f"a member of the replica set {hello['setName']}" if "setName" in hello else "a server by itself"
    raise NoRouterError(
        f"ROOKERY_MONGO_URL must name a mongos, the router of a sharded cluster, but names {kind}. Nothing was changed."
    )


def _fields(key: Key) -> str:
    return ", ".join(f"{name} hashed" if order == "hashed" else name for name, order in key)
