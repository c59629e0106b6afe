"""Like, retweet, quote and reply counts of tweets, pending increments included; read through the cache."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import chain
from typing import Any

from core.ids import TweetId
from datastore.cache.batcher import Batcher
from datastore.cache.pending_read import PendingRead
from datastore.cache.rows import STALE_SECONDS, RowCache
from datastore.counts.increments import TWEET_COUNTERS, by_target
from datastore.counts.pending import CountStore
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.items import COLLECTION, TweetCounts, to_counts
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline

# Every act invalidates them at once. If its process dies before that, they are right again within a minute: this,
# longer by a fifth at most, and the seconds for which a process keeps them.
_TTL_SECONDS = 36
# A load asks several collections: of many at once, one for all costs a fraction of one for each.
_READS_PER_LOAD, _CONCURRENT_LOADS = 100, 2


class Counted(StrEnum):
    """Names of the counts of a tweet."""

    LIKES = "likes"
    RETWEETS = "retweets"
    QUOTES = "quotes"
    REPLIES = "replies"


class TweetCountStore:
    """An act keeps its increments in its document, and calls `enqueue` after it is written."""

    def __init__(self, mongo: Mongo, pipeline: CommandPipeline, pending: CountStore) -> None:
        self._mongo, self._pending = mongo, pending
        self._tweets = mongo.collection(COLLECTION)
        self._rows = RowCache[TweetId, TweetCounts](
            pipeline,
            TweetCounts,
            key=keys.tweet_counts,
            load=Batcher(self._load_for_all, _READS_PER_LOAD, at_once=_CONCURRENT_LOADS),
            ttl_seconds=_TTL_SECONDS,
            stale_seconds=STALE_SECONDS,
        )

    @property
    def rows(self) -> RowCache[TweetId, TweetCounts]:
        """The cache of the counts, for what is in the memory of this process."""
        return self._rows

    async def get_many(self, ids: Sequence[TweetId]) -> list[TweetCounts]:
        """In the order of the ids; zeros for a missing tweet."""
        return [counts or TweetCounts() for counts in await self._rows.get_many(ids)]

    def begin_read(self, ids: Sequence[TweetId], since: float) -> PendingRead[TweetId, TweetCounts]:
        """Begins `get_many`, for `resolve_reads`. Rows are as of `since` (monotonic seconds) or later."""
        return self._rows.begin_read(ids, since)

    async def fill_new(self, tweet_id: TweetId, since: float) -> None:
        """Caches zeros for a tweet inserted after `since`."""
        await self._rows.fill({tweet_id: TweetCounts()}, since)

    async def invalidate(self, *ids: TweetId) -> None:
        """Call after stored counts were repaired."""
        if ids:
            await self._rows.invalidate(*ids)

    async def enqueue(self, *ids: TweetId) -> None:
        """Call after an act was written: reads include its increments at once, a worker adds them later."""
        if ids:
            await asyncio.gather(self._rows.invalidate(*ids), self._pending.enqueue(*ids))

    async def add(self, session: Any, tweet_id: TweetId, counted: Counted, step: int) -> None:
        """Adds an increment of a deletion within its transaction."""
        await self._pending.add(session, tweet_id, counted, step)

    async def _load_for_all(self, reads: Sequence[Sequence[TweetId]]) -> Sequence[Mapping[TweetId, TweetCounts]]:
        return [await self._load(list(dict.fromkeys(chain.from_iterable(reads))))] * len(reads)

    async def _load(self, ids: Sequence[TweetId]) -> dict[TweetId, TweetCounts]:
        pipeline: list[Document] = [
            {"$match": {"_id": {"$in": list(ids)}}},
            {"$project": {"counts": 1}},
            *TWEET_COUNTERS.pending_unions(ids),
        ]
        await self._mongo.ensure_reachable()
        with away_as_unavailable():
            rows = await self._mongo.aggregate_snapshot(COLLECTION, pipeline)
        return {TweetId(one): to_counts(row, pending) for one, (row, pending) in by_target(rows).items()}
