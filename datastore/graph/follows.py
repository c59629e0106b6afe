"""Follows: one edge for each pair, its `_id` the snowflake of the act, so lists run newest act first."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, NamedTuple

from core.ids import UserId
from datastore.counts.increments import USER_COUNTERS, PendingIncrement, increment
from datastore.counts.left_out import BY_SUSPENDED, OF_SUSPENDED
from datastore.counts.pending import CountStore
from datastore.counts.undo_batch import Undo, UndoBatch
from datastore.graph.follow_counts import LEFT_OUT_BY, counts_of_follow, undo_of_follow
from datastore.graph.follow_notices import unfollow_notice
from datastore.graph.unfounded_follows import UnfoundedFollowsError, unfounded_among
from datastore.jobs.jobs import Merge, Notify, Unmerge
from datastore.jobs.outbox import Outbox
from datastore.mongo.acts import UNDONE
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import ensure_not_blocked, ensure_user_exists, lock_existing_user
from datastore.mongo.insert_batch import InsertBatch
from datastore.records.users import SUSPENDED


class FollowEdge(NamedTuple):
    """`act_id` is the position in a list; `user_id` is the end that the list shows."""

    act_id: int
    user_id: UserId


class FollowStore:
    """Edges whose documents are their own outbox (datastore/mongo/acts.py).

    A follow that was written beside a block, a protection or the end of an account is found, and taken back, by the
    worker that counts it: see `check_founded`.
    """

    def __init__(self, mongo: Mongo, outbox: Outbox, counts: CountStore) -> None:
        self._mongo, self._outbox, self._pending_counts = mongo, outbox, counts
        self._follows, self._undone = mongo.collection("follows"), mongo.collection(UNDONE)
        self._users = mongo.collection("users")
        self._inserts = InsertBatch(self._follows)
        self._undos = UndoBatch(
            mongo, "follows", ("follower", "followee"), lambda *undone: {UNDONE: undo_of_follow(*undone)}
        )

    async def insert(self, act: Merge) -> bool:
        """False if it existed."""
        row = {
            "_id": act.act_id,
            "follower": act.follower_id,
            "followee": act.followee_id,
            USER_COUNTERS.field: [
                increment(of, what) for of, what in counts_of_follow(act.follower_id, act.followee_id)
            ],
            "untold": act.act_id,
            "unmerged": [act.act_id],
            "reader": act.follower_id,
        }
        is_new = await self._inserts(row)
        if is_new:
            await self.enqueue_counts(*_both(act))
        return is_new

    async def delete(self, act: Unmerge) -> int | None:
        """An id above those of follow and undoing; None if there was no such edge."""
        undone = await self._undos(Undo(act.act_id, act.follower_id, act.followee_id))
        if undone is None:
            return None
        await self.enqueue_counts(*_both(act))
        return undone.last_id

    async def enqueue_counts(self, *user_ids: UserId) -> None:
        """Call after a transaction with `insert_within` or `delete_within`."""
        await self._pending_counts.enqueue(*user_ids)

    async def check_founded(self, pending: Sequence[PendingIncrement], session: Any) -> None:
        """Raises UnfoundedFollowsError for follows that a block, or an earlier protection, forbids.

        To be called in the transaction that counts them: like block and protection it changes one of the two users.
        """
        act_ids = [one.act_id for one in pending if one.collection == "follows"]
        if act_ids and (unfounded := await unfounded_among(self._mongo, act_ids, session)):
            raise UnfoundedFollowsError(unfounded)

    async def followees(self, user_id: UserId) -> list[UserId]:
        """All followees, unordered; read as one document."""
        pipeline: list[Document] = [
            {"$match": {"follower": user_id}},
            {"$group": {"_id": None, "followees": {"$push": "$followee"}}},
        ]
        with away_as_unavailable():
            found = await self._mongo.aggregate("follows", pipeline)
        followees: list[UserId] = found[0]["followees"] if found else []
        return followees

    async def follower_pages(self, user_id: UserId, size: int) -> AsyncGenerator[list[UserId], None]:
        """Pages of all followers at the time of the first page, oldest edge first; a short page is the last."""
        after, is_full = 0, True
        while is_full and (pages := await self._follower_page(user_id, after, size)):
            (page,) = pages
            after, is_full = page["last"], len(page["followers"]) == size
            yield page["followers"]

    async def followers(self, user_id: UserId, before: int | None, limit: int) -> list[FollowEdge]:
        """Newest edge first, older than `before`."""
        return await self._page("followee", user_id, _older(before), -1, limit, "follower")

    async def following(self, user_id: UserId, before: int | None, limit: int) -> list[FollowEdge]:
        """Newest edge first, older than `before`."""
        return await self._page("follower", user_id, _older(before), -1, limit, "followee")

    async def known_followers(
        self, user_id: UserId, among: Sequence[UserId], before: int | None, limit: int
    ) -> list[FollowEdge]:
        """Followers that are `among` the given users, newest edge first, older than `before`."""
        query = {"follower": {"$in": list(among)}, "followee": user_id, **({"_id": _older(before)} if before else {})}
        with away_as_unavailable():
            found = self._follows.find(query, {"follower": 1}).sort("_id", -1).limit(limit)
            return [FollowEdge(row["_id"], UserId(row["follower"])) async for row in found]

    async def followed_by_most(
        self, users: Sequence[UserId], without: Sequence[UserId], limit: int
    ) -> list[tuple[UserId, int]]:
        """Accounts that most of `users` follow, with the number that do; highest number first, then lowest id."""
        pipeline: list[Document] = [
            {"$match": {"follower": {"$in": list(users)}}},
            {"$group": {"_id": "$followee", "mutuals": {"$sum": 1}}},
            {"$match": {"_id": {"$nin": list(without)}}},
            {"$sort": {"mutuals": -1, "_id": 1}},
            {"$limit": limit},
        ]
        with away_as_unavailable():
            rows = await self._mongo.aggregate("follows", pipeline)
        return [(UserId(row["_id"]), row["mutuals"]) for row in rows]

    async def followers_of(self, user_ids: Sequence[UserId]) -> set[UserId]:
        """Users who follow at least one of `user_ids`."""
        pipeline: list[Document] = [
            {"$match": {"followee": {"$in": list(user_ids)}}},
            {"$group": {"_id": "$follower"}},
        ]
        with away_as_unavailable():
            return {UserId(row["_id"]) for row in await self._mongo.aggregate("follows", pipeline)}

    async def followed_among(self, follower: UserId, others: Sequence[UserId]) -> set[UserId]:
        """The subset of `others` that `follower` follows."""
        return await self._among("follower", follower, "followee", others)

    async def asked_and_followed_among(
        self, follower: UserId, others: Sequence[UserId]
    ) -> tuple[set[UserId], set[UserId]]:
        """The subsets of `others` whom `follower` has asked, and whom they follow.

        Requests are read first: accepting turns one into a follow, so that it is found either way.
        """
        among = {"$in": list(others)}
        followed: list[Document] = [
            {"$match": {"follower": follower, "followee": among}},
            {"$project": {"_id": 0, "followed": "$followee"}},
        ]
        pipeline: list[Document] = [
            {"$match": {"user": follower, "target": among}},
            {"$project": {"_id": 0, "asked": "$target"}},
            {"$unionWith": {"coll": "follows", "pipeline": followed}},
        ]
        with away_as_unavailable():
            rows = await self._mongo.aggregate("follow_requests", pipeline)
        asked, following = ({UserId(row[kind]) for row in rows if kind in row} for kind in ("asked", "followed"))
        return asked, following

    async def followers_among(self, followee: UserId, others: Sequence[UserId]) -> set[UserId]:
        """The subset of `others` that follows `followee`."""
        return await self._among("followee", followee, "follower", others)

    async def _follower_page(self, user_id: UserId, after: int, size: int) -> list[Document]:
        """One result document for the page: a fan-out takes an eighth of the CPU time of one document for each edge."""
        pipeline: list[Document] = [
            {"$match": {"followee": user_id, "_id": {"$gt": after}}},
            {"$sort": {"_id": 1}},
            {"$limit": size},
            {"$group": {"_id": None, "last": {"$last": "$_id"}, "followers": {"$push": "$follower"}}},
        ]
        with away_as_unavailable():
            return await self._mongo.aggregate("follows", pipeline)

    async def _among(self, one: str, user_id: UserId, other: str, others: Sequence[UserId]) -> set[UserId]:
        with away_as_unavailable():
            found = self._follows.find({one: user_id, other: {"$in": list(others)}}, {other: 1, "_id": 0})
            return {UserId(row[other]) async for row in found}

    async def _page(
        self, one: str, user_id: UserId, place: dict[str, int], order: int, limit: int, other: str
    ) -> list[FollowEdge]:
        query: dict[str, Any] = {one: user_id, "_id": place} if place else {one: user_id}
        with away_as_unavailable():
            found = self._follows.find(query, {other: 1}).sort("_id", order).limit(limit)
            return [FollowEdge(row["_id"], UserId(row[other])) async for row in found]

    async def insert_within(self, session: Any, act: Merge) -> None:
        """Like `insert`, within the transaction that accepts a request.

        Raises DuplicateKeyError for a second edge, GoneError unless both users exist and neither blocks the other.
        """
        await lock_existing_user(self._mongo, session, act.follower_id, act.act_id)
        await ensure_not_blocked(self._mongo, session, *_both(act))
        marks = await self._marks_of(session, act)
        ends = {"follower": act.follower_id, "followee": act.followee_id}
        row = {"_id": act.act_id, **ends, "untold": act.act_id, "is_accepted": True}
        await self._follows.insert_one(row | dict.fromkeys(marks, True), session=session)
        await ensure_user_exists(self._mongo, session, act.followee_id)
        for of, what in counts_of_follow(*_both(act)):
            if LEFT_OUT_BY[what] not in marks:
                await self._pending_counts.add(session, of, what, 1)
        await self._outbox.add(session, act)

    async def _marks_of(self, session: Any, act: Merge) -> list[str]:
        """The marks of a follow by or of somebody who is suspended: see datastore/moderation/left_out_acts.py."""
        query = {"_id": {"$in": list(_both(act))}, SUSPENDED: {"$gt": 0}}
        suspended = {row["_id"] async for row in self._users.find(query, {"_id": 1}, session=session)}
        ends = ((act.follower_id, BY_SUSPENDED), (act.followee_id, OF_SUSPENDED))
        return [mark for user_id, mark in ends if user_id in suspended]

    async def delete_within(self, session: Any, act: Unmerge) -> Notify | None:
        """Like `delete`, within a larger transaction. Returns the job that removes the notification."""
        edge = {"follower": act.follower_id, "followee": act.followee_id}
        row = await self._follows.find_one_and_delete(edge, session=session)
        if row is None:
            return None
        await self._undone.insert_one(undo_of_follow(row, Undo(act.act_id, *_both(act))), session=session)
        return unfollow_notice(act)


def _both(act: Merge | Unmerge) -> tuple[UserId, UserId]:
    return act.follower_id, act.followee_id


def _older(before: int | None) -> dict[str, int]:
    return {} if before is None else {"$lt": before}
