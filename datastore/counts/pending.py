"""What is on its way to counts of tweets and people: one document for each change, written by the act's transaction.

A change is deleted by the transaction that adds it to its target, so that it is counted once however often it is tried.
Redis only says which targets to look at; without it the oldest changes tell.
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
# By which replies are sorted: likes + 2 x retweets + 3 x replies.
SCORES: Mapping[str, int] = {"likes": 1, "retweets": 2, "quotes": 0, "replies": 3}
_AT_ONCE = 5_000
_CAP = ("MAXLEN", "~", 1_000_000)
_log = structlog.get_logger()


class Ledger(NamedTuple):
    """Where changes wait, whose counts they are of, and by which queues workers are told.

    `scores`: what a change adds to the `score` of its target. What is not `standing` is gone.
    """

    changes: str
    targets: str
    queue: str
    scores: Mapping[str, int]
    standing: Document

    @property
    def queues(self) -> tuple[str, ...]:
        """Changes of one target go through one of them."""
        return tuple(f"{self.queue}-{number}" for number in range(PARTITIONS))

    @property
    def on_its_way(self) -> Document:
        """A $lookup by `_id`, to be read in a snapshot: a change is there or in its target's counts, never in both."""
        return {
            "from": self.changes,
            "localField": "_id",
            "foreignField": "target",
            "pipeline": [{"$group": {"_id": "$counted", "step": {"$sum": "$step"}}}],
            "as": "on_its_way",
        }


TWEETS = Ledger("count_changes", "tweets", "counters", SCORES, {})
PEOPLE = Ledger("people_changes", "users", "people-counters", {}, NOT_DELETED)
LEDGERS = (TWEETS, PEOPLE)


class GoneTargetsError(Exception):
    """Some of the targets are gone; nothing was counted."""


class Change(NamedTuple):
    change_id: ObjectId
    target: int
    counted: str
    step: int


class CountStore:
    """Of one ledger."""

    def __init__(self, mongo: Mongo, redis: Redis, jobs: Redis, ledger: Ledger) -> None:
        self._mongo, self._redis, self._jobs = mongo, redis, jobs
        self._changes = mongo.collection(ledger.changes)
        self._targets = mongo.collection(ledger.targets)
        self.ledger = ledger

    async def add(self, session: Any, target: int, counted: str, step: int) -> None:
        """Within the transaction of the act; `announce` after it."""
        await self._changes.insert_one({"target": target, "counted": counted, "step": step}, session=session)

    async def announce(self, *targets: int) -> None:
        """Tells the workers. Redis being away loses nothing: `overdue` finds what was not told."""
        told = [("XADD", keys.jobs(self._queue_of(one)), *_CAP, "*", b"job", str(one)) for one in targets]
        try:
            with failures_as_unavailable():
                await send_all(self._jobs, told)
        except UnavailableError as error:
            _log.warning("changes of counts not told", error=repr(error))

    async def apply(self, targets: Sequence[int]) -> int:
        """Adds what is on its way to these targets; how many changes. Raises GoneTargetsError where one is gone."""

        async def apply(session: Any) -> int:
            changes = await self._of(targets, session)
            if not changes:
                return 0
            await self._changes.bulk_write(_deletions(changes), ordered=False, session=session)
            steps_of = sums(changes, self.ledger.scores)
            updates = [
                UpdateOne({"_id": one, **self.ledger.standing}, {"$inc": steps}) for one, steps in steps_of.items()
            ]
            result = await self._targets.bulk_write(updates, ordered=False, session=session)
            if result.matched_count < len(updates):
                raise GoneTargetsError
            return len(changes)

        applied, last = 0, _AT_ONCE
        while last == _AT_ONCE:
            with away_as_unavailable():
                last = await self._mongo.in_transaction(apply, changing=targets)
            applied += last
        return applied

    async def gone_among(self, targets: Sequence[int]) -> list[int]:
        """Those that are gone."""
        with away_as_unavailable():
            found = self._targets.find({"_id": {"$in": list(targets)}, **self.ledger.standing}, {"_id": 1})
            standing = {row["_id"] async for row in found}
        return [one for one in targets if one not in standing]

    async def waiting_for(self, target: int) -> list[Change]:
        """Some thousand changes of one target."""
        with away_as_unavailable():
            return await self._of([target], None)

    async def drop(self, changes: Sequence[Change]) -> None:
        """There is nothing any more that they could be added to."""
        with away_as_unavailable():
            await self._changes.delete_many({"_id": {"$in": [change.change_id for change in changes]}})

    async def overdue(self, age: timedelta, limit: int) -> list[int]:
        """Targets with changes that are older, by whole seconds; the oldest change first."""
        query = {"_id": {"$lt": ObjectId.from_datetime(utc_now() - age)}}
        with away_as_unavailable():
            found = self._changes.find(query, {"target": 1}).sort("_id", 1).limit(limit)
            return list(dict.fromkeys([row["target"] async for row in found]))

    async def is_empty(self) -> bool:
        """Whether nothing is on its way."""
        with away_as_unavailable():
            return await self._changes.find_one({}, {"_id": 1}) is None

    async def take_turns(self, targets: Sequence[int], for_ms: int) -> list[int]:
        """Those that nobody has taken within `for_ms`."""
        taken = [("SET", keys.counting(self.ledger.queue, one), b"1", "NX", "PX", for_ms) for one in targets]
        with failures_as_unavailable():
            answers = await send_all(self._redis, taken) if taken else []
        return [one for one, answer in zip(targets, answers, strict=True) if answer]

    async def _of(self, targets: Sequence[int], session: Any) -> list[Change]:
        found = self._changes.find({"target": {"$in": list(targets)}}, session=session).limit(_AT_ONCE)
        return [Change(row["_id"], row["target"], row["counted"], row["step"]) async for row in found]

    def _queue_of(self, target: int) -> str:
        return self.ledger.queues[keys.bucket(target) % PARTITIONS]


def with_changes(counts: Mapping[str, int], on_its_way: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Counts as they are stored, with what a `Ledger.on_its_way` of the same snapshot found."""
    totals = Counter(counts)
    for change in on_its_way:
        totals[change["_id"]] += change["step"]
    return dict(totals)


def sums(changes: Iterable[Change], scores: Mapping[str, int]) -> dict[int, dict[str, int]]:
    """What is to be added to the fields of each target, its score too."""
    totals = dict[int, Counter[str]]()
    for change in changes:
        steps = totals.setdefault(change.target, Counter())
        steps[f"counts.{change.counted}"] += change.step
        if change.counted in scores:
            steps["score"] += scores[change.counted] * change.step
    return {target: dict(steps) for target, steps in totals.items()}


def _deletions(changes: Iterable[Change]) -> list[DeleteOne]:
    return [DeleteOne({"_id": change.change_id}) for change in changes]
