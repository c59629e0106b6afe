"""Blocks. One ends the follows between two people, and their requests, in the same transaction."""

from typing import Any

from core.ids import UserId
from datastore.edges import EdgeStore
from datastore.follows import FollowStore
from datastore.jobs import Job, Unmerge
from datastore.mongo import Mongo, away_as_unavailable
from datastore.requests import RequestStore
from datastore.standing import hold_person


class BlockStore(EdgeStore):
    """From the person who blocks to the one who is blocked."""

    def __init__(self, mongo: Mongo, follows: FollowStore, requests: RequestStore) -> None:
        super().__init__(mongo, "blocks")
        self._mongo, self._follows, self._requests = mongo, follows, requests

    async def block(self, act_id: int, ends: tuple[Unmerge, Unmerge]) -> list[Job]:
        """`ends` are the follows to end, the blocking person's first. The jobs of what has ended, requests too.

        Raises GoneError where one of the two is gone.
        """
        mine, _ = ends

        async def act(session: Any) -> list[Job]:
            for person in sorted((mine.follower_id, mine.followee_id)):
                await hold_person(self._mongo, session, person, act_id)
            await self.insert(act_id, mine.follower_id, mine.followee_id, session=session)
            jobs: list[Job] = []
            for end in ends:
                if (notice := await self._requests.end_within(session, end.follower_id, end.followee_id)) is not None:
                    jobs.append(notice)
                if (notice := await self._follows.delete_within(session, end)) is not None:
                    jobs += [end, notice]
            return jobs

        with away_as_unavailable():
            changing = (mine.follower_id, mine.followee_id)
            ended: list[Job] = await self._mongo.in_transaction(act, changing=changing)
        return ended

    async def blocked_between(self, one: UserId, other: UserId) -> bool:
        """Whether either blocks the other."""
        return bool(await self.targets_among(one, [other])) or bool(await self.targets_among(other, [one]))
