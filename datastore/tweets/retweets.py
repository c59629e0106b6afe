"""Retweets: timeline items of their own, one for each user and tweet, whose document is its own outbox.

An undone one leaves the timelines by an entry of the outbox that has the item, so they change in one transaction.

The log of a tweet's retweets is cached: a timeline shows only the earliest one by the reader's circle.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from core.ids import TweetId, UserId
from datastore.cache.pending_read import PendingRead
from datastore.cache.rows import RowCache
from datastore.counts.increments import TWEET_COUNTERS, increment
from datastore.counts.left_out import BY_SUSPENDED
from datastore.counts.undo_batch import Undo, UndoBatch, steps_back
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Notify, Retract
from datastore.jobs.outbox import ENTRIES, PENDING, Outbox, entry_of
from datastore.mongo.acts import UNDONE
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.edges import StoredEdge
from datastore.records.items import COLLECTION, ItemKind, RetweetRecord, to_record
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable
from datastore.redis.node.pipeline import CommandPipeline
from datastore.tweets.author_lists import AuthorListStore
from datastore.tweets.counts import Counted, TweetCountStore
from datastore.tweets.store import TweetStore

_TTL_SECONDS = 600
# Longest log that is cached as one row; beyond it, readers query the retweets by their circle.
_MAX_LOG = 2_000


class RetweetLog(msgspec.Struct, frozen=True, array_like=True):
    """Ids and authors of a tweet's retweets, oldest first. `is_whole`: these are all."""

    entries: tuple[tuple[int, UserId], ...] = ()
    is_whole: bool = True


class RetweetStore:
    def __init__(
        self,
        mongo: Mongo,
        pipeline: CommandPipeline,
        *,
        outbox: Outbox,
        items: TweetStore,
        counts: TweetCountStore,
        lists: AuthorListStore,
    ) -> None:
        self._mongo, self._outbox, self._items, self._counts, self._lists = mongo, outbox, items, counts, lists
        self._tweets = mongo.collection(COLLECTION)
        self._inserts = items.inserts
        self._undos = UndoBatch(mongo, COLLECTION, ("author", "retweet_of"), _undone)
        self._logs = RowCache[TweetId, RetweetLog](
            pipeline, RetweetLog, key=keys.retweet_log, load=self._load_logs, ttl_seconds=_TTL_SECONDS
        )

    async def forget_log(self, tweet_id: TweetId) -> None:
        """Makes Redis forget the tweet's log. Raises UnavailableError unless it took that."""
        with failures_as_unavailable():
            await self._logs.forget(tweet_id)

    async def insert(self, retweet: RetweetRecord) -> bool:
        """Inserts it with all that is left to be done. False if this user has retweeted the tweet already."""
        row = {
            "_id": retweet.id,
            "author": retweet.author_id,
            "retweet_of": retweet.tweet_id,
            "retweet_of_author": retweet.tweet_author_id,
            "fanout": PENDING,
            "untold": retweet.id,
            TWEET_COUNTERS.field: [increment(retweet.tweet_id, Counted.RETWEETS)],
        }
        is_new = await self._inserts(row)
        if is_new:
            await asyncio.gather(self._changed(retweet.id, retweet.tweet_id), self._lists.add(retweet))
        return is_new

    async def delete(self, act_id: int, user_id: UserId, tweet_id: TweetId) -> Retract | None:
        """Returns the job that takes it out of the timelines; None if there was no such retweet."""
        undone = await self._undos(Undo(act_id, user_id, tweet_id))
        if undone is None:
            return None
        act = Retract(act_id, TweetId(undone.act_id), user_id, ItemKind.RETWEET)
        await self._undone(act, tweet_id)
        return act

    async def delete_next_of(self, act_id: int, tweet_id: TweetId) -> Retract | None:
        """Deletes one retweet of a deleted tweet, whose notifications went with the tweet; None if none is left."""
        with away_as_unavailable():
            query = {"retweet_of": tweet_id}
            act = await self._mongo.in_transaction(
                lambda session: self._delete_with_tweet(session, act_id, query), changing=(tweet_id,)
            )
        if act is not None:
            await self._undone(act, tweet_id)
        return act

    @property
    def rows(self) -> RowCache[TweetId, RetweetLog]:
        """The cache of the logs, for what is in the memory of this process."""
        return self._logs

    async def logs(self, tweet_ids: Sequence[TweetId]) -> list[RetweetLog]:
        """In the order of the ids."""
        return [log or RetweetLog() for log in await self._logs.get_many(tweet_ids)]

    def begin_read_logs(self, tweet_ids: Sequence[TweetId], since: float) -> PendingRead[TweetId, RetweetLog]:
        """Begins `logs`, for `resolve_reads`. Rows are as of `since` (monotonic seconds) or later."""
        return self._logs.begin_read(tweet_ids, since)

    async def log_by(self, tweet_id: TweetId, user_ids: Sequence[UserId]) -> RetweetLog:
        """The retweets by these users only, for a tweet whose log is not whole."""
        query = {"author": {"$in": list(user_ids)}, "retweet_of": tweet_id}
        with away_as_unavailable():
            found = self._tweets.find(query, {"author": 1}).sort("_id", 1)
            return RetweetLog(tuple([(row["_id"], UserId(row["author"])) async for row in found]))

    async def of_tweet(self, tweet_id: TweetId, before: int | None, limit: int) -> list[StoredEdge]:
        """Retweets with their authors, newest first, older than `before`."""
        older = {} if before is None else {"_id": {"$lt": before}}
        with away_as_unavailable():
            found = self._tweets.find({"retweet_of": tweet_id, **older}, {"author": 1}).sort("_id", -1).limit(limit)
            return [StoredEdge(row["_id"], row["author"]) async for row in found]

    async def _delete_with_tweet(self, session: Any, act_id: int, query: Document) -> Retract | None:
        row = await self._tweets.find_one_and_delete(query, session=session)
        if row is None:
            return None
        act = Retract(act_id, row["_id"], row["author"], ItemKind.RETWEET, with_tweet=True)
        await self._outbox.add(session, act, was=to_record(row))
        if TWEET_COUNTERS.field not in row and BY_SUSPENDED not in row:
            await self._counts.add(session, row["retweet_of"], Counted.RETWEETS, -1)
        return act

    async def _undone(self, act: Retract, tweet_id: TweetId) -> None:
        removed = self._lists.remove(act.author_id, TweetId(act.item_id), act.act_id)
        await asyncio.gather(self._changed(TweetId(act.item_id), tweet_id), removed)

    async def _changed(self, retweet_id: TweetId, tweet_id: TweetId) -> None:
        await asyncio.gather(
            self._items.invalidate(retweet_id), self._counts.enqueue(tweet_id), self._logs.invalidate(tweet_id)
        )

    async def _load_logs(self, ids: Sequence[TweetId]) -> dict[TweetId, RetweetLog]:
        """Includes empty logs, so that tweets without retweets are cached too."""
        first = {"$firstN": {"input": ["$_id", "$author"], "n": _MAX_LOG + 1}}
        pipeline: list[Document] = [
            {"$match": {"retweet_of": {"$in": list(ids)}}},
            {"$sort": {"_id": 1}},
            {"$group": {"_id": "$retweet_of", "entries": first}},
        ]
        with away_as_unavailable():
            rows = await self._mongo.aggregate(COLLECTION, pipeline)
        found = {row["_id"]: [(entry[0], UserId(entry[1])) for entry in row["entries"]] for row in rows}
        return {tweet_id: _log_of(found.get(tweet_id, [])) for tweet_id in ids}


def retweet_notice(retweet: RetweetRecord) -> Notify:
    """The job that notifies the tweet's author."""
    return Notify(retweet.id, ActKind.RETWEET, retweet.author_id, retweet.tweet_id)


def unretweet_notice(act: Retract, tweet_id: TweetId) -> Notify:
    """The job that removes the notification of an undone retweet."""
    return Notify(act.act_id, ActKind.RETWEET, act.author_id, tweet_id, is_undone=True)


def _undone(row: Document, undo: Undo) -> dict[str, Document]:
    """The entry of the retraction, and the document of all else that is left to be done."""
    retraction = Retract(undo.undo_id, row["_id"], row["author"], ItemKind.RETWEET)
    counted = [] if BY_SUSPENDED in row else [(row["retweet_of"], Counted.RETWEETS)]
    left = steps_back(row, TWEET_COUNTERS.field, counted)
    if "untold" not in row:
        left["untold"] = undo.undo_id
    of_act = {"_id": undo.undo_id, "kind": ActKind.RETWEET, "act": row["_id"]}
    undone = {**of_act, "user": row["author"], "target": row["retweet_of"], **left}
    return {ENTRIES: entry_of(retraction, to_record(row)), **({UNDONE: undone} if left else {})}


def _log_of(entries: Sequence[tuple[int, UserId]]) -> RetweetLog:
    return RetweetLog(tuple(entries[:_MAX_LOG]), len(entries) <= _MAX_LOG)
