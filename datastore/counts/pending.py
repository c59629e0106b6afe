"""Pending increments of the counts of tweets and users: kept by the document of the act until they are added.

The transaction that adds an increment to its target also takes it off the act: two documents change together, so that
it is counted once however often it is tried. Deletions, which leave no document, insert increments of their own.
Redis queues only name the targets to process; increments whose entry was lost are found by a look at all.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from typing import Any

import structlog
from bson import ObjectId
from pymongo import UpdateOne
from redis.asyncio import Redis

from core.auth.tokens import utc_now
from core.errors import UnavailableError
from core.ids import first_id_of, wall_ms
from datastore.counts.increments import (
    CounterSpec,
    PendingIncrement,
    pending_increments,
    sum_by_target,
)
from datastore.mongo.acts import UNDONE, delete_finished
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.mongo.existence import NOT_DELETED
from datastore.redis import job_keys, keys
from datastore.redis.client import failures_as_unavailable, send_all
from datastore.redis.node.commands import raise_first
from datastore.redis.node.pipeline import CommandPipeline

_AT_ONCE = 5_000
_CAP = ("MAXLEN", "~", 1_000_000)
_log = structlog.get_logger()
Check = Callable[[Sequence["PendingIncrement"], Any], Awaitable[None]]
"""Raises in the transaction, given as second argument, where some of the increments must not be added."""


class GoneTargetsError(Exception):
    """Some of the targets are deleted; nothing was counted."""


class GoneActorsError(Exception):
    """The acts of `increments` are by users whose accounts are deleted; nothing was counted."""

    def __init__(self, increments: Sequence[PendingIncrement]) -> None:
        super().__init__(increments)
        self.increments = increments


class CountStore:
    """Counts of one CounterSpec."""

    def __init__(self, mongo: Mongo, redis: Redis, jobs: CommandPipeline, spec: CounterSpec) -> None:
        self._mongo, self._redis, self._jobs = mongo, redis, jobs
        self._increments = mongo.collection(spec.increments)
        self._acts = {name: mongo.collection(name) for name in spec.acts}
        self._targets = mongo.collection(spec.targets)
        self.spec = spec
        self._streams = [job_keys.jobs(queue) for queue in spec.queues]

    async def add(self, session: Any, target: int, counted: str, step: int) -> None:
        """Inserts an increment of a deletion within its transaction; call `enqueue` after the commit."""
        await self._increments.insert_one({"target": target, "counted": counted, "step": step}, session=session)

    async def enqueue(self, *targets: int) -> None:
        """Names targets to the workers. Nothing is lost if Redis is not reachable: `overdue_targets` finds them."""
        entries = [("XADD", self._stream_of(one), *_CAP, "*", b"job", str(one)) for one in targets]
        try:
            with failures_as_unavailable():
                raise_first(await self._jobs.submit(entries))
        except UnavailableError as error:
            _log.warning("pending counts not enqueued", error=repr(error))

    async def apply(self, targets: Sequence[int], check: Check | None = None) -> int:
        """Adds the pending increments of the targets; their number.

        Raises GoneTargetsError if a target is deleted, GoneActorsError, and what `check` raises; then adds nothing.
        """

        async def apply(session: Any) -> int:
            pending = await self._pending(targets, session)
            if not pending:
                return 0
            await self._check_actors(pending, session)
            if check is not None:
                await check(pending, session)
            await self._take_off(pending, targets, session)
            sums = sum_by_target(pending, self.spec.score_weights)
            updates = [UpdateOne({"_id": one, **self.spec.existing}, {"$inc": steps}) for one, steps in sums.items()]
            result = await self._targets.bulk_write(updates, ordered=False, session=session)
            if result.matched_count < len(updates):
                raise GoneTargetsError
            return len(pending)

        applied, last = 0, _AT_ONCE
        while last >= _AT_ONCE:
            with away_as_unavailable():
                async with self._mongo.batch_turns.over(*self._acts):
                    last = await self._mongo.in_transaction(apply, changing=targets)
            applied += last
        return applied

    async def deleted_among(self, targets: Sequence[int]) -> list[int]:
        """The subset of `targets` that is deleted."""
        with away_as_unavailable():
            found = self._targets.find({"_id": {"$in": list(targets)}, **self.spec.existing}, {"_id": 1})
            existing = {row["_id"] async for row in found}
        return [one for one in targets if one not in existing]

    async def pending_of(self, *targets: int) -> list[PendingIncrement]:
        """Some thousand pending increments of these targets."""
        with away_as_unavailable():
            return await self._pending(targets, None)

    async def drop(self, pending: Sequence[PendingIncrement]) -> None:
        """Takes off increments whose target is deleted."""
        with away_as_unavailable():
            await self._take_off(pending, [one.target for one in pending], None)

    async def overdue_targets(self, age: timedelta, limit: int) -> list[int]:
        """Targets of some increments older than `age` (to the second); each target once."""
        oldest = {"_id": {"$lt": ObjectId.from_datetime(utc_now() - age)}}
        before = first_id_of(wall_ms() - int(age.total_seconds() * 1000))
        with away_as_unavailable():
            found = self._increments.find(oldest, {"target": 1}).sort("_id", 1).limit(limit)
            overdue = [row["target"] async for row in found]
            for acts in self._acts.values():
                query = {f"{self.spec.field}.of": {"$gt": 0}, "_id": {"$lt": before}}
                rows = acts.find(query, {self.spec.field: 1}).limit(limit)
                overdue += [one["of"] async for row in rows for one in row[self.spec.field]]
        return list(dict.fromkeys(overdue))

    async def is_empty(self) -> bool:
        """Whether no increment is pending."""
        with away_as_unavailable():
            if await self._increments.find_one({}, {"_id": 1}) is not None:
                return False
            some = {f"{self.spec.field}.of": {"$gt": 0}}
            return all([await acts.find_one(some, {"_id": 1}) is None for acts in self._acts.values()])

    async def try_acquire(self, targets: Sequence[int], ttl_ms: int) -> list[int]:
        """Locks targets for `ttl_ms`; returns those that were not locked already."""
        commands = [("SET", keys.counts_written(self.spec.queue, one), b"1", "NX", "PX", ttl_ms) for one in targets]
        with failures_as_unavailable():
            answers = await send_all(self._redis, commands) if commands else []
        return [one for one, answer in zip(targets, answers, strict=True) if answer]

    async def _pending(self, targets: Sequence[int], session: Any) -> list[PendingIncrement]:
        return await pending_increments(self._mongo, self.spec, targets, session, limit=_AT_ONCE)

    async def _check_actors(self, pending: Sequence[PendingIncrement], session: Any) -> None:
        """Raises GoneActorsError: an act written beside the end of its account is not found by its deletion."""
        actors = {one.actor for one in pending if one.actor}
        existing = {0, *await self._existing_users(actors, session)} if actors else {0}
        if gone := [one for one in pending if one.actor not in existing]:
            raise GoneActorsError(gone)

    async def _existing_users(self, user_ids: Collection[int], session: Any) -> set[int]:
        query = {"_id": {"$in": list(user_ids)}, **NOT_DELETED}
        return {row["_id"] async for row in self._mongo.collection("users").find(query, {"_id": 1}, session=session)}

    async def _take_off(self, pending: Sequence[PendingIncrement], targets: Sequence[int], session: Any) -> None:
        """Off the acts; documents of undone acts are deleted once nothing is left to be done."""
        by_collection: dict[str, list[PendingIncrement]] = {}
        for one in pending:
            by_collection.setdefault(one.collection, []).append(one)
        if own := by_collection.pop(self.spec.increments, None):
            await self._increments.delete_many({"_id": {"$in": [one.act_id for one in own]}}, session=session)
        some_of = {self.spec.field: {"of": {"$in": list(targets)}}}
        for name, some in by_collection.items():
            for is_last, change in ((True, {"$unset": {self.spec.field: 1}}), (False, {"$pull": some_of})):
                if ids := [one.act_id for one in some if one.is_last is is_last]:
                    await self._acts[name].update_many({"_id": {"$in": ids}}, change, session=session)
            if name == UNDONE:
                await delete_finished(self._mongo, [one.act_id for one in some], session)

    def _stream_of(self, target: int) -> str:
        return self._streams[keys.bucket(target) % len(self._streams)]
