"""Tweets and retweets, one collection: a document is an item of timelines, its id the snowflake that orders them.

A tweet is its own outbox: it carries `fanout: pending` until a worker has put it where it belongs. What is deleted
leaves an entry in the outbox of its disappearance.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from time import monotonic
from typing import Any, NamedTuple

from pymongo.errors import DuplicateKeyError

from core.ids import TweetId, UserId, time_of
from datastore.cache.rows import STALE_SECONDS, PendingRead, RowCache
from datastore.counts.pending import TWEET_COUNTERS, CountStore
from datastore.jobs.jobs import ActKind, Notify, Retract
from datastore.jobs.outbox import PENDING, Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED, GoneError
from datastore.records.items import COLLECTION, ItemRecord, TweetCounts, TweetRecord, to_counts, to_record
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline
from datastore.tweets.compose import to_document

_TTL_SECONDS = 3_600
# An act corrects them at once. Where its process dies in between, they are right again within a minute.
_COUNTS_TTL_SECONDS = 45
# A page of ancestors holds 100 at most; the rest makes up for those that are gone or hidden.
_ANCESTORS_KEPT = 200


class Counted(StrEnum):
    """What is counted of a tweet, by the name of its count."""

    LIKES = "likes"
    RETWEETS = "retweets"
    QUOTES = "quotes"
    REPLIES = "replies"


class PostKey(NamedTuple):
    """A client's name for one posting; `digest` is of what it posted."""

    user_id: UserId
    key: str
    digest: bytes


class KeyUsedError(Exception):
    """The key served before: for the same posting (`is_same`), which made `tweet_id`, or for another."""

    def __init__(self, tweet_id: TweetId, *, is_same: bool) -> None:
        super().__init__(tweet_id)
        self.tweet_id, self.is_same = tweet_id, is_same


class TweetStore:
    """Items are read through the cache; postings and deletions change counts and outbox in one transaction."""

    def __init__(self, mongo: Mongo, pipeline: CommandPipeline, outbox: Outbox, counts: CountStore) -> None:
        self._mongo, self._outbox, self._on_their_way = mongo, outbox, counts
        self._tweets = mongo.collection(COLLECTION)
        self._post_keys = mongo.collection("post_keys")
        self._users = mongo.collection("users")
        self._items = RowCache[TweetId, ItemRecord](
            pipeline, ItemRecord, key=keys.tweet, load=self._load, ttl_seconds=_TTL_SECONDS
        )
        self._counts = RowCache[TweetId, TweetCounts](
            pipeline,
            TweetCounts,
            key=keys.tweet_counts,
            load=self._load_counts,
            ttl_seconds=_COUNTS_TTL_SECONDS,
            stale_seconds=STALE_SECONDS,
        )

    async def get_many(self, ids: Sequence[TweetId], since: float | None = None) -> list[ItemRecord | None]:
        """In the order asked, None where there is none (any more); as of `since`, or later (None: this moment)."""
        return await self._items.get_many(ids, since)

    def begin_read(self, ids: Sequence[TweetId], since: float) -> PendingRead[TweetId, ItemRecord]:
        """`get_many` begun, as of a moment; for `settle`."""
        return self._items.begin_read(ids, since)

    def begin_read_counts(self, ids: Sequence[TweetId], since: float) -> PendingRead[TweetId, TweetCounts]:
        """`counts_of` begun likewise."""
        return self._counts.begin_read(ids, since)

    async def get(self, item_id: TweetId) -> ItemRecord | None:
        return (await self._items.get_many([item_id]))[0]

    async def stands(self, tweet_id: TweetId) -> bool:
        """Not from the cache."""
        with away_as_unavailable():
            return await self._tweets.find_one({"_id": tweet_id}, {"_id": 1}) is not None

    async def counts_of(self, ids: Sequence[TweetId]) -> list[TweetCounts]:
        """In the order asked; zeros for a tweet that is not there."""
        return [counts or TweetCounts() for counts in await self._counts.get_many(ids)]

    async def invalidate_counts(self, *ids: TweetId) -> None:
        """Call after counts were mended."""
        if ids:
            await self._counts.invalidate(*ids)

    async def counted(self, *ids: TweetId) -> None:
        """Call after the transaction of acts that count: they are seen from now on, and added by and by."""
        if ids:
            await asyncio.gather(self._counts.invalidate(*ids), self._on_their_way.enqueue(*ids))

    async def count(self, session: Any, tweet_id: TweetId, counted: Counted, step: int) -> None:
        """Within the transaction of the act; call `counted` after it. Raises GoneError for what is gone.

        The tweet may be deleted at this very moment: then whoever adds the change undoes the act.
        """
        if step > 0 and await self._tweets.find_one({"_id": tweet_id}, {"_id": 1}, session=session) is None:
            raise GoneError(tweet_id)
        await self._on_their_way.add(session, tweet_id, counted, step)

    async def count_likes(self, session: Any, tweet_ids: Sequence[TweetId]) -> None:
        """As `count`, one more for each time that a tweet is named, and one change for each tweet."""
        times = Counter(tweet_ids)
        found = self._tweets.find({"_id": {"$in": list(times)}}, {"_id": 1}, session=session)
        standing = {row["_id"] async for row in found}
        for tweet_id, number in times.items():
            if tweet_id not in standing:
                raise GoneError(tweet_id)
            await self._on_their_way.add(session, tweet_id, Counted.LIKES, number)

    async def insert(self, tweet: TweetRecord, post_key: PostKey | None = None) -> None:
        """Posts a tweet, to be fanned out. Raises KeyUsedError, and changes nothing, where the key served before.

        Raises GoneError where the author, or a tweet that it refers to, is gone. Whoever is told of it finds its rows.
        """
        began = monotonic()
        with away_as_unavailable():
            try:
                await self._mongo.in_transaction(
                    lambda session: self._insert(session, tweet, post_key), changing=(tweet.author_id,)
                )
            except DuplicateKeyError:
                if post_key is None:
                    raise
                raise await self._key_used(post_key) from None
        await asyncio.gather(
            self._items.fill({tweet.id: tweet}, began),
            self._counts.fill({tweet.id: TweetCounts()}, began),
            self.counted(*[other for other in (tweet.reply_to, tweet.quoted_id) if other is not None]),
        )

    async def posted_under(self, post_key: PostKey) -> TweetId | None:
        """The tweet that this key made; raises KeyUsedError where it served for another posting."""
        with away_as_unavailable():
            row = await self._post_keys.find_one({"_id": _post_key_id(post_key)})
        if row is None:
            return None
        if row["digest"] != post_key.digest:
            raise KeyUsedError(TweetId(row["tweet"]), is_same=False)
        return TweetId(row["tweet"])

    async def delete(self, act: Retract) -> bool:
        """False where this author has no such tweet."""
        with away_as_unavailable():
            row = await self._mongo.in_transaction(
                lambda session: self._delete(session, act), changing=(act.author_id,)
            )
        await self._items.invalidate(act.item_id)
        if row is not None:
            await self.counted(*[row[name] for name in ("reply_to", "quoted") if row[name] is not None])
        return row is not None

    async def invalidate(self, *ids: TweetId) -> None:
        """Call after an item was stored or deleted by another store."""
        await self._items.invalidate(*ids)

    async def ancestor_ids(self, tweet_id: TweetId) -> list[TweetId]:
        """From the start of the thread down to the tweet that this one answers, the first 200 of them."""
        with away_as_unavailable():
            row = await self._tweets.find_one({"_id": tweet_id}, {"ancestors": 1})
        return [] if row is None else row["ancestors"]

    async def by_author(
        self, author_id: UserId, before: int | None, limit: int, *, with_replies: bool
    ) -> list[ItemRecord]:
        """The person's items, newest first; without replies to others unless `with_replies`."""
        query: dict[str, Any] = {"author": author_id}
        if before is not None:
            query["_id"] = {"$lt": before}
        if not with_replies:
            query["reply_to_author"] = {"$in": [None, author_id]}
        with away_as_unavailable():
            return [to_record(row) async for row in self._tweets.find(query).sort("_id", -1).limit(limit)]

    async def _insert(self, session: Any, tweet: TweetRecord, post_key: PostKey | None) -> None:
        if post_key is not None:
            row = {"_id": _post_key_id(post_key), "digest": post_key.digest, "tweet": tweet.id}
            await self._post_keys.insert_one(row | {"at": time_of(tweet.id)}, session=session)
        ancestors = await self._path_to(session, tweet.reply_to)
        row = to_document(tweet) | {"fanout": PENDING, "ancestors": ancestors}
        await self._tweets.insert_one(row, session=session)
        author = {"_id": tweet.author_id, **NOT_DELETED}
        if not (await self._users.update_one(author, {"$inc": {"counts.tweets": 1}}, session=session)).matched_count:
            raise GoneError(tweet.author_id)
        await self._count_references(session, tweet.reply_to, tweet.quoted_id, 1)
        if (notice := post_notice(tweet)) is not None:
            await self._outbox.add(session, notice)

    async def _path_to(self, session: Any, parent: TweetId | None) -> list[int]:
        if parent is None:
            return []
        row = await self._tweets.find_one({"_id": parent}, {"ancestors": 1}, session=session)
        return [*(row["ancestors"] if row else ()), parent][:_ANCESTORS_KEPT]

    async def _delete(self, session: Any, act: Retract) -> Document | None:
        query = {"_id": act.item_id, "author": act.author_id, "retweet_of": None}
        row: Document | None = await self._tweets.find_one_and_delete(query, session=session)
        if row is None:
            return None
        await self._outbox.add(session, act, was=to_record(row))
        await self._outbox.add(session, unpost_notice(act))
        await self._users.update_one({"_id": act.author_id}, {"$inc": {"counts.tweets": -1}}, session=session)
        await self._count_references(session, row["reply_to"], row["quoted"], -1)
        return row

    async def _count_references(self, session: Any, reply_to: int | None, quoted: int | None, step: int) -> None:
        if reply_to is not None:
            await self.count(session, TweetId(reply_to), Counted.REPLIES, step)
        if quoted is not None:
            await self.count(session, TweetId(quoted), Counted.QUOTES, step)

    async def _key_used(self, post_key: PostKey) -> KeyUsedError:
        row = await self._post_keys.find_one({"_id": _post_key_id(post_key)})
        return KeyUsedError(TweetId(row["tweet"]), is_same=row["digest"] == post_key.digest)

    async def _load(self, ids: Sequence[TweetId]) -> dict[TweetId, ItemRecord]:
        with away_as_unavailable():
            found = self._tweets.find({"_id": {"$in": list(ids)}})
            return {TweetId(row["_id"]): to_record(row) async for row in found}

    async def _load_counts(self, ids: Sequence[TweetId]) -> dict[TweetId, TweetCounts]:
        pipeline: list[Document] = [
            {"$match": {"_id": {"$in": list(ids)}}},
            {"$project": {"counts": 1}},
            {"$lookup": TWEET_COUNTERS.pending_lookup},
        ]
        await self._mongo.ensure_reachable()
        with away_as_unavailable():
            rows = await self._mongo.aggregate_snapshot(COLLECTION, pipeline)
        return {TweetId(row["_id"]): to_counts(row, row["pending"]) for row in rows}


def post_notice(tweet: TweetRecord) -> Notify | None:
    """The job that tells those whom the tweet answers, quotes or mentions; None for a tweet that is for nobody."""
    others = {tweet.reply_to_author, *tweet.mentioned} - {None, tweet.author_id}
    if not others and tweet.quoted_id is None:
        return None
    return Notify(tweet.id, ActKind.POST, tweet.author_id)


def unpost_notice(act: Retract) -> Notify:
    """The job that takes back all that was told of a tweet: by it, and of what others did with it."""
    return Notify(act.item_id, ActKind.POST, act.author_id, is_undone=True)


def _post_key_id(post_key: PostKey) -> Document:
    return {"user": post_key.user_id, "key": post_key.key}
