"""Store of viewpoints: rows of a cache, read from the follows, blocks and mutes of MongoDB."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from core.ids import UserId
from datastore.cache.pending_read import PendingRead
from datastore.cache.row_codec import RowChange
from datastore.cache.rows import RowCache
from datastore.jobs.jobs import Merge, Unmerge
from datastore.mongo.bulk import chunked
from datastore.mongo.client import Filter, Mongo, away_as_unavailable
from datastore.records.users import MODERATION, SUSPENDED
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable
from datastore.redis.node.pipeline import CommandPipeline
from datastore.users.viewpoint_records import FollowChange, Viewpoint

_TTL_SECONDS = 3_600
_FEW, _AT_ONCE = 3, 200


class ViewpointStore:
    """Read through the cache; call `invalidate` after every change of a part, or `follow_changed`."""

    def __init__(self, mongo: Mongo, pipeline: CommandPipeline) -> None:
        self._mongo = mongo
        self._rows = RowCache[UserId, Viewpoint](
            pipeline, Viewpoint, key=keys.viewpoint, load=self._load, ttl_seconds=_TTL_SECONDS
        )

    @property
    def rows(self) -> RowCache[UserId, Viewpoint]:
        """The cache of the viewpoints."""
        return self._rows

    async def get(self, user_id: UserId) -> Viewpoint:
        return (await self.get_many([user_id]))[0]

    def get_local(self, user_id: UserId, since: float) -> Viewpoint | None:
        """The viewpoint as of `since` (monotonic seconds) or later, if this process has it in memory."""
        return self._rows.local_row(user_id, since)

    async def get_many(self, user_ids: Sequence[UserId]) -> list[Viewpoint]:
        """In the order of the ids."""
        found = await self._rows.get_many(user_ids)
        return [view or Viewpoint(user_id) for user_id, view in zip(user_ids, found, strict=True)]

    def begin_read(self, user_id: UserId, since: float) -> PendingRead[UserId, Viewpoint]:
        """Begins `get`, for `resolve_reads`. A user without an account has no row."""
        return self._rows.begin_read([user_id], since)

    async def follow_changed(self, user_id: UserId, change: FollowChange, followee: UserId, act_id: int) -> None:
        """Call after a follow or an unfollow that changed something.

        The worker that finishes a follow of a fan-out-on-read author calls `invalidate`.
        """
        await self._rows.change(user_id, RowChange(change, followee, act_id))

    async def forget_follow(self, job: Merge | Unmerge) -> None:
        """Makes Redis forget the follower's viewpoint, unless it has taken the act in.

        Raises one of REDIS_FAILURES unless Redis took it.
        """
        kind = FollowChange.FOLLOWED if isinstance(job, Merge) else FollowChange.UNFOLLOWED
        await self._rows.forget_unless_changed(job.follower_id, RowChange(kind, job.followee_id, job.act_id))

    async def invalidate(self, *user_ids: UserId) -> None:
        await self._rows.invalidate(*user_ids)

    async def forget(self, user_id: UserId) -> None:
        """As `invalidate`, but raises UnavailableError unless Redis took it."""
        with failures_as_unavailable():
            await self._rows.forget(user_id)

    async def current(self, user_id: UserId) -> Viewpoint:
        """The current viewpoint, read from MongoDB."""
        with away_as_unavailable():
            followees, blocked, blockers, muted, tags, own = await asyncio.gather(
                self._ids("follows", "follower", user_id, "followee"),
                self._ids("blocks", "user", user_id, "target"),
                self._ids("blocks", "target", user_id, "user"),
                self._ids("mutes", "user", user_id, "target"),
                self._tags(user_id),
                self._mongo.collection("users").find_one({"_id": user_id}, {"muted_words": 1}),
            )
            fanout_on_read, suspended = await self._marked_among(followees)
        words = tuple((own or {}).get("muted_words", ()))
        return Viewpoint(user_id, followees - suspended, blocked, blockers, muted, words, tags, fanout_on_read)

    async def current_followees(self, user_id: UserId, author: UserId) -> tuple[frozenset[UserId], bool]:
        """All followees, and whether `author` is a fan-out-on-read author; read from MongoDB by one command."""
        on_read: list[Filter] = [{"$match": {"_id": author, "is_merged": True}}, {"$project": {"_id": 1}}]
        pipeline: list[Filter] = [
            {"$match": {"follower": user_id}},
            {"$group": {"_id": None, "followees": {"$push": "$followee"}}},
            {"$unionWith": {"coll": "users", "pipeline": on_read}},
        ]
        with away_as_unavailable():
            rows = await self._mongo.aggregate("follows", pipeline)
        followees = [UserId(one) for row in rows for one in row.get("followees", ())]
        return frozenset(followees), any("followees" not in row for row in rows)

    async def current_follows(self, user_id: UserId) -> Viewpoint:
        """Like `current` with followees, suspended ones too, and tags only, which decide what items are candidates."""
        with away_as_unavailable():
            followees, tags = await asyncio.gather(
                self._ids("follows", "follower", user_id, "followee"), self._tags(user_id)
            )
        return Viewpoint(user_id, followees, tags=tags)

    async def _ids(self, collection: str, field: str, user_id: UserId, other: str) -> frozenset[UserId]:
        found = self._mongo.collection(collection).find({field: user_id}, {other: 1, "_id": 0})
        return frozenset([UserId(row[other]) async for row in found])

    async def _tags(self, user_id: UserId) -> frozenset[str]:
        found = self._mongo.collection("tag_follows").find({"user": user_id}, {"tag": 1, "_id": 0})
        return frozenset([row["tag"] async for row in found])

    async def _marked_among(self, followees: Collection[UserId]) -> tuple[frozenset[UserId], frozenset[UserId]]:
        """The subsets of fan-out-on-read authors and of suspended users."""
        query = {"_id": {"$in": list(followees)}, "$or": [{"is_merged": True}, {SUSPENDED: {"$gt": 0}}]}
        rows = [row async for row in self._mongo.collection("users").find(query, {"is_merged": 1, SUSPENDED: 1})]
        merged, suspended = [row for row in rows if row.get("is_merged")], [row for row in rows if row.get(MODERATION)]
        return _ids_of(merged), _ids_of(suspended)

    async def _load(self, ids: Sequence[UserId]) -> dict[UserId, Viewpoint]:
        """A few are read one by one; for many, each collection is queried once for all."""
        if len(ids) <= _FEW:
            return {user_id: await self.current(user_id) for user_id in ids}
        found = [await self._current_of(list(some)) for some in chunked(ids, _AT_ONCE)]
        return {view.user_id: view for views in found for view in views}

    async def _current_of(self, ids: list[UserId]) -> list[Viewpoint]:
        with away_as_unavailable():
            followees, blocked, blockers, muted, tags, words = await asyncio.gather(
                self._grouped("follows", "follower", ids, "followee"),
                self._grouped("blocks", "user", ids, "target"),
                self._grouped("blocks", "target", ids, "user"),
                self._grouped("mutes", "user", ids, "target"),
                self._grouped("tag_follows", "user", ids, "tag"),
                self._words(ids),
            )
            everybody = frozenset(one for some in followees.values() for one in some)
            fanout_on_read, suspended = await self._marked_among(everybody)
        return [
            Viewpoint(
                one,
                frozenset(followees[one] - suspended),
                frozenset(blocked[one]),
                frozenset(blockers[one]),
                frozenset(muted[one]),
                words.get(one, ()),
                frozenset(tags[one]),
                fanout_on_read.intersection(followees[one]),
            )
            for one in ids
        ]

    async def _grouped(self, collection: str, field: str, ids: list[UserId], other: str) -> Mapping[UserId, set[Any]]:
        found = defaultdict[UserId, set[Any]](set)
        async for row in self._mongo.collection(collection).find({field: {"$in": ids}}, {field: 1, other: 1, "_id": 0}):
            found[row[field]].add(row[other])
        return found

    async def _words(self, ids: list[UserId]) -> dict[UserId, tuple[str, ...]]:
        found = self._mongo.collection("users").find({"_id": {"$in": ids}, "muted_words.0": {"$exists": True}})
        return {UserId(row["_id"]): tuple(row["muted_words"]) async for row in found}


def _ids_of(rows: Iterable[Mapping[str, Any]]) -> frozenset[UserId]:
    return frozenset(UserId(row["_id"]) for row in rows)
