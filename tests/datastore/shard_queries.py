"""Expected shard targeting of every query of the stores, by the fields in its filter. A test runs all and compares."""

from collections.abc import Mapping
from typing import Any, Final

from datastore.admin.sharding import SHARD_KEYS

TARGETED: Final[Mapping[str, tuple[str, ...]]] = {
    "tweets": (
        "author",
        "_id author",
        "author reply_to_author",
        "_id author reply_to_author",
        "author retweet_of",
        "_id author retweet_of",
        "_id author tags",
        "_id author fanout",
        "_id author untold",
    ),
    "follows": ("followee", "_id followee", "followee follower", "_id followee follower", "_id followee untold"),
    "likes": ("user", "_id user", "target user", "_id untold user"),
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
    "access_tokens": ("_id", "_id expires_at", "_id user"),
    "mails": ("_id",),
    "mail_tokens": ("_id", "_id newest used"),
    "known_devices": ("_id",),
    "lists": ("_id", "_id owner"),
    "list_members": ("list", "_id list", "list member"),
    "post_keys": ("_id",),
    "outbox": ("_id",),
    "notices": ("_id", "_id job"),
    "undone_acts": ("_id", "_id uncounted uncounted_users unmerged untold", "_id untold user"),
}
"""Queries that target the shards of the users in their filter, by collection."""

BROADCAST: Final[Mapping[tuple[str, str], str]] = {
    ("tweets", "_id"): "a tweet by id that is not cached; an update by id",
    ("tweets", "_id fanout"): "the sweeper, for posts with a pending fan-out",
    ("tweets", "retweet_of"): "retweets of a tweet, cached as its log",
    ("tweets", "_id retweet_of"): "a page of retweets",
    ("tweets", "reply_to"): "a page of replies to a tweet",
    ("tweets", "_id reply_to"): "the next page",
    ("tweets", "$or reply_to"): "the next page by score",
    ("tweets", "quoted"): "a page of quotes of a tweet",
    ("tweets", "_id quoted"): "the next page",
    ("tweets", "tags"): "spelling of a trending hashtag",
    ("tweets", "_id tags"): "uses of hashtags, for trends; tags of liked tweets, for ads",
    ("tweets", "reply_to_author tags"): "newest tweets of a hashtag",
    ("tweets", "author reply_to_author tags"): "followed hashtags, beyond the end of a home list",
    ("tweets", "_id author reply_to_author tags"): "the same, from a position on",
    ("tweets", "_id terms"): "a search",
    ("tweets", "_id counts.likes counts.retweets score"): "a search by likes or retweets",
    ("follows", "follower"): "followees, cached in the viewpoint",
    ("follows", "_id follower"): "a page of followees",
    ("blocks", "target"): "blockers, cached in the viewpoint",
    ("blocks", "_id target"): "a page of edges to a target",
    ("likes", "target"): "a page of likes of a tweet; deletion of the tweet",
    ("likes", "_id target"): "the next page",
    ("bookmarks", "target"): "deletion of the tweet",
    ("bookmarks", "_id target"): "a page of edges to a target",
    ("mutes", "target"): "deletion of the account",
    ("mutes", "_id target"): "a page of edges to a target",
    ("follow_requests", "target"): "requests to an account, oldest first",
    ("follow_requests", "_id target"): "the next page",
    ("count_changes", "_id"): "overdue increments; deletion of added increments",
    ("people_changes", "_id"): "as count_changes",
    ("notification_acts", "_id"): "undoing of an act",
    ("notification_acts", "actor"): "deletion of an account",
    ("notification_acts", "group"): "actors of a notification",
    ("notification_acts", "tweet"): "deletion of a tweet",
    ("notification_acts", "user"): "deletion of an account",
    ("notification_states", "_id at"): "recent changes, after a loss of Redis",
    ("notifications", "_id"): "a group by id, in workers",
    ("notifications", "tweet"): "deletion of a tweet",
    ("notifications", "is_read tweet"): "the same",
    ("outbox", "_id"): "the sweeper",
    ("outbox", "author"): "deletion of an account",
    ("outbox", "reader"): "unfinished changes of a viewpoint",
    ("notices", "_id"): "the sweeper",
    ("sessions", "expires_at user"): "a user's own sessions",
    ("sessions", "_id user"): "a new password, which ends them",
    ("sessions", "is_unverified user"): "the verification of an address",
    ("mails", "due"): "the sweeper",
    ("mails", "user"): "deletion of an account",
    ("mails", "to"): "the same",
    ("mail_tokens", "purpose tokens.hash"): "a token of a mail",
    ("known_devices", "user"): "a sign-in on a new device; deletion of an account",
    ("access_tokens", "user"): "the number, or all, of a user's own",
    ("access_tokens", "expires_at user"): "a user's own tokens",
    ("sessions", "user"): "a sign-in, which ends the oldest of too many",
    ("lists", "owner"): "a user's own lists; a block",
    ("lists", "_id owner"): "the next page",
    ("list_members", "member"): "deletion of an account",
    ("likes", "uncounted.of"): "increments of counts that are not cached; the worker that counts",
    ("likes", "_id uncounted.of"): "overdue increments",
    ("likes", "_id"): "acts that the worker has counted",
    ("likes", "untold"): "the sweeper",
    ("tweets", "uncounted.of"): "as of likes",
    ("tweets", "_id uncounted.of"): "overdue increments",
    ("tweets", "uncounted_users.of"): "as of likes, for counts of users",
    ("tweets", "_id uncounted_users.of"): "overdue increments",
    ("tweets", "untold"): "the sweeper",
    ("follows", "uncounted_users.of"): "as of likes, for counts of users",
    ("follows", "_id uncounted_users.of"): "overdue increments",
    ("follows", "_id"): "acts that the worker has counted, or looks at once more",
    ("follows", "untold"): "the sweeper",
    ("follows", "reader unmerged"): "follows that a timeline lacks; the sweeper",
    ("undone_acts", "uncounted.of"): "as of likes",
    ("undone_acts", "_id uncounted.of"): "overdue increments",
    ("undone_acts", "uncounted_users.of"): "as of likes, for counts of users",
    ("undone_acts", "_id uncounted_users.of"): "overdue increments",
    ("undone_acts", "untold"): "the sweeper",
    ("undone_acts", "reader unmerged"): "as of follows",
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
    ("likes", "_id untold user"),
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
