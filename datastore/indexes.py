"""Every index of the database, in one place. Making them is safe to repeat."""

from typing import Final

from pymongo import ASCENDING, DESCENDING, IndexModel

from datastore.mongo import Mongo, away_as_unavailable
from datastore.outbox import PENDING

_DAY_SECONDS: Final = 24 * 3600

INDEXES: Final[dict[str, list[IndexModel]]] = {
    "users": [
        IndexModel([("handle_key", ASCENDING)], unique=True),
        IndexModel([("email_key", ASCENDING)], unique=True),
    ],
    "sessions": [
        IndexModel([("user", ASCENDING), ("last_used_at", DESCENDING)]),
        IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
    ],
    "follows": [
        IndexModel([("follower", ASCENDING), ("followee", ASCENDING)], unique=True),
        IndexModel([("follower", ASCENDING), ("_id", DESCENDING), ("followee", ASCENDING)]),
        IndexModel([("followee", ASCENDING), ("_id", DESCENDING), ("follower", ASCENDING)]),
    ],
    "tweets": [
        IndexModel([("author", ASCENDING), ("_id", DESCENDING)]),
        IndexModel(
            [("reply_to_author", ASCENDING), ("author", ASCENDING), ("_id", DESCENDING)],
            partialFilterExpression={"reply_to_author": {"$gt": 0}},
        ),
        IndexModel([("fanout", ASCENDING), ("_id", ASCENDING)], partialFilterExpression={"fanout": PENDING}),
    ],
    "post_keys": [IndexModel([("at", ASCENDING)], expireAfterSeconds=_DAY_SECONDS)],
}


async def make_indexes(mongo: Mongo) -> None:
    with away_as_unavailable():
        for collection, indexes in INDEXES.items():
            await mongo.collection(collection).create_indexes(indexes)
