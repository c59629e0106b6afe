"""The counts of a sample of tweets, or people, against the acts that there are, and their repair.

Beside living traffic: each part of the sample is judged and mended in one transaction, so that what is counted
meanwhile makes it look again.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from pymongo import UpdateOne

from datastore.counts.pending import PEOPLE, TWEETS, Ledger
from datastore.counts.recount import Counts, right_counts
from datastore.mongo.bulk import chunked
from datastore.mongo.client import Document, Mongo, away_as_unavailable

_AT_ONCE = 100
_SAMPLED: Mapping[str, Document] = {TWEETS.targets: {"retweet_of": None}, PEOPLE.targets: PEOPLE.standing}


class Drift(NamedTuple):
    """A count that was not what it should have been."""

    target: int
    counted: str
    stored: int
    right: int


class Verdict(NamedTuple):
    looked_at: int
    drifts: list[Drift]


async def repair_sample(mongo: Mongo, ledger: Ledger, size: int) -> Verdict:
    """Of so many tweets, or people, taken by chance; what was wrong is right afterwards."""
    sample: list[Document] = [
        {"$match": _SAMPLED[ledger.targets]},
        {"$sample": {"size": size}},
        {"$project": {"_id": 1}},
    ]
    with away_as_unavailable():
        ids = [int(row["_id"]) for row in await mongo.aggregate(ledger.targets, sample)]
        drifts: list[Drift] = []
        for some in chunked(ids, _AT_ONCE):
            drifts += await mongo.in_transaction(partial(_repair, mongo, ledger, some))
    return Verdict(len(ids), drifts)


async def _repair(mongo: Mongo, ledger: Ledger, ids: Sequence[int], session: Any) -> list[Drift]:
    targets = mongo.collection(ledger.targets)
    found = targets.find({"_id": {"$in": list(ids)}}, {"counts": 1, "score": 1}, session=session)
    rows = {row["_id"]: row async for row in found}
    right = await right_counts(mongo, session, ledger, list(rows))
    drifts, updates = list[Drift](), list[UpdateOne]()
    for one, row in rows.items():
        wrong = _wrong(row, right[one])
        drifts += wrong
        fields = _fields(ledger, right[one])
        if wrong or row.get("score") != fields.get("score"):
            updates.append(UpdateOne({"_id": one}, {"$set": fields}))
    if updates:
        await targets.bulk_write(updates, ordered=False, session=session)
    return drifts


def _fields(ledger: Ledger, counts: Counts) -> Document:
    if not ledger.scores:
        return {"counts": counts}
    return {"counts": counts, "score": sum(ledger.scores[counted] * number for counted, number in counts.items())}


def _wrong(row: Mapping[str, Any], counts: Counts) -> list[Drift]:
    stored = row.get("counts", {})
    return [
        Drift(row["_id"], counted, stored.get(counted, 0), number)
        for counted, number in counts.items()
        if stored.get(counted, 0) != number
    ]
