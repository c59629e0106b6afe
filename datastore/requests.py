"""Requests to follow a protected account."""

from typing import Any

from pymongo.errors import DuplicateKeyError

from core.ids import UserId
from datastore.edges import EdgeStore
from datastore.follows import FollowStore
from datastore.jobs import Merge
from datastore.mongo import Mongo, away_as_unavailable
from datastore.standing import GoneError, hold_peace, hold_person


class RequestStore(EdgeStore):
    """From who asks to who is asked."""

    def __init__(self, mongo: Mongo, follows: FollowStore) -> None:
        super().__init__(mongo, "follow_requests")
        self._mongo, self._follows = mongo, follows

    async def ask(self, act_id: int, follower: UserId, followee: UserId) -> bool:
        """False where they asked before. Raises GoneError where there is no need to ask, or one of the two is gone."""

        async def ask(session: Any) -> bool:
            await hold_person(self._mongo, session, follower, act_id)
            await hold_person(self._mongo, session, followee, act_id, is_protected=True)
            await hold_peace(self._mongo, session, follower, followee)
            return await self.insert(act_id, follower, followee, session=session)

        with away_as_unavailable():
            asked: bool = await self._mongo.in_transaction(ask, changing=(follower, followee))
        return asked

    async def accept(self, act: Merge) -> bool:
        """The request becomes a follow. False where there was none, they follow already, or one of them is gone."""

        async def turn(session: Any) -> bool:
            if not await self.delete(act.follower_id, act.followee_id, session=session):
                return False
            await self._follows.insert_within(session, act)
            return True

        with away_as_unavailable():
            changing = (act.follower_id, act.followee_id)
            try:
                accepted: bool = await self._mongo.in_transaction(turn, changing=changing)
            except (DuplicateKeyError, GoneError):  # they followed by themselves, once that took no request; or left
                await self.delete(act.follower_id, act.followee_id)
                return False
        return accepted

    async def next_of(self, user_id: UserId) -> UserId | None:
        """Who has waited longest for this person's answer; None where nobody waits."""
        edge = await self.oldest_to(user_id)
        return None if edge is None else UserId(edge.other)
