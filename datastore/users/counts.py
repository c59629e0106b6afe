"""Follower, followee and tweet counts of users, pending increments included; read through the cache."""

from collections.abc import Mapping, Sequence
from itertools import chain

from core.ids import UserId
from datastore.cache.batcher import Batcher
from datastore.cache.rows import STALE_SECONDS, RowCache
from datastore.counts.increments import USER_COUNTERS, by_target, with_pending
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.users import UserCounts
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline

# Every act invalidates them at once. If its process dies before that, they are right again within a minute.
_TTL_SECONDS = 36
# A load asks several collections: of many at once, one for all costs a fraction of one for each.
_READS_PER_LOAD, _CONCURRENT_LOADS = 100, 2


class UserCountStore:
    """Call `invalidate` after each act that changes counts."""

    def __init__(self, mongo: Mongo, pipeline: CommandPipeline) -> None:
        self._mongo = mongo
        self._rows = RowCache[UserId, UserCounts](
            pipeline,
            UserCounts,
            key=keys.user_counts,
            load=Batcher(self._load_for_all, _READS_PER_LOAD, at_once=_CONCURRENT_LOADS),
            ttl_seconds=_TTL_SECONDS,
            stale_seconds=STALE_SECONDS,
        )

    async def get_many(self, ids: Sequence[UserId]) -> list[UserCounts]:
        """In the order of the ids; zeros for an unknown user."""
        return [counts or UserCounts() for counts in await self._rows.get_many(ids)]

    async def follower_count(self, user_id: UserId) -> int:
        """Bypasses the cache."""
        return (await self._load([user_id])).get(user_id, UserCounts()).followers

    async def invalidate(self, *ids: UserId) -> None:
        await self._rows.invalidate(*ids)

    async def _load_for_all(self, reads: Sequence[Sequence[UserId]]) -> Sequence[Mapping[UserId, UserCounts]]:
        return [await self._load(list(dict.fromkeys(chain.from_iterable(reads))))] * len(reads)

    async def _load(self, ids: Sequence[UserId]) -> dict[UserId, UserCounts]:
        pipeline: list[Document] = [
            {"$match": {"_id": {"$in": list(ids)}}},
            {"$project": {"counts": 1}},
            *USER_COUNTERS.pending_unions(ids),
        ]
        await self._mongo.ensure_reachable()
        with away_as_unavailable():
            rows = await self._mongo.aggregate_snapshot(USER_COUNTERS.targets, pipeline)
        return {
            UserId(one): UserCounts(**with_pending(row["counts"], pending))
            for one, (row, pending) in by_target(rows).items()
        }
