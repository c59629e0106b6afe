"""Author lists: the newest items of each author, replies to others left out, in front of MongoDB.

Writers announce an inserted or deleted item after the write, and the list takes it in. If the process dies in between,
the list is right again within a minute.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any

import msgspec

from core.ids import TweetId, UserId
from datastore.cache.pending_read import PendingRead
from datastore.cache.row_codec import RowChange
from datastore.cache.rows import RowCache
from datastore.mongo.client import Mongo, away_as_unavailable
from datastore.records.items import COLLECTION, ItemRecord, TweetRecord
from datastore.redis import keys
from datastore.redis.node.pipeline import CommandPipeline

_KEPT = 64
_TTL_SECONDS = 36


class ListChange(IntEnum):
    """A change of a list, by the number that stands in cached rows."""

    ADDED = 1
    REMOVED = 2


class AuthorList(msgspec.Struct, frozen=True, array_like=True):
    """Ids, newest first. Down to `floor` they are all; 0: there are no older ones."""

    ids: tuple[TweetId, ...] = ()
    floor: int = 0

    def with_changes(self, changes: Iterable[RowChange]) -> "AuthorList":
        """`changes` are `ListChange`s with items. A removed item never returns."""
        added, removed = set[int](), set[int]()
        for change in changes:
            (added if change.kind == ListChange.ADDED else removed).add(change.value)
        newer = {TweetId(item_id) for item_id in added if item_id > self.floor}
        ids = sorted(newer.union(self.ids) - removed, reverse=True)
        return AuthorList(tuple(ids[:_KEPT]), ids[_KEPT - 1] if len(ids) > _KEPT else self.floor)

    def older(self, before: int | None, limit: int) -> Sequence[TweetId] | None:
        """The newest `limit` ids older than `before`, fewer if there are no more; None if the list ends above them."""
        ids = self.ids if before is None else [item_id for item_id in self.ids if item_id < before]
        return ids[:limit] if len(ids) >= limit or self.floor == 0 else None


class AuthorListStore:
    def __init__(self, mongo: Mongo, pipeline: CommandPipeline) -> None:
        self._mongo, self._tweets = mongo, mongo.collection(COLLECTION)
        self._rows = RowCache[UserId, AuthorList](
            pipeline, AuthorList, key=keys.author_list, load=self._load, ttl_seconds=_TTL_SECONDS
        )

    def begin_read(self, author_id: UserId, since: float) -> PendingRead[UserId, AuthorList]:
        """The list, as of `since` (monotonic seconds) or later; for `resolve_reads`."""
        return self._rows.begin_read([author_id], since)

    async def add(self, item: ItemRecord) -> None:
        """Call after the item was inserted."""
        if not (isinstance(item, TweetRecord) and item.reply_to_author not in {None, item.author_id}):
            await self._rows.change(item.author_id, RowChange(ListChange.ADDED, item.id, item.id))

    async def remove(self, author_id: UserId, item_id: TweetId, act_id: int) -> None:
        """Call after the item was deleted by this act."""
        await self._rows.change(author_id, RowChange(ListChange.REMOVED, item_id, act_id))

    async def _load(self, ids: Sequence[UserId]) -> dict[UserId, AuthorList]:
        return {author_id: await self._newest(author_id) for author_id in ids}

    async def _newest(self, author_id: UserId) -> AuthorList:
        query: dict[str, Any] = {"author": author_id, "reply_to_author": {"$in": [None, author_id]}}
        with away_as_unavailable():
            rows = self._tweets.find(query, {"_id": 1}).sort("_id", -1).limit(_KEPT)
            found = tuple([TweetId(row["_id"]) async for row in rows])
        return AuthorList(found, found[-1] if len(found) == _KEPT else 0)
