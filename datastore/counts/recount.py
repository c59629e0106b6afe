"""Counts of tweets and users, counted anew from the stored acts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from pymongo import UpdateOne

from core.ids import UserId
from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS, CounterSpec, pending_increments
from datastore.counts.left_out import NOT_BY_SUSPENDED, NOT_OF_SUSPENDED
from datastore.mongo.client import Document, Mongo, away_as_unavailable

Counts: TypeAlias = dict[str, int]


class _Acts(NamedTuple):
    """Collection of one kind of act, and its field with the id of the counted target."""

    collection: str
    field: str
    only: Mapping[str, Any] = {}


# Tweets that moderators removed count nowhere.
_SEEN: Mapping[str, Any] = {"removed": {"$exists": False}}
_ACTS: Mapping[str, Mapping[str, _Acts]] = {
    TWEET_COUNTERS.targets: {
        "likes": _Acts("likes", "target", NOT_BY_SUSPENDED),
        "retweets": _Acts("tweets", "retweet_of", NOT_BY_SUSPENDED),
        "quotes": _Acts("tweets", "quoted", {**_SEEN, **NOT_BY_SUSPENDED}),
        "replies": _Acts("tweets", "reply_to", {**_SEEN, **NOT_BY_SUSPENDED}),
    },
    USER_COUNTERS.targets: {
        "followers": _Acts("follows", "followee", NOT_BY_SUSPENDED),
        "following": _Acts("follows", "follower", NOT_OF_SUSPENDED),
        "tweets": _Acts("tweets", "author", {"retweet_of": None, **_SEEN}),
    },
}


async def recount(mongo: Mongo, user_ids: Sequence[UserId]) -> None:
    """Sets followers, following and tweets of some hundred users to the acts in one snapshot of the database.

    Exact under live traffic: if another transaction counts one of them meanwhile, one of the two is retried.
    """

    async def act(session: Any) -> None:
        right = await right_counts(mongo, session, USER_COUNTERS, user_ids)
        updates = [
            UpdateOne({"_id": user_id}, {"$set": {f"counts.{name}": number for name, number in right[user_id].items()}})
            for user_id in sorted(user_ids)
        ]
        await mongo.collection(USER_COUNTERS.targets).bulk_write(updates, ordered=False, session=session)

    with away_as_unavailable():
        await mongo.in_transaction(act)


async def right_counts(mongo: Mongo, session: Any, spec: CounterSpec, ids: Sequence[int]) -> dict[int, Counts]:
    """Correct stored counts of each id: the acts in this snapshot minus the increments still pending."""
    acts = {counted: await _grouped(mongo, session, acts, ids) for counted, acts in _ACTS[spec.targets].items()}
    pending = Counter[tuple[int, str]]()
    for one in await pending_increments(mongo, spec, ids, session):
        pending[one.target, one.counted] += one.step
    return {
        one: {counted: number.get(one, 0) - pending[one, counted] for counted, number in acts.items()} for one in ids
    }


async def _grouped(mongo: Mongo, session: Any, acts: _Acts, ids: Sequence[int]) -> dict[int, int]:
    """Number of acts for each id; ids without any are missing."""
    pipeline: list[Document] = [
        {"$match": {acts.field: {"$in": list(ids)}, **acts.only}},
        {"$group": {"_id": f"${acts.field}", "count": {"$sum": 1}}},
    ]
    rows = await mongo.aggregate(acts.collection, pipeline, session=session)
    return {row["_id"]: row["count"] for row in rows}
