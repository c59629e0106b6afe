"""Lists of people, and who is in them. A row with all members is cached, for timelines are read by them.

Everything that changes a list writes its document in the same transaction, so that concurrent changes run one by one.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from core.ids import ListId, UserId
from datastore.cache.rows import RowCache
from datastore.jobs.jobs import RebuildLists
from datastore.jobs.outbox import Outbox
from datastore.mongo.bulk import chunked
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.edges import EdgeStore
from datastore.mongo.existence import GoneError, ensure_not_blocked, lock_existing_user
from datastore.records.users import LIMITED, MODERATION, SUSPENDED
from datastore.redis import keys
from datastore.redis.client import failures_as_unavailable
from datastore.redis.node.pipeline import CommandPipeline

MOST_LISTS: Final = 100
"""Lists of one person."""
MOST_MEMBERS: Final = 500
_TTL_SECONDS, _AT_ONCE = 3_600, 500


class ListRecord(msgspec.Struct, frozen=True):
    """`members` are in no order, without suspended ones. `guarded` are those whose acts their followers alone see."""

    id: ListId
    owner_id: UserId
    name: str
    description: str | None
    is_private: bool
    members: frozenset[UserId] = frozenset()
    guarded: frozenset[UserId] = frozenset()


class FullError(Exception):
    """There is no room for another list of the person, or another member of the list."""


class ListStore:
    """Edges from a list to its members, and the lists themselves."""

    def __init__(self, mongo: Mongo, pipeline: CommandPipeline, outbox: Outbox) -> None:
        self._mongo, self._outbox, self._lists = mongo, outbox, mongo.collection("lists")
        self._rows_of_members, self._users = mongo.collection("list_members"), mongo.collection("users")
        self.members = EdgeStore(mongo, "list_members", "list", "member")
        self._rows = RowCache[ListId, ListRecord](
            pipeline, ListRecord, key=keys.member_list, load=self._load, ttl_seconds=_TTL_SECONDS
        )

    async def get(self, list_id: ListId, since: float | None = None) -> ListRecord | None:
        """As of `since` (monotonic seconds) or later; None: now."""
        return (await self._rows.get_many([list_id], since))[0]

    async def current(self, list_id: ListId) -> ListRecord | None:
        """As `get`, read from MongoDB."""
        return (await self._load([list_id])).get(list_id)

    async def get_many(self, list_ids: Sequence[ListId]) -> list[ListRecord | None]:
        """In the order of the ids."""
        return await self._rows.get_many(list_ids)

    async def insert(self, record: ListRecord) -> None:
        """Raises FullError if the owner has MOST_LISTS, GoneError if their account is gone."""

        async def insert(session: Any) -> None:
            await lock_existing_user(self._mongo, session, record.owner_id, record.id)
            own = {"owner": record.owner_id}
            if await self._lists.count_documents(own, session=session, limit=MOST_LISTS) == MOST_LISTS:
                raise FullError
            await self._lists.insert_one(_to_document(record), session=session)

        with away_as_unavailable():
            await self._mongo.in_transaction(insert, changing=[record.owner_id])

    async def update(self, list_id: ListId, owner_id: UserId, changes: Mapping[str, str | bool | None]) -> bool:
        """`changes` by field name of ListRecord. False if the owner has no such list."""
        if changes:
            with away_as_unavailable():
                result = await self._lists.update_one({"_id": list_id, "owner": owner_id}, {"$set": dict(changes)})
            await self._rows.invalidate(list_id)
            return bool(result.matched_count)
        return await self.get(list_id) is not None

    async def delete(self, list_id: ListId) -> bool:
        """False if there was none. Members are deleted after it; whoever repeats this deletes those left over."""
        with away_as_unavailable():
            result = await self._lists.delete_one({"_id": list_id})
        await self._rows.invalidate(list_id)
        await self.members.delete_from(list_id)
        return bool(result.deleted_count)

    async def add(self, act_id: int, record: ListRecord, member: UserId) -> RebuildLists | None:
        """The job of the change; None if they were in it already.

        Raises FullError, and GoneError: the list, its owner or the person is gone, or one of the two blocks the other.
        """

        async def add(session: Any) -> RebuildLists | None:
            for user_id in sorted({record.owner_id, member}):
                await lock_existing_user(self._mongo, session, user_id, act_id)
            await ensure_not_blocked(self._mongo, session, record.owner_id, member)
            await self._lock(session, record.id, act_id)
            is_new = await self.members.insert(act_id, record.id, member, session=session)
            if is_new and await self._size(session, record.id) > MOST_MEMBERS:
                raise FullError
            return await self._changed(session, act_id, record.id) if is_new else None

        with away_as_unavailable():
            job: RebuildLists | None = await self._mongo.in_transaction(add, changing=[record.owner_id, member])
        await self._rows.invalidate(record.id)
        return job

    async def remove(self, act_id: int, list_id: ListId, member: UserId) -> RebuildLists | None:
        """The job of the change; None if they were not in it."""

        async def remove(session: Any) -> RebuildLists | None:
            was_there = await self.members.delete(list_id, member, session=session)
            return await self._changed(session, act_id, list_id) if was_there else None

        with away_as_unavailable():
            job: RebuildLists | None = await self._mongo.in_transaction(remove)
        await self._rows.invalidate(list_id)
        return job

    async def part_within(self, session: Any, act_id: int, one: UserId, other: UserId) -> RebuildLists | None:
        """Takes two users out of each other's lists. Call `invalidate` for the job's lists after the commit."""
        left: list[ListId] = []
        for owner, member in ((one, other), (other, one)):
            own = [ListId(row["_id"]) async for row in self._lists.find({"owner": owner}, {"_id": 1}, session=session)]
            query = {"list": {"$in": own}, "member": member}
            found = self._rows_of_members.find(query, {"list": 1}, session=session)
            left += [ListId(row["list"]) async for row in found]
            await self._rows_of_members.delete_many(query, session=session)
        return await self._changed(session, act_id, *left) if left else None

    async def invalidate(self, *list_ids: ListId) -> None:
        await self._rows.invalidate(*list_ids)

    async def of_owner(self, owner_id: UserId, before: int | None, limit: int) -> list[ListRecord]:
        """Newest first, older than `before`."""
        older: Document = {} if before is None else {"_id": {"$lt": before}}
        with away_as_unavailable():
            found = self._lists.find({"owner": owner_id, **older}, {"_id": 1}).sort("_id", -1).limit(limit)
            ids = [ListId(row["_id"]) async for row in found]
        return [record for record in await self.get_many(ids) if record is not None]

    async def of_member(self, member: UserId, limit: int) -> list[ListId]:
        """Some lists that the person is in."""
        return [ListId(edge.other) for edge in await self.members.sources(member, None, limit)]

    async def all_of_member(self, member: UserId) -> list[ListId]:
        """All lists that the person is in."""
        with away_as_unavailable():
            return [ListId(one) for one in await self.members.all_sources(member)]

    async def forget_of_member(self, member: UserId) -> None:
        """Call after a change of who sees what this person does. Raises UnavailableError unless Redis took it."""
        for some in chunked(await self.all_of_member(member), _AT_ONCE):
            with failures_as_unavailable():
                await self._rows.forget(*some)

    async def _changed(self, session: Any, act_id: int, *list_ids: ListId) -> RebuildLists:
        job = RebuildLists(act_id, list_ids)
        await self._outbox.add(session, job)
        return job

    async def _lock(self, session: Any, list_id: ListId, act_id: int) -> None:
        result = await self._lists.update_one({"_id": list_id}, {"$set": {"held": act_id}}, session=session)
        if not result.matched_count:
            raise GoneError(list_id)

    async def _size(self, session: Any, list_id: ListId) -> int:
        size: int = await self._rows_of_members.count_documents({"list": list_id}, session=session)
        return size

    async def _load(self, ids: Sequence[ListId]) -> dict[ListId, ListRecord]:
        with away_as_unavailable():
            rows = [row async for row in self._lists.find({"_id": {"$in": list(ids)}})]
            members: dict[ListId, set[UserId]] = {ListId(row["_id"]): set() for row in rows}
            query = {"list": {"$in": list(members)}}
            async for row in self._rows_of_members.find(query, {"list": 1, "member": 1, "_id": 0}):
                members[ListId(row["list"])].add(UserId(row["member"]))
            suspended, guarded = await self._marked_among(set().union(*members.values()))
        shown = {list_id: some - suspended for list_id, some in members.items()}
        return {ListId(row["_id"]): _to_record(row, shown[ListId(row["_id"])], guarded) for row in rows}

    async def _marked_among(self, people: Collection[UserId]) -> tuple[set[UserId], set[UserId]]:
        """Those who are suspended, and those whose acts their followers alone see."""
        marks: list[Document] = [{"is_protected": True}, {SUSPENDED: {"$gt": 0}}, {LIMITED: {"$gt": 0}}]
        found = self._users.find({"_id": {"$in": list(people)}, "$or": marks}, {MODERATION: 1})
        rows = [row async for row in found]
        suspended = {UserId(row["_id"]) for row in rows if "suspended" in row.get(MODERATION, {})}
        return suspended, {UserId(row["_id"]) for row in rows}


def _to_document(record: ListRecord) -> Document:
    return {
        "_id": record.id,
        "owner": record.owner_id,
        "name": record.name,
        "description": record.description,
        "is_private": record.is_private,
    }


def _to_record(row: Mapping[str, Any], members: set[UserId], guarded: Collection[UserId]) -> ListRecord:
    return ListRecord(
        ListId(row["_id"]),
        UserId(row["owner"]),
        row["name"],
        row["description"],
        row["is_private"],
        frozenset(members),
        frozenset(members.intersection(guarded)),
    )
