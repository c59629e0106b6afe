"""Replies and quotes of a tweet, newest first or highest score first."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from core.ids import TweetId
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.records.items import COLLECTION, ItemRecord, to_record


class ScoredItem(NamedTuple):
    """`score` is likes + 2 x retweets + 3 x replies."""

    score: int
    item: ItemRecord


class ThreadStore:
    def __init__(self, mongo: Mongo) -> None:
        self._tweets = mongo.collection(COLLECTION)

    async def replies(self, tweet_id: TweetId, before: int | None, limit: int) -> list[ItemRecord]:
        """Newest first."""
        return await self._newest({"reply_to": tweet_id}, before, limit)

    async def quotes(self, tweet_id: TweetId, before: int | None, limit: int) -> list[ItemRecord]:
        """Newest first."""
        return await self._newest({"quoted": tweet_id}, before, limit)

    async def top_replies(self, tweet_id: TweetId, after: tuple[int, int] | None, limit: int) -> list[ScoredItem]:
        """Highest score first, then newest. `after`: score and id of the last reply shown."""
        query: dict[str, Any] = {"reply_to": tweet_id}
        if after is not None:
            score, last = after
            query["$or"] = [{"score": {"$lt": score}}, {"score": score, "_id": {"$lt": last}}]
        with away_as_unavailable():
            found = self._tweets.find(query).sort([("score", -1), ("_id", -1)]).limit(limit)
            return [ScoredItem(row["score"], to_record(row)) async for row in found]

    async def _newest(self, query: Mapping[str, Any], before: int | None, limit: int) -> list[ItemRecord]:
        older = {} if before is None else {"_id": {"$lt": before}}
        with away_as_unavailable():
            found = self._tweets.find({**query, **older}).sort("_id", -1).limit(limit)
            return [to_record(row) async for row in found]
