"""Edges from a user to a user or tweet: likes, bookmarks, blocks, mutes, follow requests. Inserting is idempotent.

One document for each pair. Its `_id` is the snowflake of the act, so lists run newest act first.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pymongo.errors import DuplicateKeyError

from core.errors import UnavailableError
from datastore.mongo.client import Mongo, away_as_unavailable, is_of_id
from datastore.mongo.insert_batch import InsertBatch


class StoredEdge(NamedTuple):
    """`act_id` is the position in a list; `other` is the end that the list shows."""

    act_id: int
    other: int


class EdgeStore:
    """A collection of edges from its `source` field to its `target` field, both ids."""

    def __init__(self, mongo: Mongo, collection: str, source: str = "user", target: str = "target") -> None:
        self._edges = mongo.collection(collection)
        self._source, self._target = source, target
        self._inserts = InsertBatch(self._edges)

    async def add(self, act_id: int, source: int, target: int, **left: Any) -> bool:
        """False if the edge was there already; joined with inserts of the same moment. `left`: what is left to do."""
        return await self._inserts({"_id": act_id, self._source: source, self._target: target, **left})

    async def insert(self, act_id: int, source: int, target: int, *, session: Any = None) -> bool:
        """False if the edge was there already."""
        edge = {self._source: source, self._target: target}
        with away_as_unavailable(session):
            try:
                result = await self._edges.update_one(
                    edge, {"$setOnInsert": {"_id": act_id}}, upsert=True, session=session
                )
            except DuplicateKeyError as error:  # the same act at the same moment
                if is_of_id(error):
                    raise UnavailableError("The database") from error
                return False
        return result.upserted_id is not None

    async def delete(self, source: int, target: int, *, session: Any = None) -> bool:
        """False if there was no such edge."""
        return await self.take(source, target, session=session) is not None

    async def take(self, source: int, target: int, *, session: Any = None) -> int | None:
        """Deletes the edge and returns the id of the act that made it; None if there was none."""
        edge = {self._source: source, self._target: target}
        with away_as_unavailable(session):
            row = await self._edges.find_one_and_delete(edge, {"_id": 1}, session=session)
        return None if row is None else int(row["_id"])

    async def targets(self, source: int, before: int | None, limit: int) -> list[StoredEdge]:
        """Edges older than the act `before` (None: from the newest), newest first."""
        return await self._page({self._source: source}, before, limit, self._target)

    async def sources(self, target: int, before: int | None, limit: int) -> list[StoredEdge]:
        """Edges older than the act `before` (None: from the newest), newest first."""
        return await self._page({self._target: target}, before, limit, self._source)

    async def oldest_to(self, target: int) -> StoredEdge | None:
        with away_as_unavailable():
            row = await self._edges.find_one({self._target: target}, {self._source: 1}, sort=[("_id", 1)])
        return None if row is None else StoredEdge(row["_id"], row[self._source])

    async def all_targets(self, source: int) -> list[int]:
        return await self._all({self._source: source}, self._target)

    async def all_sources(self, target: int) -> list[int]:
        return await self._all({self._target: target}, self._source)

    async def targets_among(self, source: int, targets: Sequence[int]) -> set[int]:
        """The subset of `targets` to which there is an edge."""
        return set(await self._all({self._source: source, self._target: {"$in": list(targets)}}, self._target))

    async def delete_to(self, target: int) -> None:
        with away_as_unavailable():
            await self._edges.delete_many({self._target: target})

    async def delete_from(self, source: int) -> None:
        with away_as_unavailable():
            await self._edges.delete_many({self._source: source})

    async def _all(self, query: Mapping[str, Any], field: str) -> list[int]:
        with away_as_unavailable():
            return [row[field] async for row in self._edges.find(query, {field: 1, "_id": 0})]

    async def _page(self, query: Mapping[str, Any], before: int | None, limit: int, field: str) -> list[StoredEdge]:
        older = {} if before is None else {"_id": {"$lt": before}}
        with away_as_unavailable():
            found = self._edges.find({**query, **older}, {field: 1}).sort("_id", -1).limit(limit)
            return [StoredEdge(row["_id"], row[field]) async for row in found]
