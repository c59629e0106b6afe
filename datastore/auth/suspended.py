"""Standing of people: whom decisions of moderators suspend."""

from collections.abc import Collection

from core.ids import UserId
from datastore.mongo.client import Mongo
from datastore.records.users import SUSPENDED


async def suspended_among(mongo: Mongo, user_ids: Collection[UserId]) -> set[UserId]:
    """The subset of users who are suspended; read from MongoDB."""
    if not user_ids:
        return set()
    query = {"_id": {"$in": list(user_ids)}, SUSPENDED: {"$gt": 0}}
    return {UserId(row["_id"]) async for row in mongo.collection("users").find(query, {"_id": 1})}
