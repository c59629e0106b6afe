"""Acts of suspended people: counts leave them out, and take them in again once the suspension ends.

An act that is left out says so in its document: `by_suspended` where the person did it, `of_suspended` in a follow of
the person. An act that was left out before it was counted loses its pending increments (datastore/mongo/acts.py).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from core.ids import UserId
from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS, CounterSpec
from datastore.counts.left_out import BY_SUSPENDED, OF_SUSPENDED
from datastore.moderation.tweets import REMOVED
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.records.users import SUSPENDED

_AT_ONCE: Final = 500


class _Acts(NamedTuple):
    """Acts of one collection by the user in `end`; `counted`: fields with the targets, and what of them counts."""

    collection: str
    end: str
    mark: str
    spec: CounterSpec
    counted: Sequence[tuple[str, str]]


_KINDS: Final = (
    _Acts("likes", "user", BY_SUSPENDED, TWEET_COUNTERS, [("target", "likes")]),
    _Acts(
        "tweets",
        "author",
        BY_SUSPENDED,
        TWEET_COUNTERS,
        [("retweet_of", "retweets"), ("reply_to", "replies"), ("quoted", "quotes")],
    ),
    _Acts("follows", "follower", BY_SUSPENDED, USER_COUNTERS, [("followee", "followers")]),
    _Acts("follows", "followee", OF_SUSPENDED, USER_COUNTERS, [("follower", "following")]),
)


class Recounted(NamedTuple):
    """Targets whose counts have pending increments then, to be named to the counters of `spec`."""

    spec: CounterSpec
    targets: Sequence[int]


class LeftOutActs:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self._users = mongo, mongo.collection("users")

    async def follow_standing(self, user_id: UserId, *, is_suspended: bool) -> AsyncIterator[Recounted]:
        """Leaves the user's acts out of counts, or takes them in, some hundred in a transaction; repeatable.

        Stops where the user's standing is another one by then.
        """
        for kind in _KINDS:
            after: int | None = 0
            while after is not None:
                with away_as_unavailable():
                    after, targets = await self._some(kind, user_id, after, is_suspended=is_suspended)
                if targets:
                    yield Recounted(kind.spec, targets)

    async def _some(
        self, kind: _Acts, user_id: UserId, after: int, *, is_suspended: bool
    ) -> tuple[int | None, list[int]]:
        """The last act that was changed, None if there is none beyond it, and the targets."""

        async def act(session: Any) -> tuple[int | None, list[int]]:
            if not await self._holds(session, user_id, is_suspended=is_suspended):
                return None, []
            query = {kind.end: user_id, "_id": {"$gt": after}, kind.mark: {"$exists": not is_suspended}}
            acts = self._mongo.collection(kind.collection).find(query, session=session)
            rows = [row async for row in acts.sort("_id", 1).limit(_AT_ONCE)]
            steps = [step for row in rows for step in _steps(kind, row, is_suspended=is_suspended)]
            await self._write(session, kind, rows, steps, is_suspended=is_suspended)
            is_last = len(rows) < _AT_ONCE
            return None if is_last else rows[-1]["_id"], list({step["target"] for step in steps})

        found: tuple[int | None, list[int]] = await self._mongo.in_transaction(act, changing=(user_id,))
        return found

    async def _holds(self, session: Any, user_id: UserId, *, is_suspended: bool) -> bool:
        """Whether that is the user's standing; no decision about them can be made before this transaction ends."""
        which = {"_id": user_id, SUSPENDED: {"$exists": is_suspended}}
        result = await self._users.update_one(which, {"$inc": {"standing_passes": 1}}, session=session)
        return bool(result.matched_count)

    async def _write(
        self, session: Any, kind: _Acts, rows: Sequence[Document], steps: Sequence[Document], *, is_suspended: bool
    ) -> None:
        if not rows:
            return
        which = {kind.end: rows[0][kind.end], "_id": {"$in": [row["_id"] for row in rows]}}
        whats = [what for _, what in kind.counted]
        change: Document = {"$unset": {kind.mark: 1}}
        if is_suspended:
            change = {"$set": {kind.mark: True}, "$pull": {kind.spec.field: {"what": {"$in": whats}}}}
        await self._mongo.collection(kind.collection).update_many(which, change, session=session)
        if steps:
            await self._mongo.collection(kind.spec.increments).insert_many(steps, session=session)


def _steps(kind: _Acts, row: Mapping[str, Any], *, is_suspended: bool) -> list[Document]:
    """Increments of what was counted of the act, or counts from now on. A removed tweet counts in neither case."""
    if REMOVED in row:
        return []
    waiting = {(one["of"], one["what"]) for one in row.get(kind.spec.field, ())}
    return [
        {"target": row[field], "counted": what, "step": -1 if is_suspended else 1}
        for field, what in kind.counted
        if row.get(field) is not None and (row[field], what) not in waiting
    ]
