"""Expected shard targeting of every query of the stores, by the fields in its filter. A test runs all and compares."""

from collections.abc import Mapping
from typing import Any, Final

from datastore.admin.sharding import SHARD_KEYS

ASKING_SOME: Final[Mapping[str, tuple[str, ...]]] = {
    "tweets": (
        "author",
        "_id author",
        "author reply_to_author",
        "_id author reply_to_author",
        "author retweet_of",
        "_id author retweet_of",
        "_id author tags",
        "_id author fanout",
    ),
    "follows": ("followee", "_id followee", "followee follower", "_id followee follower"),
    "likes": ("user", "_id user", "target user"),
    "bookmarks": ("user", "_id user", "target user"),
    "blocks": ("user", "_id user", "target user", "$or"),
    "mutes": ("user", "_id user", "target user"),
    "follow_requests": ("user", "_id user", "target user"),
    "count_changes": ("target",),
    "people_changes": ("target",),
    "notifications": (
        "user",
        "_id user",
        "last user",
        "kind user",
        "kind last user",
        "is_read user",
        "is_read last user",
        "kind last tweet user",
    ),
    "notification_states": ("_id",),
    "notification_acts": ("act",),
    "impressions": ("at viewer", "at campaign viewer", "_id viewer", "_id is_clicked viewer"),
    "sessions": ("_id", "_id expires_at", "_id expires_at generation"),
    "post_keys": ("_id",),
    "outbox": ("_id",),
    "notices": ("_id", "_id job"),
}
"""Queries that target the shards of the users in their filter, by collection."""

ASKING_ALL: Final[Mapping[tuple[str, str], str]] = {
    ("tweets", "_id"): "a tweet by id, where the cache lacks it; an update by id",
    ("tweets", "_id fanout"): "the sweeper, for posts that are not fanned out",
    ("tweets", "retweet_of"): "retweets of a tweet, cached as its log",
    ("tweets", "_id retweet_of"): "a page of them",
    ("tweets", "reply_to"): "replies to a tweet, a page of them",
    ("tweets", "_id reply_to"): "the next page",
    ("tweets", "$or reply_to"): "the next page by score",
    ("tweets", "quoted"): "quotes of a tweet, a page of them",
    ("tweets", "_id quoted"): "the next page",
    ("tweets", "tags"): "how a hashtag that trends is spelled",
    ("tweets", "_id tags"): "uses of hashtags, for trends; of liked tweets, for advertisements",
    ("tweets", "reply_to_author tags"): "the newest of a hashtag",
    ("tweets", "author reply_to_author tags"): "those of followed hashtags, past a home list",
    ("tweets", "_id author reply_to_author tags"): "as before, from a place on",
    ("tweets", "_id terms"): "a search",
    ("tweets", "_id counts.likes counts.retweets score"): "a search by likes or retweets",
    ("follows", "follower"): "whom somebody follows, cached as their viewpoint",
    ("follows", "_id follower"): "a page of them",
    ("blocks", "target"): "who blocks somebody, cached as their viewpoint",
    ("blocks", "_id target"): "a page of all edges to something",
    ("likes", "target"): "who likes a tweet, a page of them; when it is deleted",
    ("likes", "_id target"): "the next page",
    ("bookmarks", "target"): "when the tweet is deleted",
    ("bookmarks", "_id target"): "a page of all edges to something",
    ("mutes", "target"): "when the account is deleted",
    ("mutes", "_id target"): "a page of all edges to something",
    ("follow_requests", "target"): "who waits for somebody's answer",
    ("follow_requests", "_id target"): "the next page",
    ("count_changes", "_id"): "counts that are overdue; changes once they are added",
    ("people_changes", "_id"): "as count_changes",
    ("notification_acts", "_id"): "when an act is undone",
    ("notification_acts", "actor"): "when an account is deleted",
    ("notification_acts", "group"): "who is named in a notification",
    ("notification_acts", "tweet"): "when a tweet is deleted",
    ("notification_acts", "user"): "when an account is deleted",
    ("notification_states", "_id at"): "what changed lately, after Redis was lost",
    ("notifications", "_id"): "a group by id, by workers",
    ("notifications", "tweet"): "when a tweet is deleted",
    ("notifications", "is_read tweet"): "as before",
    ("outbox", "_id"): "the sweeper",
    ("outbox", "author"): "when an account is deleted",
    ("outbox", "reader"): "what is under way that changes somebody's viewpoint",
    ("notices", "_id"): "the sweeper",
    ("sessions", "expires_at user"): "the list of one's own sessions",
}
"""Queries that are broadcast to every shard, and when they run."""

HOT: Final = (
    ("tweets", "author"),
    ("tweets", "_id author"),
    ("tweets", "author reply_to_author"),
    ("tweets", "author retweet_of"),
    ("tweets", "_id author fanout"),
    ("follows", "_id followee"),
    ("follows", "followee follower"),
    ("likes", "target user"),
    ("likes", "_id user"),
    ("count_changes", "target"),
    ("notifications", "user"),
    ("impressions", "_id viewer"),
    ("impressions", "at campaign viewer"),
    ("sessions", "_id"),
    ("outbox", "_id"),
    ("notices", "_id job"),
)
"""Queries that run for each page, post, push, like or ad."""


def carries_key(collection: str, query: Mapping[str, Any]) -> bool:
    """Whether a filter fixes the first field of the collection's shard key, so that mongos targets single shards."""
    first = SHARD_KEYS[collection].key[0][0]
    if any(carries_key(collection, part) for part in query.get("$and", ())):
        return True
    if "$or" in query and all(carries_key(collection, part) for part in query["$or"]):
        return True
    wanted = query.get(first)
    if isinstance(wanted, Mapping) and any(name.startswith("$") for name in wanted):
        return "$in" in wanted or "$eq" in wanted
    return wanted is not None
