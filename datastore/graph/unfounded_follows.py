"""Follows that a block, or an earlier protection, forbids: written beside it, they are found when they are counted."""

from collections.abc import Sequence
from typing import Any, Final

from datastore.jobs.jobs import Merge
from datastore.mongo.client import Mongo

_ENDS: Final = {"follower": 1, "followee": 1}


class UnfoundedFollowsError(Exception):
    """`follows` stand beside a block or a protection; nothing was counted."""

    def __init__(self, follows: Sequence[Merge]) -> None:
        super().__init__(follows)
        self.follows = follows


async def unfounded_among(mongo: Mongo, act_ids: Sequence[int], session: Any) -> list[Merge]:
    """The subset of these follows that stands beside a block or a protection."""
    follows, users = mongo.collection("follows"), mongo.collection("users")
    rows = [row async for row in follows.find({"_id": {"$in": list(act_ids)}}, _ENDS, session=session)]
    if not rows:
        return []
    query = {"_id": {"$in": [row["followee"] for row in rows]}, "protected_by": {"$gt": 0}}
    protected = users.find(query, {"protected_by": 1}, session=session)
    protected_by = {row["_id"]: row["protected_by"] async for row in protected}
    everybody = {"$in": list({row[end] for row in rows for end in _ENDS})}
    blocks = mongo.collection("blocks").find({"user": everybody, "target": everybody}, session=session)
    pairs = {frozenset((row["user"], row["target"])) async for row in blocks}
    return [
        Merge(row["_id"], row["follower"], row["followee"])
        for row in rows
        if frozenset((row["follower"], row["followee"])) in pairs
        or row["_id"] > protected_by.get(row["followee"], row["_id"])
    ]
