"""Fan-out state of authors: approximate follower count, and how their items reach followers."""

from time import monotonic

from core.ids import UserId
from datastore.mongo.client import Mongo, away_as_unavailable

_REMEMBERED_SECONDS = 5.0
_MAX_REMEMBERED = 10_000


class FanoutStateStore:
    def __init__(self, mongo: Mongo) -> None:
        self._users = mongo.collection("users")
        self._remembered = dict[UserId, tuple[float, int]]()

    async def approximate_follower_count(self, user_id: UserId) -> int:
        """The stored count without pending increments: cheap, and up to 5 seconds old."""
        read_at, count = self._remembered.get(user_id, (-_REMEMBERED_SECONDS, 0))
        if monotonic() - read_at < _REMEMBERED_SECONDS:
            return count
        with away_as_unavailable():
            row = await self._users.find_one({"_id": user_id}, {"counts.followers": 1})
        count = int((row or {}).get("counts", {}).get("followers", 0))
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[user_id] = monotonic(), count
        return count

    async def mark_fanout_on_read(self, user_id: UserId) -> None:
        """Makes followers who are not live read this author's items from MongoDB. Never undone."""
        with away_as_unavailable():
            await self._users.update_one({"_id": user_id}, {"$set": {"is_merged": True}})

    async def mark_live_followers_seeded(self, user_id: UserId) -> None:
        """Marks that the author's live-follower set was seeded with all followers, who may expire from it."""
        with away_as_unavailable():
            await self._users.update_one({"_id": user_id}, {"$set": {"has_audience": True}})

    async def has_live_follower_set(self, user_id: UserId) -> bool:
        with away_as_unavailable():
            return await self._users.find_one({"_id": user_id, "has_audience": True}, {"_id": 1}) is not None
