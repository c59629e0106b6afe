"""Authors a user wants less of in TOP mode, and since when."""

from core.ids import TweetId, UserId, wall_ms
from datastore.mongo.client import Mongo, away_as_unavailable


class DislikeStore:
    """One document for each pair of reader and author; the newest dislike counts."""

    def __init__(self, mongo: Mongo) -> None:
        self._dislikes = mongo.collection("dislikes")

    async def insert(self, user_id: UserId, author_id: UserId, tweet_id: TweetId) -> None:
        change = {"$set": {"at_ms": wall_ms(), "tweet": tweet_id}}
        with away_as_unavailable():
            await self._dislikes.update_one({"_id": {"user": user_id, "author": author_id}}, change, upsert=True)

    async def delete_of(self, user_id: UserId) -> None:
        """Deletes dislikes by the user, and of the user."""
        by_user = {"$gte": {"user": user_id}, "$lt": {"user": user_id + 1}}
        with away_as_unavailable():
            await self._dislikes.delete_many({"_id": by_user})
            await self._dislikes.delete_many({"_id.author": user_id})

    async def by_author(self, user_id: UserId, authors: list[UserId]) -> dict[UserId, int]:
        """Unix milliseconds of the newest dislike by author; authors without one are left out."""
        pairs = [{"user": user_id, "author": author} for author in authors]
        with away_as_unavailable():
            found = self._dislikes.find({"_id": {"$in": pairs}}, {"at_ms": 1})
            return {UserId(row["_id"]["author"]): row["at_ms"] async for row in found}
