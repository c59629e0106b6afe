"""The counts of people, counted anew from what there is."""

from collections.abc import Sequence
from typing import Any

from pymongo import UpdateOne

from core.ids import UserId
from datastore.mongo import Document, Mongo, away_as_unavailable


async def recount(mongo: Mongo, user_ids: Sequence[UserId]) -> None:
    """Sets followers, following and tweets of some hundred people to what one snapshot of the database holds.

    Exact beside living traffic: where another transaction counts one of them meanwhile, one of the two begins again.
    """

    async def act(session: Any) -> None:
        among = {"$in": list(user_ids)}
        counts = {
            "followers": await _grouped(mongo, session, "follows", "followee", {"followee": among}),
            "following": await _grouped(mongo, session, "follows", "follower", {"follower": among}),
            "tweets": await _grouped(mongo, session, "tweets", "author", {"author": among, "retweet_of": None}),
        }
        updates = [
            UpdateOne({"_id": user_id}, {"$set": {f"counts.{name}": of.get(user_id, 0) for name, of in counts.items()}})
            for user_id in sorted(user_ids)
        ]
        await mongo.collection("users").bulk_write(updates, ordered=False, session=session)

    with away_as_unavailable():
        await mongo.in_transaction(act)


async def _grouped(mongo: Mongo, session: Any, collection: str, field: str, match: Document) -> dict[int, int]:
    """How many there are for each value of the field."""
    pipeline: list[Document] = [{"$match": match}, {"$group": {"_id": f"${field}", "count": {"$sum": 1}}}]
    rows = await mongo.aggregate(collection, pipeline, session=session)
    return {row["_id"]: row["count"] for row in rows}
