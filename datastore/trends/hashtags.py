"""Hashtags that users follow. A tag is identified by its key; `name` is how the follower wrote it."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from pymongo.errors import DuplicateKeyError

from core.ids import UserId
from datastore.jobs.jobs import MergeTag, PublishViewChange
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Mongo, away_as_unavailable


class FollowedTag(NamedTuple):
    """`tag` is the key, `name` the spelling of the follower, without the #."""

    tag: str
    name: str


class FollowedHashtagStore:
    def __init__(self, mongo: Mongo, outbox: Outbox) -> None:
        self._mongo, self._outbox = mongo, outbox
        self._follows = mongo.collection("tag_follows")

    async def follow(self, act: MergeTag, name: str) -> bool:
        """False if the user follows it already."""

        async def insert(session: object) -> None:
            row = {"_id": act.act_id, "user": act.follower_id, "tag": act.tag, "name": name}
            await self._follows.insert_one(row, session=session)
            await self._outbox.add(session, act)

        with away_as_unavailable():
            try:
                await self._mongo.in_transaction(insert)
            except DuplicateKeyError:
                return False
        return True

    async def unfollow(self, act: PublishViewChange) -> bool:
        """False if the user did not follow it."""
        (tag,) = act.change.words

        async def delete(session: object) -> bool:
            result = await self._follows.delete_one({"user": act.user_id, "tag": tag}, session=session)
            if result.deleted_count:
                await self._outbox.add(session, act)
            return bool(result.deleted_count)

        with away_as_unavailable():
            return await self._mongo.in_transaction(delete)

    async def unfollow_all(self, user_id: UserId) -> None:
        with away_as_unavailable():
            await self._follows.delete_many({"user": user_id})

    async def followed_by(self, user_id: UserId) -> list[FollowedTag]:
        """Last followed first."""
        with away_as_unavailable():
            found = self._follows.find({"user": user_id}).sort("_id", -1)
            return [FollowedTag(row["tag"], row["name"]) async for row in found]

    async def follower_pages(self, tags: Sequence[str], size: int) -> AsyncIterator[list[UserId]]:
        """Pages of users who follow any of the tags; a user who follows two of them may occur twice."""
        after = 0
        while True:
            query = {"tag": {"$in": list(tags)}, "_id": {"$gt": after}}
            with away_as_unavailable():
                page = [row async for row in self._follows.find(query, {"user": 1}).sort("_id", 1).limit(size)]
            if not page:
                return
            after = page[-1]["_id"]
            yield [UserId(row["user"]) for row in page]
