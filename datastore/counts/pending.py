"""Pending increments of the counts of tweets and users: one document each, inserted by the transaction of the act.

The transaction that adds an increment to its target also deletes it, so it is counted once however often it is tried.
Redis queues only name the targets to process; increments whose entry was lost are found by their age.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import structlog
from bson import ObjectId
from pymongo import DeleteOne, UpdateOne
from redis.asyncio import Redis

from core.auth.tokens import utc_now
from core.errors import UnavailableError
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable, send_all

PARTITIONS = 4
# Engagement score, by which replies are sorted: likes + 2 x retweets + 3 x replies.
SCORE_WEIGHTS: Mapping[str, int] = {"likes": 1, "retweets": 2, "quotes": 0, "replies": 3}
_AT_ONCE = 5_000
_CAP = ("MAXLEN", "~", 1_000_000)
_log = structlog.get_logger()


class CounterSpec(NamedTuple):
    """Collections of increments and of their targets, and the queues that name targets to the workers.

    `score_weights`: what an increment adds to the target's `score`. `existing`: filter that deleted targets fail.
    """

    increments: str
    targets: str
    queue: str
    score_weights: Mapping[str, int]
    existing: Document

    @property
    def queues(self) -> tuple[str, ...]:
        """Names of the queues; all entries of one target go through the same one."""
        return tuple(f"{self.queue}-{number}" for number in range(PARTITIONS))

    @property
    def pending_lookup(self) -> Document:
        """A $lookup by `_id` into `pending`. In a snapshot, an increment is either there or in its target's counts."""
        return {
            "from": self.increments,
            "localField": "_id",
            "foreignField": "target",
            "pipeline": [{"$group": {"_id": "$counted", "step": {"$sum": "$step"}}}],
            "as": "pending",
        }


TWEET_COUNTERS = CounterSpec("count_changes", "tweets", "counters", SCORE_WEIGHTS, {})
USER_COUNTERS = CounterSpec("people_changes", "users", "people-counters", {}, NOT_DELETED)
COUNTER_SPECS = (TWEET_COUNTERS, USER_COUNTERS)


class GoneTargetsError(Exception):
    """Some of the targets are deleted; nothing was counted."""


class PendingIncrement(NamedTuple):
    increment_id: ObjectId
    target: int
    counted: str
    step: int


class CountStore:
    """Counts of one CounterSpec."""

    def __init__(self, mongo: Mongo, redis: Redis, jobs: Redis, spec: CounterSpec) -> None:
        self._mongo, self._redis, self._jobs = mongo, redis, jobs
        self._increments = mongo.collection(spec.increments)
        self._targets = mongo.collection(spec.targets)
        self.spec = spec

    async def add(self, session: Any, target: int, counted: str, step: int) -> None:
        """Inserts an increment within the transaction of the act; call `enqueue` after the commit."""
        await self._increments.insert_one({"target": target, "counted": counted, "step": step}, session=session)

    async def enqueue(self, *targets: int) -> None:
        """Names targets to the workers. Nothing is lost if Redis is not reachable: `overdue_targets` finds them."""
        entries = [("XADD", keys.jobs(self._queue_of(one)), *_CAP, "*", b"job", str(one)) for one in targets]
        try:
            with failures_as_unavailable():
                await send_all(self._jobs, entries)
        except UnavailableError as error:
            _log.warning("pending counts not enqueued", error=repr(error))

    async def apply(self, targets: Sequence[int]) -> int:
        """Adds pending increments to the targets; returns their number. Raises GoneTargetsError for deleted targets."""

        async def apply(session: Any) -> int:
            pending = await self._pending(targets, session)
            if not pending:
                return 0
            await self._increments.bulk_write(_deletions(pending), ordered=False, session=session)
            sums = sum_by_target(pending, self.spec.score_weights)
            updates = [UpdateOne({"_id": one, **self.spec.existing}, {"$inc": steps}) for one, steps in sums.items()]
            result = await self._targets.bulk_write(updates, ordered=False, session=session)
            if result.matched_count < len(updates):
                raise GoneTargetsError
            return len(pending)

        applied, last = 0, _AT_ONCE
        while last == _AT_ONCE:
            with away_as_unavailable():
                last = await self._mongo.in_transaction(apply, changing=targets)
            applied += last
        return applied

    async def deleted_among(self, targets: Sequence[int]) -> list[int]:
        """The subset of `targets` that is deleted."""
        with away_as_unavailable():
            found = self._targets.find({"_id": {"$in": list(targets)}, **self.spec.existing}, {"_id": 1})
            existing = {row["_id"] async for row in found}
        return [one for one in targets if one not in existing]

    async def pending_of(self, target: int) -> list[PendingIncrement]:
        """At most 5,000 pending increments of one target."""
        with away_as_unavailable():
            return await self._pending([target], None)

    async def drop(self, pending: Sequence[PendingIncrement]) -> None:
        """Deletes increments whose target is deleted."""
        with away_as_unavailable():
            await self._increments.delete_many({"_id": {"$in": [one.increment_id for one in pending]}})

    async def overdue_targets(self, age: timedelta, limit: int) -> list[int]:
        """Targets of increments older than `age` (to the second), oldest increment first; each target once."""
        query = {"_id": {"$lt": ObjectId.from_datetime(utc_now() - age)}}
        with away_as_unavailable():
            found = self._increments.find(query, {"target": 1}).sort("_id", 1).limit(limit)
            return list(dict.fromkeys([row["target"] async for row in found]))

    async def is_empty(self) -> bool:
        """Whether no increment is pending."""
        with away_as_unavailable():
            return await self._increments.find_one({}, {"_id": 1}) is None

    async def try_acquire(self, targets: Sequence[int], ttl_ms: int) -> list[int]:
        """Locks targets for `ttl_ms`; returns those that were not locked already."""
        commands = [("SET", keys.counts_written(self.spec.queue, one), b"1", "NX", "PX", ttl_ms) for one in targets]
        with failures_as_unavailable():
            answers = await send_all(self._redis, commands) if commands else []
        return [one for one, answer in zip(targets, answers, strict=True) if answer]

    async def _pending(self, targets: Sequence[int], session: Any) -> list[PendingIncrement]:
        found = self._increments.find({"target": {"$in": list(targets)}}, session=session).limit(_AT_ONCE)
        return [PendingIncrement(row["_id"], row["target"], row["counted"], row["step"]) async for row in found]

    def _queue_of(self, target: int) -> str:
        return self.spec.queues[keys.bucket(target) % PARTITIONS]


def with_pending(counts: Mapping[str, int], pending: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Stored counts plus the result of `CounterSpec.pending_lookup` of the same snapshot."""
    totals = Counter(counts)
    for one in pending:
        totals[one["_id"]] += one["step"]
    return dict(totals)


def sum_by_target(pending: Iterable[PendingIncrement], score_weights: Mapping[str, int]) -> dict[int, dict[str, int]]:
    """For each target the sum to add to each of its fields, the score included."""
    totals = dict[int, Counter[str]]()
    for one in pending:
        steps = totals.setdefault(one.target, Counter())
        steps[f"counts.{one.counted}"] += one.step
        if one.counted in score_weights:
            steps["score"] += score_weights[one.counted] * one.step
    return {target: dict(steps) for target, steps in totals.items()}


def _deletions(pending: Iterable[PendingIncrement]) -> list[DeleteOne]:
    return [DeleteOne({"_id": one.increment_id}) for one in pending]
