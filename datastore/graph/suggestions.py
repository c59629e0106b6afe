"""People to follow, for those who follow few: followed much, and active lately."""

from collections.abc import Collection, Sequence
from typing import Final

from core.ids import UserId, first_id_of
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED

MOST_FOLLOWED_INDEX: Final = "most_followed"
_UNMARKED: Final[Document] = {"$in": [None, False]}
# Whoever is protected, limited or suspended is suggested to nobody.
_SUGGESTED: Final[Document] = {
    **NOT_DELETED,
    "is_hidden": {"$ne": True},
    "waits": {"$ne": True},
    "is_protected": False,
    "moderation.limited": _UNMARKED,
    "moderation.suspended": _UNMARKED,
}


class SuggestionStore:
    def __init__(self, mongo: Mongo) -> None:
        self._users, self._tweets = mongo.collection("users"), mongo.collection("tweets")

    async def most_followed(self, without: Collection[UserId], skip: int, limit: int) -> list[UserId]:
        """Public accounts with followers, most followers first, then lowest id; `skip` of them are left out."""
        query = {"counts.followers": {"$gt": 0}, **_SUGGESTED, "_id": {"$nin": list(without)}}
        order = [("counts.followers", -1), ("_id", 1)]
        with away_as_unavailable():
            found = self._users.find(query, {"_id": 1}).sort(order).hint(MOST_FOLLOWED_INDEX)
            return [UserId(row["_id"]) async for row in found.skip(skip).limit(limit)]

    async def active_among(self, user_ids: Sequence[UserId], since_ms: int) -> set[UserId]:
        """The subset of users who posted or retweeted since Unix time `since_ms`."""
        query = {"author": {"$in": list(user_ids)}, "_id": {"$gte": first_id_of(since_ms)}}
        with away_as_unavailable():
            return {UserId(author) for author in await self._tweets.distinct("author", query)}
