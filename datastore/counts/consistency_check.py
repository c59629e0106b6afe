"""Consistency check: compares the counts of a sample of tweets or users with the stored acts, and repairs them.

Exact under live traffic: each part of the sample is checked and repaired in one transaction, which is retried if
something in it is counted meanwhile.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from pymongo import UpdateOne

from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS, CounterSpec
from datastore.counts.recount import Counts, right_counts
from datastore.mongo.bulk import chunked
from datastore.mongo.client import Document, Mongo, away_as_unavailable

_AT_ONCE = 100
_SAMPLED: Mapping[str, Document] = {
    TWEET_COUNTERS.targets: {"retweet_of": None},
    USER_COUNTERS.targets: USER_COUNTERS.existing,
}


class WrongCount(NamedTuple):
    """A count that differs from the acts: `stored` instead of `right`."""

    target: int
    counted: str
    stored: int
    right: int


class CheckResult(NamedTuple):
    checked: int
    wrong: list[WrongCount]


async def repair_sample(mongo: Mongo, spec: CounterSpec, size: int) -> CheckResult:
    """Checks `size` random targets, and repairs wrong counts and scores."""
    sample: list[Document] = [
        {"$match": _SAMPLED[spec.targets]},
        {"$sample": {"size": size}},
        {"$project": {"_id": 1}},
    ]
    with away_as_unavailable():
        ids = [int(row["_id"]) for row in await mongo.aggregate(spec.targets, sample)]
        wrong: list[WrongCount] = []
        for some in chunked(ids, _AT_ONCE):
            wrong += await mongo.in_transaction(partial(_repair, mongo, spec, some))
    return CheckResult(len(ids), wrong)


async def _repair(mongo: Mongo, spec: CounterSpec, ids: Sequence[int], session: Any) -> list[WrongCount]:
    targets = mongo.collection(spec.targets)
    found = targets.find({"_id": {"$in": list(ids)}}, {"counts": 1, "score": 1}, session=session)
    rows = {row["_id"]: row async for row in found}
    right = await right_counts(mongo, session, spec, list(rows))
    found_wrong, updates = list[WrongCount](), list[UpdateOne]()
    for one, row in rows.items():
        wrong = _wrong(row, right[one])
        found_wrong += wrong
        fields = _fields(spec, right[one])
        if wrong or row.get("score") != fields.get("score"):
            updates.append(UpdateOne({"_id": one}, {"$set": fields}))
    if updates:
        await targets.bulk_write(updates, ordered=False, session=session)
    return found_wrong


def _fields(spec: CounterSpec, counts: Counts) -> Document:
    if not spec.score_weights:
        return {"counts": counts}
    return {"counts": counts, "score": sum(spec.score_weights[counted] * number for counted, number in counts.items())}


def _wrong(row: Mapping[str, Any], counts: Counts) -> list[WrongCount]:
    stored = row.get("counts", {})
    return [
        WrongCount(row["_id"], counted, stored.get(counted, 0), number)
        for counted, number in counts.items()
        if stored.get(counted, 0) != number
    ]
