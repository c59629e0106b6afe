"""The counts of a sample of tweets against the acts that there are, and their repair. Beside living traffic: each part
of the sample is judged and mended in one transaction, so that what is on its way meanwhile makes it look again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from pymongo import UpdateOne

from core.ids import TweetId
from datastore.bulk import chunked
from datastore.counting import CHANGES, SCORES
from datastore.mongo import Document, Mongo, away_as_unavailable

_AT_ONCE = 100
# Where an act of each kind lies, and by which field it names its tweet.
_ACTS = {
    "likes": ("likes", "target"),
    "retweets": ("tweets", "retweet_of"),
    "quotes": ("tweets", "quoted"),
    "replies": ("tweets", "reply_to"),
}


class Drift(NamedTuple):
    """A count that was not what it should have been."""

    tweet_id: TweetId
    counted: str
    stored: int
    right: int


class Verdict(NamedTuple):
    looked_at: int
    drifts: list[Drift]


async def repair_sample(mongo: Mongo, size: int) -> Verdict:
    """Of so many tweets taken by chance; what was wrong is right afterwards."""
    sample: list[Document] = [
        {"$match": {"retweet_of": None}},
        {"$sample": {"size": size}},
        {"$project": {"_id": 1}},
    ]
    with away_as_unavailable():
        ids = [TweetId(row["_id"]) for row in await mongo.aggregate("tweets", sample)]
        drifts: list[Drift] = []
        for some in chunked(ids, _AT_ONCE):
            drifts += await mongo.in_transaction(partial(_repair, mongo, some))
    return Verdict(len(ids), drifts)


async def _repair(mongo: Mongo, ids: Sequence[TweetId], session: Any) -> list[Drift]:
    among = {"$in": list(ids)}
    found = mongo.collection("tweets").find({"_id": among}, {"counts": 1, "score": 1}, session=session)
    rows = {row["_id"]: row async for row in found}
    changes = mongo.collection(CHANGES).find({"target": among}, session=session)
    waiting = Counter[tuple[int, str]]()
    async for row in changes:
        waiting[row["target"], row["counted"]] += row["step"]
    drifts, updates = list[Drift](), list[UpdateOne]()
    right = {counted: await _acts(mongo, session, ids, counted) for counted in _ACTS}
    for tweet_id, row in rows.items():
        counts = {counted: right[counted].get(tweet_id, 0) - waiting[tweet_id, counted] for counted in _ACTS}
        wrong = _wrong(row, counts)
        drifts += wrong
        score = sum(SCORES[counted] * number for counted, number in counts.items())
        if wrong or row["score"] != score:
            updates.append(UpdateOne({"_id": tweet_id}, {"$set": {"counts": counts, "score": score}}))
    if updates:
        await mongo.collection("tweets").bulk_write(updates, ordered=False, session=session)
    return drifts


def _wrong(row: Mapping[str, Any], counts: Mapping[str, int]) -> list[Drift]:
    stored = row.get("counts", {})
    return [
        Drift(row["_id"], counted, stored.get(counted, 0), number)
        for counted, number in counts.items()
        if stored.get(counted, 0) != number
    ]


async def _acts(mongo: Mongo, session: Any, ids: Sequence[TweetId], counted: str) -> dict[int, int]:
    collection, field = _ACTS[counted]
    pipeline: list[Document] = [
        {"$match": {field: {"$in": list(ids)}}},
        {"$group": {"_id": f"${field}", "count": {"$sum": 1}}},
    ]
    return {row["_id"]: row["count"] for row in await mongo.aggregate(collection, pipeline, session=session)}
