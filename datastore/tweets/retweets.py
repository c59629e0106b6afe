"""Retweets: items of timelines beside the tweets, one for each person and tweet, counted in the same transaction.

For each tweet the log of its retweets is cached: by it a timeline tells which of several is the earliest.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from pymongo.errors import DuplicateKeyError

from core.ids import TweetId, UserId
from datastore.cache.rows import PendingRead, RowCache
from datastore.jobs.jobs import ActKind, Notify, Retract
from datastore.jobs.outbox import PENDING, Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.edges import Edge
from datastore.mongo.existence import lock_existing_user
from datastore.records.items import COLLECTION, ItemKind, RetweetRecord, to_record
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline
from datastore.tweets.store import Counted, TweetStore

_TTL_SECONDS = 600
# Beyond so many the log of a tweet is not kept as one row; who needs more asks for the retweets of some people.
_LONGEST_LOG = 2_000


class RetweetLog(msgspec.Struct, frozen=True, array_like=True):
    """Ids of a tweet's retweets with who made them, oldest first. `is_whole`: there are no others."""

    entries: tuple[tuple[int, UserId], ...] = ()
    is_whole: bool = True


class RetweetStore:
    def __init__(self, mongo: Mongo, pipeline: CommandPipeline, outbox: Outbox, tweets: TweetStore) -> None:
        self._mongo, self._outbox, self._store = mongo, outbox, tweets
        self._tweets = mongo.collection(COLLECTION)
        self._logs = RowCache[TweetId, RetweetLog](
            pipeline, RetweetLog, key=keys.retweet_log, load=self._load_logs, ttl_seconds=_TTL_SECONDS
        )

    async def insert(self, retweet: RetweetRecord) -> bool:
        """To be fanned out. False where this person retweeted the tweet before.

        Raises GoneError where the person or the tweet is gone.
        """
        with away_as_unavailable():
            try:
                await self._mongo.in_transaction(
                    lambda session: self._insert(session, retweet), changing=(retweet.author_id,)
                )
            except DuplicateKeyError:
                return False
        await self._changed(retweet.id, retweet.tweet_id)
        return True

    async def delete(self, act_id: int, user_id: UserId, tweet_id: TweetId) -> Retract | None:
        """The job that takes it out of the timelines; None where there was no such retweet."""
        query = {"author": user_id, "retweet_of": tweet_id}

        async def delete(session: Any) -> Retract | None:
            act = await self._delete(session, act_id, query)
            if act is not None:
                await self._outbox.add(session, unretweet_notice(act, tweet_id))
            return act

        with away_as_unavailable():
            act = await self._mongo.in_transaction(delete, changing=(user_id,))
        if act is not None:
            await self._changed(act.item_id, tweet_id)
        return act

    async def delete_next_of(self, act_id: int, tweet_id: TweetId) -> Retract | None:
        """One of a deleted tweet's retweets, whose notifications went with the tweet; None where none is left."""
        with away_as_unavailable():
            query = {"retweet_of": tweet_id}
            act = await self._mongo.in_transaction(
                lambda session: self._delete(session, act_id, query, with_tweet=True), changing=(tweet_id,)
            )
        if act is not None:
            await self._changed(act.item_id, tweet_id)
        return act

    async def logs(self, tweet_ids: Sequence[TweetId]) -> list[RetweetLog]:
        """In the order asked."""
        return [log or RetweetLog() for log in await self._logs.get_many(tweet_ids)]

    def begin_read_logs(self, tweet_ids: Sequence[TweetId], since: float) -> PendingRead[TweetId, RetweetLog]:
        """`logs` begun, as of a moment; for `settle`."""
        return self._logs.begin_read(tweet_ids, since)

    async def by_some(self, tweet_id: TweetId, user_ids: Sequence[UserId]) -> RetweetLog:
        """The retweets of these people alone, for a tweet whose log is not whole."""
        query = {"author": {"$in": list(user_ids)}, "retweet_of": tweet_id}
        with away_as_unavailable():
            found = self._tweets.find(query, {"author": 1}).sort("_id", 1)
            return RetweetLog(tuple([(row["_id"], UserId(row["author"])) async for row in found]))

    async def of_tweet(self, tweet_id: TweetId, before: int | None, limit: int) -> list[Edge]:
        """Who retweeted it, newest first."""
        older = {} if before is None else {"_id": {"$lt": before}}
        with away_as_unavailable():
            found = self._tweets.find({"retweet_of": tweet_id, **older}, {"author": 1}).sort("_id", -1).limit(limit)
            return [Edge(row["_id"], row["author"]) async for row in found]

    async def retweeted_among(self, user_id: UserId, tweet_ids: Sequence[TweetId]) -> set[TweetId]:
        """Those of the tweets that the person retweeted."""
        query = {"author": user_id, "retweet_of": {"$in": list(tweet_ids)}}
        with away_as_unavailable():
            return {TweetId(row["retweet_of"]) async for row in self._tweets.find(query, {"retweet_of": 1})}

    async def _insert(self, session: Any, retweet: RetweetRecord) -> None:
        row = {
            "_id": retweet.id,
            "author": retweet.author_id,
            "retweet_of": retweet.tweet_id,
            "retweet_of_author": retweet.tweet_author_id,
            "fanout": PENDING,
        }
        await self._tweets.insert_one(row, session=session)
        await lock_existing_user(self._mongo, session, retweet.author_id, retweet.id)
        await self._outbox.add(session, retweet_notice(retweet))
        await self._store.count(session, retweet.tweet_id, Counted.RETWEETS, 1)

    async def _delete(self, session: Any, act_id: int, query: Document, *, with_tweet: bool = False) -> Retract | None:
        row = await self._tweets.find_one_and_delete(query, session=session)
        if row is None:
            return None
        act = Retract(act_id, row["_id"], row["author"], ItemKind.RETWEET, with_tweet)
        await self._outbox.add(session, act, was=to_record(row))
        await self._store.count(session, row["retweet_of"], Counted.RETWEETS, -1)
        return act

    async def _changed(self, retweet_id: TweetId, tweet_id: TweetId) -> None:
        await self._store.invalidate(retweet_id)
        await self._store.counted(tweet_id)
        await self._logs.invalidate(tweet_id)

    async def _load_logs(self, ids: Sequence[TweetId]) -> dict[TweetId, RetweetLog]:
        """Tweets without a retweet have a row, too, so that they are not looked up again."""
        first = {"$firstN": {"input": ["$_id", "$author"], "n": _LONGEST_LOG + 1}}
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
    """The job that tells the tweet's author."""
    return Notify(retweet.id, ActKind.RETWEET, retweet.author_id, retweet.tweet_id)


def unretweet_notice(act: Retract, tweet_id: TweetId) -> Notify:
    """The job that takes back what the author was told of a retweet withdrawn."""
    return Notify(act.item_id, ActKind.RETWEET, act.author_id, tweet_id, is_undone=True)


def _log_of(entries: Sequence[tuple[int, UserId]]) -> RetweetLog:
    return RetweetLog(tuple(entries[:_LONGEST_LOG]), len(entries) <= _LONGEST_LOG)
