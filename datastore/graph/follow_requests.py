"""Requests to follow protected accounts."""

from typing import Any

from pymongo.errors import DuplicateKeyError

from core.ids import UserId
from datastore.graph.follows import FollowStore
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Merge, Notify
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.mongo.edges import EdgeStore
from datastore.mongo.existence import GoneError, ensure_not_blocked, lock_existing_user


class FollowRequestStore(EdgeStore):
    """Edges from the requester to the protected account."""

    def __init__(self, mongo: Mongo, outbox: Outbox, follows: FollowStore) -> None:
        super().__init__(mongo, "follow_requests")
        self._mongo, self._outbox, self._follows = mongo, outbox, follows

    async def request(self, act_id: int, follower: UserId, followee: UserId) -> Notify | None:
        """Returns the notification job; None if there was such a request already.

        Raises GoneError if the account is not protected, one of the two is gone, or one blocks the other.
        """

        async def request(session: Any) -> Notify | None:
            await lock_existing_user(self._mongo, session, follower, act_id)
            await lock_existing_user(self._mongo, session, followee, act_id, is_protected=True)
            await ensure_not_blocked(self._mongo, session, follower, followee)
            if not await self.insert(act_id, follower, followee, session=session):
                return None
            notice = Notify(act_id, ActKind.REQUEST, follower, followee)
            await self._outbox.add(session, notice)
            return notice

        with away_as_unavailable():
            requested: Notify | None = await self._mongo.in_transaction(request, changing=(follower, followee))
        return requested

    async def accept(self, act: Merge) -> Notify | None:
        """Turns the request into a follow; returns the job that removes its notification.

        Hand over `follow_notice` too. None without a request, if the follow exists, or one of the two is gone.
        """

        async def accept(session: Any) -> Notify | None:
            decided = await self.end_within(session, act.follower_id, act.followee_id)
            if decided is not None:
                await self._follows.insert_within(session, act)
            return decided

        with away_as_unavailable():
            changing = (act.follower_id, act.followee_id)
            try:
                accepted: Notify | None = await self._mongo.in_transaction(accept, changing=changing)
            except (DuplicateKeyError, GoneError):  # followed while the account was public, or deleted
                await self.end(act.follower_id, act.followee_id)
                return None
        if accepted is not None:
            await self._follows.enqueue_counts(act.follower_id, act.followee_id)
        return accepted

    async def end(self, follower: UserId, followee: UserId) -> Notify | None:
        """Rejects or withdraws a request; returns the job that removes its notification. None if there was none."""
        with away_as_unavailable():
            return await self._mongo.in_transaction(lambda session: self.end_within(session, follower, followee))

    async def end_within(self, session: Any, follower: UserId, followee: UserId) -> Notify | None:
        """Like `end`, within a larger transaction."""
        act_id = await self.take(follower, followee, session=session)
        if act_id is None:
            return None
        notice = Notify(act_id, ActKind.REQUEST, follower, followee, is_undone=True)
        await self._outbox.add(session, notice)
        return notice

    async def oldest_requester(self, user_id: UserId) -> UserId | None:
        """The user who has waited longest for this account; None if nobody waits."""
        edge = await self.oldest_to(user_id)
        return None if edge is None else UserId(edge.other)
