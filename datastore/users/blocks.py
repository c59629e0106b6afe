"""Blocks and mutes. A block ends the follows between two people, and their requests, in the same transaction."""

from collections.abc import Sequence
from typing import Any

from core.ids import UserId
from datastore.jobs.jobs import Job, PublishViewChange, Unmerge
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.mongo.edges import EdgeStore
from datastore.mongo.existence import lock_existing_user
from datastore.users.follow_requests import RequestStore
from datastore.users.follows import FollowStore


class BlockStore(EdgeStore):
    """From the person who blocks to the one who is blocked."""

    def __init__(self, mongo: Mongo, outbox: Outbox, follows: FollowStore, requests: RequestStore) -> None:
        super().__init__(mongo, "blocks")
        self._mongo, self._outbox, self._follows, self._requests = mongo, outbox, follows, requests

    async def block(
        self, act_id: int, ends: tuple[Unmerge, Unmerge], judged: Sequence[PublishViewChange] = ()
    ) -> list[Job]:
        """`ends` are the follows to end, the blocking person's first; `judged` follow from the block itself.

        The jobs of what has changed, requests that ended too.

        Raises GoneError where one of the two is gone.
        """
        mine, _ = ends

        async def act(session: Any) -> list[Job]:
            for person in sorted((mine.follower_id, mine.followee_id)):
                await lock_existing_user(self._mongo, session, person, act_id)
            is_new = await self.insert(act_id, mine.follower_id, mine.followee_id, session=session)
            jobs: list[Job] = list(judged) if is_new else []
            for job in jobs:
                await self._outbox.add(session, job)
            for end in ends:
                if (notice := await self._requests.end_within(session, end.follower_id, end.followee_id)) is not None:
                    jobs.append(notice)
                if (notice := await self._follows.delete_within(session, end)) is not None:
                    jobs += [end, notice]
            return jobs

        with away_as_unavailable():
            changing = (mine.follower_id, mine.followee_id)
            ended: list[Job] = await self._mongo.in_transaction(act, changing=changing)
        await self._follows.counted(*[job.followee_id for job in ended if isinstance(job, Unmerge)])
        return ended

    async def unblock(self, user_id: UserId, target: UserId, judged: Sequence[PublishViewChange]) -> bool:
        """False where there was no such block."""

        async def unblock(session: Any) -> bool:
            was_there = await self.delete(user_id, target, session=session)
            for job in judged if was_there else ():
                await self._outbox.add(session, job)
            return was_there

        with away_as_unavailable():
            return await self._mongo.in_transaction(unblock)

    async def blocked_between(self, one: UserId, other: UserId) -> bool:
        """Whether either blocks the other."""
        return bool(await self.targets_among(one, [other])) or bool(await self.targets_among(other, [one]))


class MuteStore(EdgeStore):
    """From the person who mutes to the one who is muted."""

    def __init__(self, mongo: Mongo, outbox: Outbox) -> None:
        super().__init__(mongo, "mutes")
        self._mongo, self._outbox = mongo, outbox

    async def mute(self, act: PublishViewChange) -> bool:
        """False where they were muted before."""

        async def mute(session: Any) -> bool:
            is_new = await self.insert(act.act_id, act.user_id, act.change.other, session=session)
            if is_new:
                await self._outbox.add(session, act)
            return is_new

        with away_as_unavailable():
            return await self._mongo.in_transaction(mute)

    async def unmute(self, act: PublishViewChange) -> bool:
        """False where they were not muted."""

        async def unmute(session: Any) -> bool:
            was_there = await self.delete(act.user_id, act.change.other, session=session)
            if was_there:
                await self._outbox.add(session, act)
            return was_there

        with away_as_unavailable():
            return await self._mongo.in_transaction(unmute)
