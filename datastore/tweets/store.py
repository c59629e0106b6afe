"""Tweets and retweets in one collection: each document is a timeline item, ordered by its snowflake `_id`.

A tweet is its own outbox (datastore/mongo/acts.py): `fanout` is "pending" until a worker has fanned it out. A deletion
leaves no document: it adds an entry of the outbox with the deleted item, in one transaction with it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, NamedTuple, TypeAlias

from pymongo.errors import DuplicateKeyError

from core.ids import TweetId, UserId, time_of
from datastore.cache.pending_read import PendingRead
from datastore.cache.rows import RowCache
from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS, increment
from datastore.counts.left_out import BY_SUSPENDED
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify, Retract
from datastore.jobs.outbox import PENDING, Outbox
from datastore.moderation.tweets import REMOVED
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.insert_batch import InsertBatch
from datastore.records.items import COLLECTION, ItemRecord, TweetRecord, to_record
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline
from datastore.tweets.author_lists import AuthorListStore
from datastore.tweets.counts import Counted, TweetCountStore
from datastore.tweets.factory import to_document

_TTL_SECONDS = 3_600
# A page has at most 100 ancestors; the rest replaces those that are deleted or hidden.
_ANCESTORS_KEPT = 200


class PostKey(NamedTuple):
    """A client's key for one post; `digest` is the hash of its content."""

    user_id: UserId
    key: str
    digest: bytes


class KeyUsedError(Exception):
    """The key was used before by the post of `tweet_id`; `is_same` if that post had the same content."""

    def __init__(self, tweet_id: TweetId, *, is_same: bool) -> None:
        super().__init__(tweet_id)
        self.tweet_id, self.is_same = tweet_id, is_same


Also: TypeAlias = Callable[[Any, Document], Awaitable[None]]
"""Writes in the session of a transaction that has just inserted a tweet's document."""


class TweetStore:
    """Items are read through the cache."""

    def __init__(
        self,
        mongo: Mongo,
        pipeline: CommandPipeline,
        *,
        outbox: Outbox,
        counts: TweetCountStore,
        lists: AuthorListStore,
    ) -> None:
        self._mongo, self._outbox, self._counts, self._lists = mongo, outbox, counts, lists
        self._tweets = mongo.collection(COLLECTION)
        self._post_keys = mongo.collection("post_keys")
        self._users = mongo.collection("users")
        self.inserts = InsertBatch(self._tweets)
        self._rows = RowCache[TweetId, ItemRecord](
            pipeline, ItemRecord, key=keys.tweet, load=self._load, ttl_seconds=_TTL_SECONDS
        )

    @property
    def rows(self) -> RowCache[TweetId, ItemRecord]:
        """The cache of the items, for what is in the memory of this process."""
        return self._rows

    async def get_many(self, ids: Sequence[TweetId], since: float | None = None) -> list[ItemRecord | None]:
        """In the order of the ids, None for a missing item; as of `since` (monotonic seconds) or later, None: now."""
        return await self._rows.get_many(ids, since)

    def begin_read(self, ids: Sequence[TweetId], since: float) -> PendingRead[TweetId, ItemRecord]:
        """Begins `get_many`, for `resolve_reads`."""
        return self._rows.begin_read(ids, since)

    async def get(self, item_id: TweetId) -> ItemRecord | None:
        return (await self._rows.get_many([item_id]))[0]

    async def exists(self, tweet_id: TweetId) -> bool:
        """Bypasses the cache."""
        with away_as_unavailable():
            return await self._tweets.find_one({"_id": tweet_id}, {"_id": 1}) is not None

    async def insert(self, tweet: TweetRecord, post_key: PostKey | None = None, also: Also | None = None) -> None:
        """Posts a tweet with all that is left to be done, and caches its rows before the job is enqueued.

        `also` writes more in the transaction. Raises KeyUsedError, and changes nothing, if the key was used before.
        """
        began = monotonic()
        row = await self._document(tweet)
        if post_key is None and also is None:
            await self.inserts(row)
        else:
            await self._insert_with(row, post_key, also)
        await asyncio.gather(
            self._rows.fill({tweet.id: tweet}, began),
            self._counts.fill_new(tweet.id, began),
            self._lists.add(tweet),
            self._counts.enqueue(*[other for other in (tweet.reply_to, tweet.quoted_id) if other is not None]),
        )

    async def get_id_by_key(self, post_key: PostKey) -> TweetId | None:
        """Id of the tweet posted with this key, None if there is none. Raises KeyUsedError if its content differs."""
        with away_as_unavailable():
            row = await self._post_keys.find_one({"_id": _post_key_id(post_key)})
        if row is None:
            return None
        if row["digest"] != post_key.digest:
            raise KeyUsedError(TweetId(row["tweet"]), is_same=False)
        return TweetId(row["tweet"])

    async def delete(self, act: Retract) -> bool:
        """False if this author has no such tweet."""
        with away_as_unavailable():
            row = await self._mongo.in_transaction(
                lambda session: self._delete(session, act), changing=(act.author_id,)
            )
        await self._rows.invalidate(act.item_id)
        await self._lists.remove(act.author_id, act.item_id, act.act_id)
        if row is not None:
            await self._counts.enqueue(*[row[name] for name in ("reply_to", "quoted") if row[name] is not None])
        return row is not None

    async def invalidate(self, *ids: TweetId) -> None:
        """Call after another store inserted or deleted an item."""
        await self._rows.invalidate(*ids)

    async def ancestor_ids(self, tweet_id: TweetId) -> list[TweetId]:
        """Ids of the nearest 200 at most, from the root of the thread to the parent."""
        with away_as_unavailable():
            row = await self._tweets.find_one({"_id": tweet_id}, {"ancestors": 1})
        return [] if row is None else row["ancestors"]

    async def by_author(
        self, author_id: UserId, before: int | None, limit: int, *, with_replies: bool
    ) -> list[ItemRecord]:
        """The author's items, newest first; replies to others only if `with_replies`."""
        query: dict[str, Any] = {"author": author_id}
        if before is not None:
            query["_id"] = {"$lt": before}
        if not with_replies:
            query["reply_to_author"] = {"$in": [None, author_id]}
        with away_as_unavailable():
            return [to_record(row) async for row in self._tweets.find(query).sort("_id", -1).limit(limit)]

    async def _document(self, tweet: TweetRecord) -> Document:
        references = (tweet.reply_to, Counted.REPLIES), (tweet.quoted_id, Counted.QUOTES)
        uncounted = [increment(of, what) for of, what in references if of is not None]
        return {
            **to_document(tweet),
            "ancestors": await self._path_to(tweet.reply_to),
            "fanout": PENDING,
            USER_COUNTERS.field: [increment(tweet.author_id, "tweets")],
            **({TWEET_COUNTERS.field: uncounted} if uncounted else {}),
            **({"untold": tweet.id} if post_notice(tweet) is not None else {}),
        }

    async def _path_to(self, parent: TweetId | None) -> list[int]:
        if parent is None:
            return []
        with away_as_unavailable():
            row = await self._tweets.find_one({"_id": parent}, {"ancestors": 1})
        return [*(row["ancestors"] if row else ()), parent][-_ANCESTORS_KEPT:]

    async def _insert_with(self, row: Document, post_key: PostKey | None, also: Also | None) -> None:
        """In a transaction: a key without its tweet would never post, a tweet without its key would be posted twice."""

        async def insert(session: Any) -> None:
            if post_key is not None:
                key = {"digest": post_key.digest, "tweet": row["_id"], "at": time_of(row["_id"])}
                await self._post_keys.insert_one({"_id": _post_key_id(post_key), **key}, session=session)
            await self._tweets.insert_one(row, session=session)
            if also is not None:
                await also(session, row)

        with away_as_unavailable():
            try:
                await self._mongo.in_transaction(insert)
            except DuplicateKeyError:
                if post_key is None:
                    raise
                raise await self._key_used(post_key) from None

    async def _delete(self, session: Any, act: Retract) -> Document | None:
        query = {"_id": act.item_id, "author": act.author_id, "retweet_of": None}
        row: Document | None = await self._tweets.find_one_and_delete(query, session=session)
        if row is None:
            return None
        await self._outbox.add(session, act, was=to_record(row))
        await self._outbox.add(session, unpost_notice(act))
        if REMOVED in row:  # it counts nowhere
            return row
        if USER_COUNTERS.field not in row:
            await self._users.update_one({"_id": act.author_id}, {"$inc": {"counts.tweets": -1}}, session=session)
        if BY_SUSPENDED in row:
            return row
        uncounted = {one["of"] for one in row.get(TWEET_COUNTERS.field, ())}
        for of, what in ((row["reply_to"], Counted.REPLIES), (row["quoted"], Counted.QUOTES)):
            if of is not None and of not in uncounted:
                await self._counts.add(session, TweetId(of), what, -1)
        return row

    async def _key_used(self, post_key: PostKey) -> KeyUsedError:
        row = await self._post_keys.find_one({"_id": _post_key_id(post_key)})
        return KeyUsedError(TweetId(row["tweet"]), is_same=row["digest"] == post_key.digest)

    async def _load(self, ids: Sequence[TweetId]) -> dict[TweetId, ItemRecord]:
        with away_as_unavailable():
            found = self._tweets.find({"_id": {"$in": list(ids)}})
            return {TweetId(row["_id"]): to_record(row) async for row in found}


def post_notice(tweet: TweetRecord) -> Notify | None:
    """The job that notifies users whom the tweet answers, quotes or mentions; None if there are none."""
    others = {tweet.reply_to_author, *tweet.mentioned} - {None, tweet.author_id}
    if not others and tweet.quoted_id is None:
        return None
    return Notify(tweet.id, ActKind.POST, tweet.author_id)


def unpost_notice(act: Retract) -> Notify:
    """The job that removes all notifications about a deleted tweet and about acts on it."""
    return Notify(act.item_id, ActKind.POST, act.author_id, is_undone=True)


def _post_key_id(post_key: PostKey) -> Document:
    return {"user": post_key.user_id, "key": post_key.key}
