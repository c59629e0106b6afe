"""Tweets that a viewer does not want to see advertised, the newest 500 of each viewer."""

from core.ids import TweetId, UserId
from datastore.mongo.client import Mongo, away_as_unavailable

_KEPT = 500


class UnwantedAdStore:
    def __init__(self, mongo: Mongo) -> None:
        self._viewers = mongo.collection("unwanted_ads")

    async def insert(self, user_id: UserId, tweet_id: TweetId) -> None:
        """Idempotent."""
        with away_as_unavailable():
            await self._viewers.update_one({"_id": user_id}, {"$pull": {"tweets": tweet_id}})
            push = {"$each": [tweet_id], "$slice": -_KEPT}
            await self._viewers.update_one({"_id": user_id}, {"$push": {"tweets": push}}, upsert=True)

    async def of_viewer(self, user_id: UserId) -> frozenset[TweetId]:
        with away_as_unavailable():
            row = await self._viewers.find_one({"_id": user_id})
        return frozenset(map(TweetId, (row or {}).get("tweets", ())))

    async def delete_from(self, user_id: UserId) -> None:
        with away_as_unavailable():
            await self._viewers.delete_one({"_id": user_id})
