"""The counts of tweets and of people, counted anew from what there is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from pymongo import UpdateOne

from core.ids import UserId
from datastore.counts.pending import PEOPLE, TWEETS, Ledger
from datastore.mongo.client import Document, Mongo, away_as_unavailable

Counts: TypeAlias = dict[str, int]


class _Acts(NamedTuple):
    """Where acts of one kind lie, and by which field they name what they are counted of."""

    collection: str
    field: str
    only: Mapping[str, Any] = {}


_ACTS: Mapping[str, Mapping[str, _Acts]] = {
    TWEETS.targets: {
        "likes": _Acts("likes", "target"),
        "retweets": _Acts("tweets", "retweet_of"),
        "quotes": _Acts("tweets", "quoted"),
        "replies": _Acts("tweets", "reply_to"),
    },
    PEOPLE.targets: {
        "followers": _Acts("follows", "followee"),
        "following": _Acts("follows", "follower"),
        "tweets": _Acts("tweets", "author", {"retweet_of": None}),
    },
}


async def recount(mongo: Mongo, user_ids: Sequence[UserId]) -> None:
    """Sets followers, following and tweets of some hundred people to what one snapshot of the database holds.

    Exact beside living traffic: where another transaction counts one of them meanwhile, one of the two begins again.
    """

    async def act(session: Any) -> None:
        right = await right_counts(mongo, session, PEOPLE, user_ids)
        updates = [
            UpdateOne({"_id": user_id}, {"$set": {f"counts.{name}": number for name, number in right[user_id].items()}})
            for user_id in sorted(user_ids)
        ]
        await mongo.collection(PEOPLE.targets).bulk_write(updates, ordered=False, session=session)

    with away_as_unavailable():
        await mongo.in_transaction(act)


async def right_counts(mongo: Mongo, session: Any, ledger: Ledger, ids: Sequence[int]) -> dict[int, Counts]:
    """What should be stored of each: the acts that there are in this snapshot, less what is still on its way."""
    acts = {counted: await _grouped(mongo, session, acts, ids) for counted, acts in _ACTS[ledger.targets].items()}
    waiting = Counter[tuple[int, str]]()
    async for row in mongo.collection(ledger.changes).find({"target": {"$in": list(ids)}}, session=session):
        waiting[row["target"], row["counted"]] += row["step"]
    return {
        one: {counted: number.get(one, 0) - waiting[one, counted] for counted, number in acts.items()} for one in ids
    }


async def _grouped(mongo: Mongo, session: Any, acts: _Acts, ids: Sequence[int]) -> dict[int, int]:
    """How many there are for each of the ids."""
    pipeline: list[Document] = [
        {"$match": {acts.field: {"$in": list(ids)}, **acts.only}},
        {"$group": {"_id": f"${acts.field}", "count": {"$sum": 1}}},
    ]
    rows = await mongo.aggregate(acts.collection, pipeline, session=session)
    return {row["_id"]: row["count"] for row in rows}
