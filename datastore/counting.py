"""What is on its way to the counts of tweets: one document for each change, written by the act's own transaction.

A change is deleted by the transaction that adds it to its tweet, so that it is counted once however often it is tried.
Redis only says which tweets to look at; without it the oldest changes tell.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from bson import ObjectId
from pymongo import DeleteOne, UpdateOne
from redis.asyncio import Redis

from core.errors import UnavailableError
from core.ids import TweetId
from core.tokens import utc_now
from datastore import keys
from datastore.mongo import Document, Mongo, away_as_unavailable
from datastore.redis import lost_as_unavailable, send_all

CHANGES = "count_changes"
PARTITIONS = 4
# By which replies are sorted: likes + 2 x retweets + 3 x replies.
SCORES: Mapping[str, int] = {"likes": 1, "retweets": 2, "quotes": 0, "replies": 3}
ON_ITS_WAY: Document = {
    "from": CHANGES,
    "foreignField": "target",
    "pipeline": [{"$group": {"_id": "$counted", "step": {"$sum": "$step"}}}],
    "as": "on_its_way",
}
"""The rest of a $lookup, to be read in a snapshot: a change is there or in its tweet's counts, never in both."""
_AT_ONCE = 5_000
_CAP = ("MAXLEN", "~", 1_000_000)
_log = structlog.get_logger()


class GoneTweetsError(Exception):
    """Some of the tweets are deleted; nothing was counted."""


class Change(NamedTuple):
    change_id: ObjectId
    target: TweetId
    counted: str
    step: int


class CountStore:
    def __init__(self, mongo: Mongo, redis: Redis, jobs: Redis) -> None:
        self._mongo, self._redis, self._jobs = mongo, redis, jobs
        self._changes = mongo.collection(CHANGES)
        self._tweets = mongo.collection("tweets")

    async def add(self, session: Any, tweet_id: TweetId, counted: str, step: int) -> None:
        """Within the transaction of the act; `announce` after it."""
        await self._changes.insert_one({"target": tweet_id, "counted": counted, "step": step}, session=session)

    async def announce(self, *tweet_ids: TweetId) -> None:
        """Tells the workers. Redis being away loses nothing: `overdue` finds what was not told."""
        told = [("XADD", keys.jobs(queue_of(id_)), *_CAP, "*", b"job", str(id_)) for id_ in tweet_ids]
        try:
            with lost_as_unavailable():
                await send_all(self._jobs, told)
        except UnavailableError as error:
            _log.warning("changes of counts not told", error=repr(error))

    async def apply(self, tweet_ids: Sequence[TweetId]) -> int:
        """Adds what is on its way to these tweets; how many changes. Raises GoneTweetsError where one is deleted."""

        async def apply(session: Any) -> int:
            changes = await self._of(tweet_ids, session)
            if not changes:
                return 0
            await self._changes.bulk_write(_deletions(changes), ordered=False, session=session)
            updates = [UpdateOne({"_id": id_}, {"$inc": steps}) for id_, steps in sums(changes).items()]
            result = await self._tweets.bulk_write(updates, ordered=False, session=session)
            if result.matched_count < len(updates):
                raise GoneTweetsError
            return len(changes)

        applied, last = 0, _AT_ONCE
        while last == _AT_ONCE:
            with away_as_unavailable():
                last = await self._mongo.in_transaction(apply, changing=tweet_ids)
            applied += last
        return applied

    async def gone_among(self, tweet_ids: Sequence[TweetId]) -> list[TweetId]:
        """Those that are deleted."""
        with away_as_unavailable():
            found = self._tweets.find({"_id": {"$in": list(tweet_ids)}}, {"_id": 1})
            standing = {row["_id"] async for row in found}
        return [tweet_id for tweet_id in tweet_ids if tweet_id not in standing]

    async def waiting_for(self, tweet_id: TweetId) -> list[Change]:
        """Some thousand changes of one tweet."""
        with away_as_unavailable():
            return await self._of([tweet_id], None)

    async def drop(self, changes: Sequence[Change]) -> None:
        """There is nothing any more that they could be added to."""
        with away_as_unavailable():
            await self._changes.delete_many({"_id": {"$in": [change.change_id for change in changes]}})

    async def overdue(self, age: timedelta, limit: int) -> list[TweetId]:
        """Tweets with changes that are older, by whole seconds; the oldest change first."""
        query = {"_id": {"$lt": ObjectId.from_datetime(utc_now() - age)}}
        with away_as_unavailable():
            found = self._changes.find(query, {"target": 1}).sort("_id", 1).limit(limit)
            return list(dict.fromkeys([row["target"] async for row in found]))

    async def is_empty(self) -> bool:
        """Whether nothing is on its way."""
        with away_as_unavailable():
            return await self._changes.find_one({}, {"_id": 1}) is None

    async def take_turns(self, tweet_ids: Sequence[TweetId], for_ms: int) -> list[TweetId]:
        """Those that nobody has taken within `for_ms`."""
        taken = [("SET", keys.counting(tweet_id), b"1", "NX", "PX", for_ms) for tweet_id in tweet_ids]
        with lost_as_unavailable():
            answers = await send_all(self._redis, taken) if taken else []
        return [tweet_id for tweet_id, answer in zip(tweet_ids, answers, strict=True) if answer]

    async def _of(self, tweet_ids: Sequence[TweetId], session: Any) -> list[Change]:
        found = self._changes.find({"target": {"$in": list(tweet_ids)}}, session=session).limit(_AT_ONCE)
        return [Change(row["_id"], row["target"], row["counted"], row["step"]) async for row in found]


def queue_of(tweet_id: TweetId) -> str:
    """Changes of one tweet go through one queue."""
    return f"counters-{keys.bucket(tweet_id) % PARTITIONS}"


QUEUES = tuple(f"counters-{number}" for number in range(PARTITIONS))


def sums(changes: Iterable[Change]) -> dict[TweetId, dict[str, int]]:
    """What is to be added to the fields of each tweet, its score too."""
    totals = dict[TweetId, Counter[str]]()
    for change in changes:
        steps = totals.setdefault(change.target, Counter())
        steps[f"counts.{change.counted}"] += change.step
        steps["score"] += SCORES[change.counted] * change.step
    return {tweet_id: dict(steps) for tweet_id, steps in totals.items()}


def _deletions(changes: Iterable[Change]) -> list[DeleteOne]:
    return [DeleteOne({"_id": change.change_id}) for change in changes]
