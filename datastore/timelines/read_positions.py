"""Position up to which a user has read their home timeline, shared by all of their devices."""

from core.ids import UserId
from datastore.mongo.client import Mongo, away_as_unavailable


class ReadPositionStore:
    def __init__(self, mongo: Mongo) -> None:
        self._users = mongo.collection("users")

    async def get(self, user_id: UserId) -> int | None:
        """Id of the newest item read; None if the user has never set it."""
        with away_as_unavailable():
            row = await self._users.find_one({"_id": user_id}, {"home_read": 1})
        return (row or {}).get("home_read")

    async def advance(self, user_id: UserId, item_id: int) -> None:
        """Moves forward only."""
        with away_as_unavailable():
            await self._users.update_one({"_id": user_id}, {"$max": {"home_read": item_id}})
