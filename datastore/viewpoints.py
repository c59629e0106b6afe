"""From where somebody sees: all that decides what stands in their home timeline, as one row."""

from collections.abc import Sequence

import msgspec
from redis.asyncio import Redis

from core.ids import UserId
from datastore import keys
from datastore.cache import RowCache
from datastore.mongo import Mongo, away_as_unavailable

_TTL_SECONDS = 3_600


class Viewpoint(msgspec.Struct, frozen=True, array_like=True):
    """`followees` are those whom the person follows, without the person."""

    user_id: UserId
    followees: frozenset[UserId] = frozenset()

    @property
    def circle(self) -> frozenset[UserId]:
        """Those whose items make up the home timeline: the followees, and the person."""
        return self.followees | {self.user_id}


class ViewpointStore:
    """Read through the cache; `forget` after every change of what it is made of."""

    def __init__(self, mongo: Mongo, redis: Redis) -> None:
        self._follows = mongo.collection("follows")
        self._rows = RowCache[UserId, Viewpoint](
            redis, Viewpoint, key=keys.viewpoint, load=self._load, ttl_seconds=_TTL_SECONDS
        )

    async def get(self, user_id: UserId) -> Viewpoint:
        found = await self._rows.get_many([user_id])
        return found[0] or Viewpoint(user_id)

    async def forget(self, *user_ids: UserId) -> None:
        await self._rows.forget(*user_ids)

    async def current(self, user_id: UserId) -> Viewpoint:
        """From MongoDB, as it is at this moment."""
        with away_as_unavailable():
            found = self._follows.find({"follower": user_id}, {"followee": 1, "_id": 0})
            return Viewpoint(user_id, frozenset([UserId(row["followee"]) async for row in found]))

    async def _load(self, ids: Sequence[UserId]) -> dict[UserId, Viewpoint]:
        return {user_id: await self.current(user_id) for user_id in ids}
