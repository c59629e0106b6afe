"""Home timelines from MongoDB: for what is older than a list, for rebuilding one, and for when Redis is away.

One query whatever the number of followed people: the newest of each, merged by the server from index order.
"""

from collections.abc import Sequence

from core.ids import UserId
from datastore.mongo import Document, Mongo, away_as_unavailable
from datastore.timelines import Direction
from datastore.tweets import COLLECTION, ItemRecord, to_record
from datastore.viewpoints import Viewpoint

# MongoDB merges index ranges instead of sorting only up to 200 of them (internalQueryMaxScansToExplode).
_AUTHORS_A_BRANCH = 150


class CandidateStore:
    """Items that may stand in somebody's home timeline, before rules on what they may see."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._tweets = mongo.collection(COLLECTION)

    async def range(
        self, view: Viewpoint, count: int, *, start: int | None = None, direction: Direction = Direction.OLDER
    ) -> list[ItemRecord]:
        """At most `count` items next to `start` (itself left out), newest first in both directions."""
        order = -1 if direction is Direction.OLDER else 1
        rows = await self._aggregate(_pipeline(view, count, start, order))
        return [to_record(row) for row in rows[::-order]]

    async def newest_ids(self, view: Viewpoint, count: int) -> list[int]:
        """Newest first."""
        pipeline = [*_pipeline(view, count, None, -1), {"$project": {"_id": 1}}]
        return [row["_id"] for row in await self._aggregate(pipeline)]

    async def brought_by(self, view: Viewpoint, newcomer: UserId, count: int) -> list[int]:
        """Ids, newest first, of what following `newcomer` adds: their own items, and replies to them by the circle."""
        circle = sorted(view.circle | {newcomer})
        own: Document = {"author": newcomer, "reply_to_author": {"$in": [None, *circle]}}
        answers: Document = {"reply_to_author": newcomer, "author": {"$in": circle}}
        with away_as_unavailable():
            found: set[int] = set()
            for query in (own, answers):
                rows = self._tweets.find(query, {"_id": 1}).sort("_id", -1).limit(count)
                found.update([row["_id"] async for row in rows])
        return sorted(found, reverse=True)[:count]

    async def _aggregate(self, pipeline: Sequence[Document]) -> list[Document]:
        with away_as_unavailable():
            return await self._mongo.aggregate(COLLECTION, pipeline)


def _pipeline(view: Viewpoint, count: int, start: int | None, order: int) -> list[Document]:
    authors = sorted(view.circle)
    slices = [authors[at : at + _AUTHORS_A_BRANCH] for at in range(0, len(authors), _AUTHORS_A_BRANCH)]
    first, *others = [_branch(some, authors, count, start, order) for some in slices]
    if not others:
        return first
    unions = [{"$unionWith": {"coll": COLLECTION, "pipeline": branch}} for branch in others]
    return [*first, *unions, {"$sort": {"_id": order}}, {"$limit": count}]


def _branch(
    authors: Sequence[UserId], circle: Sequence[UserId], count: int, start: int | None, order: int
) -> list[Document]:
    match: Document = {"author": {"$in": list(authors)}, "reply_to_author": {"$in": [None, *circle]}}
    if start is not None:
        match["_id"] = {"$lt" if order < 0 else "$gt": start}
    return [{"$match": match}, {"$sort": {"_id": order}}, {"$limit": count}]
