"""What somebody liked, retweeted and bookmarked lately, one cached row, so that a page asks once for all its tweets."""

import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import product
from typing import Any, NamedTuple

import msgspec

from core.ids import TweetId, UserId, first_id_of, ms_of
from datastore.cache.rows import PendingRead, RowCache, resolve_reads
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import COLLECTION
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline

_KEPT = 500
# Of a tweet; so many are read before those of certain people are looked for.
_ACTS_READ = 100
_TTL_SECONDS = 3_600
# An act comes after its tweet, by clocks that may differ by so much.
_SKEW_MS = 60_000


class Acted(msgspec.Struct, frozen=True, array_like=True):
    """Tweets of the newest acts of one kind. `since` is the id of the oldest act kept; 0: these are all."""

    tweets: frozenset[int] = frozenset()
    since: int = 0

    def knows(self, tweet_id: TweetId) -> bool:
        """Whether the answer for this tweet is here: it has been acted on lately, or is too new for an older act."""
        return self.since == 0 or tweet_id in self.tweets or tweet_id > first_id_of(ms_of(self.since) + _SKEW_MS)


class Marks(msgspec.Struct, frozen=True, array_like=True):
    likes: Acted
    retweets: Acted
    bookmarks: Acted


class Mark(NamedTuple):
    """What the person did with one tweet."""

    liked: bool
    retweeted: bool
    bookmarked: bool


_MARKS = {mark: Mark(*mark) for mark in product((False, True), repeat=3)}
NO_MARK = Mark(liked=False, retweeted=False, bookmarked=False)


class MarkStore:
    """Call `invalidate` after each act."""

    def __init__(self, mongo: Mongo, pipeline: CommandPipeline) -> None:
        self._mongo = mongo
        self._rows = RowCache[UserId, Marks](pipeline, Marks, key=keys.marks, load=self._load, ttl_seconds=_TTL_SECONDS)

    async def get_many(self, user_id: UserId, tweet_ids: Sequence[TweetId]) -> list[Mark]:
        """In the order asked."""
        read = self.begin_read(user_id, time.monotonic())
        await resolve_reads(read)
        return await self.of(user_id, read.found.get(user_id), tweet_ids)

    def begin_read(self, user_id: UserId, since: float) -> PendingRead[UserId, Marks]:
        """The row of which `of` makes marks, as of a moment; for `settle`."""
        return self._rows.begin_read([user_id], since)

    async def of(self, user_id: UserId, row: Marks | None, tweet_ids: Sequence[TweetId]) -> list[Mark]:
        """In the order asked; asks MongoDB where tweets are older than what the row knows of."""
        if row is None:
            return [NO_MARK for _ in tweet_ids]
        likes = await self._all("likes", "target", row.likes, user_id, tweet_ids)
        bookmarks = await self._all("bookmarks", "target", row.bookmarks, user_id, tweet_ids)
        retweets = await self._all(COLLECTION, "retweet_of", row.retweets, user_id, tweet_ids)
        return [_MARKS[one in likes, one in retweets, one in bookmarks] for one in tweet_ids]

    async def of_each(self, pairs: Sequence[tuple[UserId, TweetId]]) -> list[Mark]:
        """What each of these people did with the tweet beside them, whether few people or many."""
        people = list(dict.fromkeys(user_id for user_id, _ in pairs))
        tweets = list(dict.fromkeys(tweet_id for _, tweet_id in pairs))
        if len(people) > len(tweets):
            found = {tweet_id: await self._of_people(tweet_id, people) for tweet_id in tweets}
            return [found[tweet_id].get(user_id, NO_MARK) for user_id, tweet_id in pairs]
        marks = {user_id: dict(zip(tweets, await self.get_many(user_id, tweets), strict=True)) for user_id in people}
        return [marks[user_id][tweet_id] for user_id, tweet_id in pairs]

    async def _of_people(self, tweet_id: TweetId, people: Sequence[UserId]) -> dict[UserId, Mark]:
        """Of those who did anything, and of others perhaps.

        Of a tweet that few acted on all are found at once; to look for thousands of people takes much longer.
        """
        acts = await self._acts_on(tweet_id, None) if len(people) > _ACTS_READ else None
        if acts is None or any(len(who) >= _ACTS_READ for who in acts.values()):
            acts = await self._acts_on(tweet_id, people)
        likes, retweets, bookmarks = acts["likes"], acts[COLLECTION], acts["bookmarks"]
        return {one: _MARKS[one in likes, one in retweets, one in bookmarks] for one in likes | retweets | bookmarks}

    async def _acts_on(self, tweet_id: TweetId, people: Sequence[UserId] | None) -> dict[str, set[UserId]]:
        """Which of these people acted, by collection; None: who did, as far as they are read.

        By one question: each wakes a server that sleeps.
        """
        (first, pipeline), *others = [(acts.collection, acts.pipeline(tweet_id, people)) for acts in _ACTS]
        unions = [{"$unionWith": {"coll": name, "pipeline": other}} for name, other in others]
        found: dict[str, set[UserId]] = {acts.collection: set() for acts in _ACTS}
        with away_as_unavailable():
            for row in await self._mongo.aggregate(first, [*pipeline, *unions]):
                found[row["to"]].add(UserId(row["who"]))
        return found

    async def invalidate(self, user_id: UserId) -> None:
        await self._rows.invalidate(user_id)

    async def _all(
        self, collection: str, field: str, acted: Acted, user_id: UserId, tweet_ids: Sequence[TweetId]
    ) -> AbstractSet[int]:
        """Those that the row tells of, and those among the tweets, unknown to it, that were acted on, too."""
        unknown = [tweet_id for tweet_id in tweet_ids if not acted.knows(tweet_id)] if acted.since else ()
        if not unknown:
            return acted.tweets
        query = {_ACTOR[collection]: user_id, field: {"$in": unknown}}
        with away_as_unavailable():
            found = self._mongo.collection(collection).find(query, {field: 1, "_id": 0})
            return acted.tweets | {row[field] async for row in found}

    async def _load(self, ids: Sequence[UserId]) -> dict[UserId, Marks]:
        return {user_id: await self._load_one(user_id) for user_id in ids}

    async def _load_one(self, user_id: UserId) -> Marks:
        return Marks(
            await self._newest("likes", "target", {"user": user_id}),
            await self._newest(COLLECTION, "retweet_of", {"author": user_id, "retweet_of": {"$gt": 0}}),
            await self._newest("bookmarks", "target", {"user": user_id}),
        )

    async def _newest(self, collection: str, field: str, query: dict[str, Any]) -> Acted:
        with away_as_unavailable():
            found = self._mongo.collection(collection).find(query, {field: 1}).sort("_id", -1).limit(_KEPT)
            rows = [row async for row in found]
        return Acted(frozenset(row[field] for row in rows), rows[-1]["_id"] if len(rows) == _KEPT else 0)


_ACTOR = {"likes": "user", "bookmarks": "user", COLLECTION: "author"}


class _Acts(NamedTuple):
    """A collection with the names of the fields for the tweet and for who acted."""

    collection: str
    tweet: str
    actor: str

    def pipeline(self, tweet_id: TweetId, people: Sequence[UserId] | None) -> list[Document]:
        query = {self.tweet: tweet_id} | ({} if people is None else {self.actor: {"$in": list(people)}})
        limit = ({"$limit": _ACTS_READ},) if people is None else ()
        who = {"_id": 0, "who": f"${self.actor}", "to": {"$literal": self.collection}}
        return [{"$match": query}, *limit, {"$project": who}]


_ACTS = (
    _Acts("likes", "target", "user"),
    _Acts(COLLECTION, "retweet_of", "author"),
    _Acts("bookmarks", "target", "user"),
)
