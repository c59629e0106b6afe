"""Follows: one edge for each pair, its `_id` the snowflake of the act, so lists run newest act first."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, NamedTuple

from pymongo.errors import DuplicateKeyError

from core.ids import UserId
from datastore.counts.pending import CountStore
from datastore.jobs.jobs import ActKind, Merge, Notify, Unmerge
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.existence import ensure_not_blocked, ensure_user_exists, lock_existing_user


class FollowEdge(NamedTuple):
    """`act_id` is the position in a list; `user_id` is the end that the list shows."""

    act_id: int
    user_id: UserId


class FollowStore:
    """Edges and the counts of both users, changed in one transaction.

    A follow locks the follower's account but not the followee's, so that thousands can follow one account at once. The
    follower's count is therefore changed by the act itself; the followee's by a pending increment, as for likes.
    """

    def __init__(self, mongo: Mongo, outbox: Outbox, counts: CountStore) -> None:
        self._mongo, self._outbox, self._pending_counts = mongo, outbox, counts
        self._follows = mongo.collection("follows")
        self._users = mongo.collection("users")

    async def insert(self, act: Merge) -> bool:
        """False if it existed. Raises GoneError if the followee is protected, or one of the two is gone, or blocks."""

        async def follow(session: Any) -> None:
            await self.insert_within(session, act, is_protected=False)
            await self._outbox.add(session, follow_notice(act))

        with away_as_unavailable():
            try:
                await self._mongo.in_transaction(follow, changing=(act.follower_id,))
            except DuplicateKeyError:
                return False
        await self.enqueue_counts(act.followee_id)
        return True

    async def delete(self, act: Unmerge) -> Notify | None:
        """Returns the job that removes the notification; None if there was no such edge."""
        with away_as_unavailable():
            notice = await self._mongo.in_transaction(
                lambda session: self.delete_within(session, act), changing=(act.follower_id,)
            )
        if notice is not None:
            await self.enqueue_counts(act.followee_id)
        return notice

    async def enqueue_counts(self, *followees: UserId) -> None:
        """Call after a transaction with `insert_within` or `delete_within`."""
        await self._pending_counts.enqueue(*followees)

    async def followees(self, user_id: UserId) -> list[UserId]:
        """All followees, unordered."""
        with away_as_unavailable():
            found = self._follows.find({"follower": user_id}, {"followee": 1, "_id": 0})
            return [UserId(row["followee"]) async for row in found]

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

    async def insert_within(self, session: Any, act: Merge, **state: bool) -> None:
        """Like `insert` within a larger transaction, without notification. A second edge raises DuplicateKeyError.

        Raises GoneError unless the followee exists and its fields equal `state`, for example `is_protected=False`.
        """
        await lock_existing_user(self._mongo, session, act.follower_id, act.act_id)
        await ensure_not_blocked(self._mongo, session, *_both(act))
        row = {"_id": act.act_id, "follower": act.follower_id, "followee": act.followee_id}
        await self._follows.insert_one(
            row, session=session
        )  # before the check of protection: an existing follow needs no request
        await ensure_user_exists(self._mongo, session, act.followee_id, **state)
        await self._count(session, act, 1)
        await self._outbox.add(session, act)

    async def delete_within(self, session: Any, act: Unmerge) -> Notify | None:
        """Like `delete`, within a larger transaction."""
        edge = {"follower": act.follower_id, "followee": act.followee_id}
        row = await self._follows.find_one_and_delete(edge, {"_id": 1}, session=session)
        if row is None:
            return None
        notice = Notify(row["_id"], ActKind.FOLLOW, act.follower_id, act.followee_id, is_undone=True)
        await self._count(session, act, -1)
        await self._outbox.add(session, act)
        await self._outbox.add(session, notice)
        return notice

    async def _count(self, session: Any, act: Merge | Unmerge, step: int) -> None:
        follower = {"_id": act.follower_id}
        await self._users.update_one(follower, {"$inc": {"counts.following": step}}, session=session)
        await self._pending_counts.add(session, act.followee_id, "followers", step)


def follow_notice(act: Merge) -> Notify:
    """The job that notifies the followee."""
    return Notify(act.act_id, ActKind.FOLLOW, act.follower_id, act.followee_id)


def _both(act: Merge | Unmerge) -> tuple[UserId, UserId]:
    return act.follower_id, act.followee_id


def _older(before: int | None) -> dict[str, int]:
    return {} if before is None else {"$lt": before}
