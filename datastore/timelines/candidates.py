"""Home timeline candidates from MongoDB: for items older than a list, for rebuilds, and for outages of Redis.

One query for any number of followees: the server merges the newest items of each in index order, and adds the rows
that they are shown with.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

from core.ids import TweetId, UserId
from datastore.counts.increments import TWEET_COUNTERS, looked_up
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.records.items import COLLECTION, ItemRecord, RetweetRecord, TweetCounts, to_counts, to_record
from datastore.records.users import PROFILE, UserRecord, to_profile
from datastore.timelines.home import Direction
from datastore.users.viewpoint_records import Viewpoint

# MongoDB merges index ranges instead of sorting only up to 200 of them (internalQueryMaxScansToExplode).
_AUTHORS_PER_BRANCH = 150


class CandidateRows(NamedTuple):
    """Items, newest first, with the retweeted tweets, users and counts that they refer to; None for a deleted row."""

    items: Sequence[ItemRecord]
    tweets: Mapping[TweetId, ItemRecord | None]
    users: Mapping[UserId, UserRecord | None]
    counts: Mapping[TweetId, TweetCounts]


class Authors(Protocol):
    """Authors whose items are candidates, and hashtags that bring in items of others."""

    @property
    def circle(self) -> frozenset[UserId]: ...

    @property
    def tags(self) -> frozenset[str]: ...


class Circle(NamedTuple):
    """Authors who are no viewer's followees, such as the members of a list; at least one."""

    circle: frozenset[UserId]
    tags: frozenset[str] = frozenset()


class CandidateStore:
    """Items that may belong to a home timeline, before visibility rules."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._tweets = mongo.collection(COLLECTION)

    async def range(
        self, view: Authors, count: int, *, start: int | None = None, direction: Direction = Direction.OLDER
    ) -> CandidateRows:
        """At most `count` items next to `start` (exclusive), newest first in both directions."""
        order = -1 if direction is Direction.OLDER else 1
        with away_as_unavailable():
            rows = await self._mongo.aggregate_snapshot(
                COLLECTION, [*_pipeline(view, count, start, order), *_WITH_ROWS]
            )
        return _candidate_rows(rows[::-order])

    async def newest_ids(self, view: Authors, count: int) -> list[int]:
        """Ids of the newest candidates, newest first."""
        pipeline = [*_pipeline(view, count, None, -1), {"$project": {"_id": 1}}]
        return [row["_id"] for row in await self._aggregate(pipeline)]

    async def added_by(self, circle: AbstractSet[UserId], followee: UserId, count: int) -> list[int]:
        """Ids, newest first, that following `followee` adds: their own items, and replies to them by the circle."""
        among = sorted(circle | {followee})
        own: Document = {"author": followee, "reply_to_author": {"$in": [None, *among]}}
        replies: Document = {"reply_to_author": followee, "author": {"$in": among}}
        newest: list[Document] = [*_ordered(-1, count), {"$project": {"_id": 1}}]
        rows = await self._aggregate([{"$match": own}, *newest, _and_also([{"$match": replies}, *newest])])
        return sorted({row["_id"] for row in rows}, reverse=True)[:count]

    async def tagged(self, tag: str, count: int) -> list[int]:
        """Ids of the newest tweets with the hashtag, without replies, newest first."""
        return await self._newest({"tags": tag, "reply_to_author": None}, count)

    async def newest_fanout_on_read(self, view: Viewpoint, count: int) -> list[int]:
        """Ids of the newest items by fan-out-on-read followees, newest first."""
        if not view.fanout_on_read:
            return []
        pipeline = _union(view, sorted(view.fanout_on_read), {}, _ordered(-1, count))
        return [row["_id"] for row in await self._aggregate([*pipeline, {"$project": {"_id": 1}}])]

    async def _newest(self, query: Document, count: int) -> list[int]:
        with away_as_unavailable():
            rows = self._tweets.find(query, {"_id": 1}).sort("_id", -1).limit(count)
            return [row["_id"] async for row in rows]

    async def _aggregate(self, pipeline: Sequence[Document]) -> list[Document]:
        with away_as_unavailable():
            return await self._mongo.aggregate(COLLECTION, pipeline)


def _pipeline(view: Authors, count: int, start: int | None, order: int) -> list[Document]:
    place: Document = {} if start is None else {"_id": {"$lt" if order < 0 else "$gt": start}}
    circle, end = sorted(view.circle), _ordered(order, count)
    pipeline = _union(view, circle, place, end)
    if not view.tags:
        return pipeline
    tagged: Document = {"tags": {"$in": sorted(view.tags)}, "reply_to_author": None, "author": {"$nin": circle}}
    return [*pipeline, _and_also([{"$match": tagged | place}, *end]), *end]


def _union(view: Authors, authors: Sequence[UserId], place: Document, end: Sequence[Document]) -> list[Document]:
    """Pipeline over items of the authors whose replies stay in the circle; one branch for each 150 authors."""
    answered = {"reply_to_author": {"$in": [None, *sorted(view.circle)]}}
    slices = [list(authors[at : at + _AUTHORS_PER_BRANCH]) for at in range(0, len(authors), _AUTHORS_PER_BRANCH)]
    first, *others = [[{"$match": {"author": {"$in": some}} | answered | place}, *end] for some in slices]
    return [*first, *map(_and_also, others), *(end if others else ())]


def _and_also(branch: list[Document]) -> Document:
    return {"$unionWith": {"coll": COLLECTION, "pipeline": branch}}


# 0 is no id; a missing localField would match documents that lack the field.
_WITH_ROWS: list[Document] = [
    {
        "$set": {
            "shown": {"$ifNull": ["$retweet_of", 0]},
            "counted": {"$ifNull": ["$retweet_of", "$_id"]},
            "people": ["$author", {"$ifNull": ["$retweet_of_author", 0]}],
        }
    },
    {"$lookup": {"from": COLLECTION, "localField": "shown", "foreignField": "_id", "as": "shown"}},
    *TWEET_COUNTERS.pending_lookups("counted"),
    {
        "$lookup": {
            "from": "users",
            "localField": "people",
            "foreignField": "_id",
            "pipeline": [{"$match": NOT_DELETED}, {"$project": PROFILE}],
            "as": "people",
        }
    },
]


def _candidate_rows(rows: Sequence[Document]) -> CandidateRows:
    items = [to_record(row) for row in rows]
    tweets: dict[TweetId, ItemRecord | None] = {}
    users: dict[UserId, UserRecord | None] = {}
    counts: dict[TweetId, TweetCounts] = {}
    for item, row in zip(items, rows, strict=True):
        (tweet,) = row["shown"] or (row,)
        users.setdefault(item.author_id)
        if isinstance(item, RetweetRecord):
            users.setdefault(item.tweet_author_id)
            tweets[item.tweet_id] = to_record(tweet) if row["shown"] else None
        counts[TweetId(tweet["_id"])] = to_counts(tweet, looked_up(row, TWEET_COUNTERS))
        users |= {UserId(person["_id"]): to_profile(person) for person in row["people"]}
    return CandidateRows(items, tweets, users, counts)


def _ordered(order: int, count: int) -> list[Document]:
    return [{"$sort": {"_id": order}}, {"$limit": count}]
