"""Requests to follow a protected account."""

from typing import Any

from pymongo.errors import DuplicateKeyError

from core.ids import UserId
from datastore.jobs.jobs import ActKind, Merge, Notify
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.mongo.edges import EdgeStore
from datastore.mongo.existence import GoneError, ensure_not_blocked, lock_existing_user
from datastore.users.follows import FollowStore


class RequestStore(EdgeStore):
    """From who asks to who is asked."""

    def __init__(self, mongo: Mongo, outbox: Outbox, follows: FollowStore) -> None:
        super().__init__(mongo, "follow_requests")
        self._mongo, self._outbox, self._follows = mongo, outbox, follows

    async def ask(self, act_id: int, follower: UserId, followee: UserId) -> Notify | None:
        """The job that tells who is asked; None where they asked before.

        Raises GoneError where there is no need to ask, or one of the two is gone.
        """

        async def ask(session: Any) -> Notify | None:
            await lock_existing_user(self._mongo, session, follower, act_id)
            await lock_existing_user(self._mongo, session, followee, act_id, is_protected=True)
            await ensure_not_blocked(self._mongo, session, follower, followee)
            if not await self.insert(act_id, follower, followee, session=session):
                return None
            notice = Notify(act_id, ActKind.REQUEST, follower, followee)
            await self._outbox.add(session, notice)
            return notice

        with away_as_unavailable():
            asked: Notify | None = await self._mongo.in_transaction(ask, changing=(follower, followee))
        return asked

    async def accept(self, act: Merge) -> Notify | None:
        """The request becomes a follow; the job that takes back what was told of it.

        None where there was none, they follow already, or one of them is gone.
        """

        async def turn(session: Any) -> Notify | None:
            decided = await self.end_within(session, act.follower_id, act.followee_id)
            if decided is not None:
                await self._follows.insert_within(session, act)
            return decided

        with away_as_unavailable():
            changing = (act.follower_id, act.followee_id)
            try:
                accepted: Notify | None = await self._mongo.in_transaction(turn, changing=changing)
            except (DuplicateKeyError, GoneError):  # they followed by themselves, once that took no request; or left
                await self.end(act.follower_id, act.followee_id)
                return None
        if accepted is not None:
            await self._follows.counted(act.followee_id)
        return accepted

    async def end(self, follower: UserId, followee: UserId) -> Notify | None:
        """Rejected, or taken back: the job that takes back what was told of it. None where there was none."""
        with away_as_unavailable():
            return await self._mongo.in_transaction(lambda session: self.end_within(session, follower, followee))

    async def end_within(self, session: Any, follower: UserId, followee: UserId) -> Notify | None:
        """As `end`, within a transaction of more acts."""
        act_id = await self.take(follower, followee, session=session)
        if act_id is None:
            return None
        notice = Notify(act_id, ActKind.REQUEST, follower, followee, is_undone=True)
        await self._outbox.add(session, notice)
        return notice

    async def next_of(self, user_id: UserId) -> UserId | None:
        """Who has waited longest for this person's answer; None where nobody waits."""
        edge = await self.oldest_to(user_id)
        return None if edge is None else UserId(edge.other)
