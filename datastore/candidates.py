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
        found = [*await self._newest(own, count), *await self._newest(answers, count)]
        return sorted(set(found), reverse=True)[:count]

    async def tagged(self, tag: str, count: int) -> list[int]:
        """Ids of the newest tweets with the hashtag, replies left out, newest first."""
        return await self._newest({"tags": tag, "reply_to_author": None}, count)

    async def newest_merged(self, view: Viewpoint, count: int) -> list[int]:
        """Ids, newest first, of items by those whose items are not pushed to everybody."""
        if not view.merged:
            return []
        pipeline = _union(view, sorted(view.merged), {}, _ordered(-1, count))
        return [row["_id"] for row in await self._aggregate([*pipeline, {"$project": {"_id": 1}}])]

    async def _newest(self, query: Document, count: int) -> list[int]:
        with away_as_unavailable():
            rows = self._tweets.find(query, {"_id": 1}).sort("_id", -1).limit(count)
            return [row["_id"] async for row in rows]

    async def _aggregate(self, pipeline: Sequence[Document]) -> list[Document]:
        with away_as_unavailable():
            return await self._mongo.aggregate(COLLECTION, pipeline)


def _pipeline(view: Viewpoint, count: int, start: int | None, order: int) -> list[Document]:
    place: Document = {} if start is None else {"_id": {"$lt" if order < 0 else "$gt": start}}
    circle, end = sorted(view.circle), _ordered(order, count)
    pipeline = _union(view, circle, place, end)
    if not view.tags:
        return pipeline
    tagged: Document = {"tags": {"$in": sorted(view.tags)}, "reply_to_author": None, "author": {"$nin": circle}}
    return [*pipeline, _and_also([{"$match": tagged | place}, *end]), *end]


def _union(view: Viewpoint, authors: Sequence[UserId], place: Document, end: Sequence[Document]) -> list[Document]:
    """What the authors posted that may stand in the timeline, from as many branches as it takes."""
    answered = {"reply_to_author": {"$in": [None, *sorted(view.circle)]}}
    slices = [list(authors[at : at + _AUTHORS_A_BRANCH]) for at in range(0, len(authors), _AUTHORS_A_BRANCH)]
    first, *others = [[{"$match": {"author": {"$in": some}} | answered | place}, *end] for some in slices]
    return [*first, *map(_and_also, others), *(end if others else ())]


def _and_also(branch: list[Document]) -> Document:
    return {"$unionWith": {"coll": COLLECTION, "pipeline": branch}}


def _ordered(order: int, count: int) -> list[Document]:
    return [{"$sort": {"_id": order}}, {"$limit": count}]
