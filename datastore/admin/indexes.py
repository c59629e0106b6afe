"""Every index of the database, by collection. Making them is safe to repeat."""

from datetime import timedelta
from typing import Final

from pymongo import ASCENDING, DESCENDING, IndexModel

from datastore.counts.increments import COUNTER_SPECS
from datastore.credentials.devices import KNOWN_DEVICES, KNOWN_FOR
from datastore.credentials.mail_tokens import MAIL_TOKENS
from datastore.graph.suggestions import MOST_FOLLOWED_INDEX
from datastore.jobs.caught_mails import CAUGHT_MAILS
from datastore.jobs.mails import MAILS
from datastore.jobs.outbox import PENDING
from datastore.media.store import COLLECTION as MEDIA
from datastore.moderation.decisions import DECISIONS, WAITS
from datastore.moderation.filters import FILTERS
from datastore.moderation.reports import REPORTERS, REPORTS
from datastore.moderation.tweets import IS_REMOVED, REMOVED, REMOVED_TAGGED
from datastore.mongo.acts import LEFT_TO_DO, UNDONE
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.notifications.conversation_mutes import CONVERSATION_MUTES, ENDED_KEPT
from datastore.notifications.reader import UNREAD
from datastore.push.indexes import PUSH_INDEXES
from datastore.records.users import SUSPENDED
from datastore.trends.tag_uses import NEWEST_TAGGED
from datastore.tweets.search import ENGAGED_INDEX
from datastore.users.former_handles import FORMER_HANDLES

_DAY_SECONDS: Final = 24 * 3600
_CAUGHT_MAILS_KEPT_SECONDS: Final = 7 * _DAY_SECONDS
# Impression tokens are valid for a day; the rest of the time is for questions about bills.
_IMPRESSIONS_KEPT_SECONDS: Final = 90 * _DAY_SECONDS


def _partial(field: str, *keys: tuple[str, int], unique: bool = False) -> IndexModel:
    """An index of the documents that have the numeric field."""
    name = "_".join([*[key for key, _ in keys], "where", field])
    return IndexModel(list(keys), name=name, unique=unique, partialFilterExpression={field: {"$gt": 0}})


def _left_to_do(*fields: str) -> list[IndexModel]:
    """Indexes of the acts of which something is left to be done."""
    indexes = {
        "uncounted": _partial("uncounted.of", ("uncounted.of", ASCENDING)),
        "uncounted_users": _partial("uncounted_users.of", ("uncounted_users.of", ASCENDING)),
        "untold": _partial("untold", ("untold", ASCENDING)),
        "unmerged": _partial("unmerged", ("reader", ASCENDING), ("unmerged", ASCENDING)),
    }
    return [indexes[field] for field in fields]


def _edge_indexes() -> list[IndexModel]:
    return [
        IndexModel([("user", ASCENDING), ("target", ASCENDING)], unique=True),
        IndexModel([("user", ASCENDING), ("_id", DESCENDING)]),
        IndexModel([("target", ASCENDING), ("_id", DESCENDING)]),
    ]


INDEXES: Final[dict[str, list[IndexModel]]] = {
    "users": [
        IndexModel([("handle_key", ASCENDING)], unique=True),
        IndexModel([("email_key", ASCENDING)], unique=True),
        IndexModel([("hidden_until", ASCENDING)], partialFilterExpression={"is_hidden": True}),
        IndexModel(
            [("hidden_email_key", ASCENDING), ("_id", DESCENDING)],
            partialFilterExpression={"hidden_email_key": {"$gt": ""}},
        ),
        IndexModel([("is_merged", ASCENDING)], partialFilterExpression={"is_merged": True}),
        IndexModel([(SUSPENDED, ASCENDING)], partialFilterExpression={SUSPENDED: {"$gt": 0}}),
        IndexModel([("names", ASCENDING), ("_id", ASCENDING)]),
        IndexModel(
            [("counts.followers", DESCENDING), ("_id", ASCENDING)],
            name=MOST_FOLLOWED_INDEX,
            partialFilterExpression={"counts.followers": {"$gt": 0}},
        ),
        IndexModel([("role", ASCENDING)], partialFilterExpression={"role": {"$gt": ""}}),
        IndexModel([("waits", ASCENDING), ("_id", ASCENDING)], partialFilterExpression={"waits": True}),
    ],
    "sessions": [
        IndexModel([("user", ASCENDING), ("last_used_at", DESCENDING)]),
        IndexModel([("user", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "access_tokens": [
        IndexModel([("user", ASCENDING), ("_id", DESCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "lists": [IndexModel([("owner", ASCENDING), ("_id", DESCENDING)])],
    "list_members": [
        IndexModel([("list", ASCENDING), ("member", ASCENDING)], unique=True),
        IndexModel([("list", ASCENDING), ("_id", DESCENDING)]),
        IndexModel([("member", ASCENDING), ("_id", DESCENDING)]),
    ],
    "follows": [
        IndexModel([("followee", ASCENDING), ("follower", ASCENDING)], unique=True),
        IndexModel([("follower", ASCENDING), ("_id", DESCENDING), ("followee", ASCENDING)]),
        IndexModel([("followee", ASCENDING), ("_id", DESCENDING), ("follower", ASCENDING)]),
        *_left_to_do("uncounted_users", "untold", "unmerged"),
    ],
    "tweets": [
        IndexModel([("author", ASCENDING), ("_id", DESCENDING)]),
        IndexModel(
            [("reply_to_author", ASCENDING), ("author", ASCENDING), ("_id", DESCENDING)],
            partialFilterExpression={"reply_to_author": {"$gt": 0}},
        ),
        IndexModel([("fanout", ASCENDING), ("_id", ASCENDING)], partialFilterExpression={"fanout": PENDING}),
        _partial("retweet_of", ("retweet_of", ASCENDING), ("_id", DESCENDING)),
        _partial("retweet_of", ("author", ASCENDING), ("retweet_of", ASCENDING), unique=True),
        _partial("retweet_of", ("author", ASCENDING), ("_id", DESCENDING)),
        _partial("reply_to", ("reply_to", ASCENDING), ("_id", DESCENDING)),
        _partial("reply_to", ("reply_to", ASCENDING), ("score", DESCENDING), ("_id", DESCENDING)),
        _partial("quoted", ("quoted", ASCENDING), ("_id", DESCENDING)),
        IndexModel(
            [("tags", ASCENDING), ("_id", DESCENDING), ("author", ASCENDING)],
            partialFilterExpression={"tags": {"$gt": ""}},
        ),
        IndexModel(
            [("_id", DESCENDING), ("author", ASCENDING)],
            name=NEWEST_TAGGED,
            partialFilterExpression={"tags": {"$gt": ""}},
        ),
        IndexModel(
            [("tags", ASCENDING), ("_id", DESCENDING), (REMOVED, ASCENDING)],
            name=REMOVED_TAGGED,
            partialFilterExpression=IS_REMOVED,
        ),
        IndexModel([("terms", ASCENDING), ("_id", DESCENDING)], partialFilterExpression={"terms": {"$gt": ""}}),
        IndexModel(
            [("_id", DESCENDING), ("score", ASCENDING), ("counts.likes", ASCENDING), ("counts.retweets", ASCENDING)],
            name=ENGAGED_INDEX,
            partialFilterExpression={"score": {"$gt": 0}},
        ),
        _partial("edit", ("edit", ASCENDING)),
        _partial("edit", ("revisions.mentioned", ASCENDING)),
        *_left_to_do("uncounted", "uncounted_users", "untold"),
    ],
    **{name: _edge_indexes() for name in ("bookmarks", "blocks", "follow_requests")},
    "mutes": [*_edge_indexes(), *_left_to_do("unmerged")],
    "likes": [*_edge_indexes(), *_left_to_do("uncounted", "untold")],
    CONVERSATION_MUTES: [
        IndexModel([("user", ASCENDING), ("conversation", ASCENDING), ("until", ASCENDING)], unique=True),
        IndexModel([("ended_at", ASCENDING)], expireAfterSeconds=ENDED_KEPT // timedelta(seconds=1)),
    ],
    "tag_follows": [
        IndexModel([("user", ASCENDING), ("tag", ASCENDING)], unique=True),
        IndexModel([("tag", ASCENDING), ("_id", ASCENDING)]),
    ],
    **{
        spec.increments: [IndexModel([("target", ASCENDING), ("counted", ASCENDING), ("step", ASCENDING)])]
        for spec in COUNTER_SPECS
    },
    "campaigns": [
        IndexModel([("advertiser", ASCENDING), ("_id", DESCENDING)]),
        IndexModel([("bid_cents", DESCENDING), ("ends_at", ASCENDING)], partialFilterExpression={"can_pay": True}),
        IndexModel([("review", ASCENDING), ("_id", ASCENDING)], partialFilterExpression={"review": {"$gt": ""}}),
    ],
    "impressions": [
        IndexModel([("viewer", ASCENDING), ("at", DESCENDING)]),
        IndexModel([("at", ASCENDING)], expireAfterSeconds=_IMPRESSIONS_KEPT_SECONDS),
    ],
    "dislikes": [IndexModel([("_id.author", ASCENDING)])],
    "notifications": [
        IndexModel([("user", ASCENDING), ("last", DESCENDING)]),
        IndexModel([("user", ASCENDING), ("kind", ASCENDING), ("last", DESCENDING)]),
        IndexModel([("user", ASCENDING), ("last", DESCENDING)], name="unread", partialFilterExpression=UNREAD),
        IndexModel([("tweet", ASCENDING), ("user", ASCENDING), ("kind", ASCENDING), ("last", DESCENDING)]),
        _partial("text", ("text", ASCENDING), ("user", ASCENDING), ("kind", ASCENDING), ("last", DESCENDING)),
    ],
    "notification_states": [IndexModel([("at", ASCENDING), ("_id", ASCENDING)])],
    "notification_acts": [
        IndexModel([("act", ASCENDING), ("user", ASCENDING)], unique=True),
        IndexModel([("group", ASCENDING), ("act", DESCENDING), ("actor", ASCENDING)]),
        IndexModel([("group", ASCENDING), ("actor", ASCENDING)]),
        _partial("range", ("group", ASCENDING), ("range", ASCENDING)),
        IndexModel([("actor", ASCENDING), ("act", ASCENDING)]),
        IndexModel([("user", ASCENDING)]),
        _partial("tweet", ("tweet", ASCENDING)),
    ],
    MEDIA: [
        IndexModel([("owner", ASCENDING), ("_id", DESCENDING)]),
        _partial("tweet", ("tweet", ASCENDING)),
        IndexModel([("at", ASCENDING)], partialFilterExpression={"unused": True}),
        IndexModel([("unposted", ASCENDING)], sparse=True),
        IndexModel([("removed", ASCENDING)], partialFilterExpression={"removed": True}),
    ],
    "outbox": [
        _partial("reader", ("reader", ASCENDING), ("_id", ASCENDING)),
        _partial("author", ("author", ASCENDING), ("_id", ASCENDING)),
        _partial("subject", ("subject", ASCENDING), ("_id", ASCENDING)),
        _partial("owners", ("owners", ASCENDING), ("_id", ASCENDING)),
        _partial("person", ("person", ASCENDING)),
        IndexModel([("left", ASCENDING)], sparse=True),
    ],
    UNDONE: [*_left_to_do(*LEFT_TO_DO), _partial("unmerged", ("target", ASCENDING))],
    MAILS: [IndexModel([(key, ASCENDING)]) for key in ("due", "user", "to")],
    **PUSH_INDEXES,
    CAUGHT_MAILS: [
        IndexModel([("at", DESCENDING)], expireAfterSeconds=_CAUGHT_MAILS_KEPT_SECONDS),
        IndexModel([("to_key", ASCENDING)]),
    ],
    MAIL_TOKENS: [
        IndexModel([("tokens.hash", ASCENDING)]),
        IndexModel([("kept_until", ASCENDING)], expireAfterSeconds=0),
    ],
    KNOWN_DEVICES: [
        IndexModel([("user", ASCENDING)]),
        IndexModel([("at", ASCENDING)], expireAfterSeconds=KNOWN_FOR // timedelta(seconds=1)),
    ],
    FORMER_HANDLES: [
        IndexModel([("user", ASCENDING)]),
        IndexModel([("until", ASCENDING)], expireAfterSeconds=0),
    ],
    REPORTS: [
        IndexModel([("state", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("subject", ASCENDING)], unique=True, partialFilterExpression={"state": "OPEN"}),
        IndexModel([("person", ASCENDING)]),
    ],
    REPORTERS: [
        IndexModel([("subject", ASCENDING), ("reporter", ASCENDING)], unique=True),
        IndexModel([("report", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("reporter", ASCENDING)]),
    ],
    DECISIONS: [
        IndexModel(
            [("subject", ASCENDING), ("stands", ASCENDING)],
            unique=True,
            partialFilterExpression={"stands": {"$gt": ""}},
        ),
        IndexModel([("subject", ASCENDING), ("_id", DESCENDING)]),
        IndexModel([("stands", ASCENDING), ("_id", DESCENDING)], sparse=True),
        IndexModel([("person", ASCENDING), ("_id", DESCENDING)]),
        IndexModel([("actor", ASCENDING)]),
        IndexModel([("expires_at", ASCENDING)], sparse=True),
        IndexModel([(WAITS, ASCENDING), ("_id", ASCENDING)], partialFilterExpression={WAITS: True}),
        IndexModel([("appeal_tokens.hash", ASCENDING)], sparse=True),
    ],
    FILTERS: [IndexModel([("kind", ASCENDING), ("pattern", ASCENDING)], unique=True)],
    "post_keys": [IndexModel([("at", ASCENDING)], expireAfterSeconds=_DAY_SECONDS)],
}


async def make_indexes(mongo: Mongo) -> None:
    with away_as_unavailable():
        for collection, indexes in INDEXES.items():
            await mongo.collection(collection).create_indexes(indexes)
