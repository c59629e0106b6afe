"""Blocks and mutes. A block ends follows and requests between the two users, and takes them out of each other's lists,
in the same transaction.
"""

from collections.abc import Sequence
from typing import Any

from core.ids import UserId
from datastore.counts.undo_batch import Undo, UndoBatch
from datastore.graph.follow_requests import FollowRequestStore
from datastore.graph.follows import FollowStore
from datastore.graph.lists import ListStore
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Job, PublishViewChange, RebuildLists, Unmerge
from datastore.jobs.outbox import Outbox
from datastore.mongo.acts import UNDONE
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.edges import EdgeStore
from datastore.mongo.existence import lock_existing_user


class BlockStore(EdgeStore):
    """Edges from the blocker to the blocked user."""

    def __init__(
        self, mongo: Mongo, outbox: Outbox, follows: FollowStore, requests: FollowRequestStore, lists: ListStore
    ) -> None:
        super().__init__(mongo, "blocks")
        self._mongo, self._outbox, self._follows, self._requests = mongo, outbox, follows, requests
        self._lists = lists

    async def block(
        self, act_id: int, unfollows: tuple[Unmerge, Unmerge], jobs: Sequence[PublishViewChange] = ()
    ) -> list[Job]:
        """Returns the jobs of everything that changed, ended follow requests included.

        `unfollows`: follows to end, the blocker's first; `jobs`: those of the block itself, left out if it existed.
        Raises GoneError if one of the two accounts is gone.
        """
        mine, _ = unfollows

        async def act(session: Any) -> list[Job]:
            for user_id in sorted((mine.follower_id, mine.followee_id)):
                await lock_existing_user(self._mongo, session, user_id, act_id)
            is_new = await self.insert(act_id, mine.follower_id, mine.followee_id, session=session)
            left: list[Job] = list(jobs) if is_new else []
            for job in left:
                await self._outbox.add(session, job)
            parted = await self._lists.part_within(session, act_id, mine.follower_id, mine.followee_id)
            left += [] if parted is None else [parted]
            return left + [job for unfollow in unfollows for job in await self._end_within(session, unfollow)]

        with away_as_unavailable():
            changing = (mine.follower_id, mine.followee_id)
            left: list[Job] = await self._mongo.in_transaction(act, changing=changing)
        await self._lists.invalidate(*[one for job in left if isinstance(job, RebuildLists) for one in job.list_ids])
        if any(isinstance(job, Unmerge) for job in left):
            await self._follows.enqueue_counts(*changing)
        return left

    async def unblock(self, user_id: UserId, target: UserId, jobs: Sequence[PublishViewChange]) -> bool:
        """Adds `jobs` to the outbox if there was such a block; False if not."""

        async def unblock(session: Any) -> bool:
            was_there = await self.delete(user_id, target, session=session)
            for job in jobs if was_there else ():
                await self._outbox.add(session, job)
            return was_there

        with away_as_unavailable():
            return await self._mongo.in_transaction(unblock)

    async def is_blocked_between(self, one: UserId, other: UserId) -> bool:
        """Whether either user blocks the other."""
        return bool(await self.targets_among(one, [other])) or bool(await self.targets_among(other, [one]))

    async def _end_within(self, session: Any, unfollow: Unmerge) -> list[Job]:
        """The jobs of a request and a follow that end with the block."""
        ended = await self._requests.end_within(session, unfollow.follower_id, unfollow.followee_id)
        jobs: list[Job] = [] if ended is None else [ended]
        if (notice := await self._follows.delete_within(session, unfollow)) is not None:
            jobs += [unfollow, notice]
        return jobs


class MuteStore(EdgeStore):
    """Edges from the muting to the muted user, whose documents are their own outbox (datastore/mongo/acts.py)."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo, "mutes")
        self._undos = UndoBatch(mongo, "mutes", ("user", "target"), _unmuted)

    async def mute(self, act: PublishViewChange) -> bool:
        """False if the user was muted already."""
        return await self.add(act.act_id, act.user_id, act.change.other, unmerged=[act.act_id], reader=act.user_id)

    async def unmute(self, act: PublishViewChange) -> bool:
        """False if the user was not muted."""
        return await self._undos(Undo(act.act_id, act.user_id, act.change.other)) is not None


def _unmuted(row: Document, undo: Undo) -> dict[str, Document]:
    of_act = {"_id": undo.undo_id, "kind": ActKind.MUTE, "act": row["_id"]}
    left = {"unmerged": [*row.get("unmerged", ()), undo.undo_id], "reader": row["user"]}
    return {UNDONE: {**of_act, "user": row["user"], "target": row["target"], **left}}
