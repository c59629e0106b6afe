"""Requests to follow a protected account."""

from typing import Any

from core.ids import UserId
from datastore.edges import EdgeStore
from datastore.follows import FollowStore
from datastore.jobs import Merge
from datastore.mongo import Mongo, away_as_unavailable


class RequestStore(EdgeStore):
    """From who asks to who is asked."""

    def __init__(self, mongo: Mongo, follows: FollowStore) -> None:
        super().__init__(mongo, "follow_requests")
        self._mongo, self._follows = mongo, follows

    async def accept(self, act: Merge) -> bool:
        """The request becomes a follow. False where there was no request."""

        async def turn(session: Any) -> bool:
            if not await self.delete(act.follower_id, act.followee_id, session=session):
                return False
            await self._follows.insert_within(session, act)
            return True

        with away_as_unavailable():
            changing = (act.follower_id, act.followee_id)
            accepted: bool = await self._mongo.in_transaction(turn, changing=changing)
        return accepted

    async def next_of(self, user_id: UserId) -> UserId | None:
        """Somebody whose request to this person is open."""
        edges = await self.sources(user_id, None, 1)
        return UserId(edges[0].other) if edges else None
