"""How somebody's posts reach their followers: how many these are, and what workers noted on the account about it."""

from core.ids import UserId
from datastore.mongo.client import Mongo, away_as_unavailable


class ReachStore:
    def __init__(self, mongo: Mongo) -> None:
        self._users = mongo.collection("users")

    async def about_followers(self, user_id: UserId) -> int:
        """How many they were a moment ago, asked as cheaply as can be."""
        with away_as_unavailable():
            row = await self._users.find_one({"_id": user_id}, {"counts.followers": 1})
        return int((row or {}).get("counts", {}).get("followers", 0))

    async def mark_merged(self, user_id: UserId) -> None:
        """From now on the person's items are read from MongoDB by those who are not live."""
        with away_as_unavailable():
            await self._users.update_one({"_id": user_id}, {"$set": {"is_merged": True}})

    async def is_merged(self, user_id: UserId) -> bool:
        with away_as_unavailable():
            return await self._users.find_one({"_id": user_id, "is_merged": True}, {"_id": 1}) is not None

    async def mark_audience(self, user_id: UserId) -> None:
        """All followers that there were are in the person's audience, and know that they may leave it."""
        with away_as_unavailable():
            await self._users.update_one({"_id": user_id}, {"$set": {"has_audience": True}})

    async def has_audience(self, user_id: UserId) -> bool:
        with away_as_unavailable():
            return await self._users.find_one({"_id": user_id, "has_audience": True}, {"_id": 1}) is not None
