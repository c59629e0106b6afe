"""Undoing of acts: edges are deleted, and what is left to be done for each is inserted, in one transaction for many."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from datastore.counts.increments import increment
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.insert_batch import Joined


def steps_back(row: Mapping[str, Any], field: str, counted: Sequence[tuple[int, str]]) -> Document:
    """The increments of undoing an act: those that are not added yet are left out on both sides."""
    waiting = {one["of"] for one in row.get(field, ())}
    steps = [increment(of, what, -1) for of, what in counted if of not in waiting]
    return {field: steps} if steps else {}


class Undo(NamedTuple):
    """`undo_id` is the snowflake of the undoing, `source` and `target` the ends of the edge."""

    undo_id: int
    source: int
    target: int


class Undone(NamedTuple):
    """`act_id` is the snowflake of the act; `last_id` is above those of act and undoing, given in whatever order."""

    act_id: int
    last_id: int


LeftBy: TypeAlias = Callable[[Document, Undo], Mapping[str, Document]]
"""The documents to insert for an edge and its undoing, by collection; none where nothing is left to be done."""


class UndoBatch:
    """Deletes edges of one collection, and inserts what is left to be done for each, in one transaction for many.

    Two documents change together: without the edge nobody could tell any more what of it was counted and told.
    """

    def __init__(self, mongo: Mongo, collection: str, ends: tuple[str, str], left_by: LeftBy) -> None:
        self._mongo, self._ends, self._left_by = mongo, ends, left_by
        self._edges = mongo.collection(collection)
        self._joined = Joined[Undo, Undone | None](self._undo)

    async def __call__(self, undo: Undo) -> Undone | None:
        """None if there was no such edge."""
        return await self._joined(undo)

    async def _undo(self, undos: Sequence[Undo]) -> Sequence[Undone | None]:
        source, target = self._ends
        by_pair = {(undo.source, undo.target): undo for undo in undos}
        pairs = [{source: one, target: other} for one, other in by_pair]
        some = pairs[0] if len(pairs) == 1 else {"$or": pairs}

        async def act(session: Any) -> dict[Undo, Undone]:
            found = [row async for row in self._edges.find(some, session=session)]
            rows = [(row, by_pair[row[source], row[target]]) for row in found]
            if rows:
                which = {
                    "_id": {"$in": [row["_id"] for row, _ in rows]},
                    source: {"$in": [row[source] for row in found]},
                }
                await self._edges.delete_many(which, session=session)
            await self._leave(session, rows)
            return {undo: Undone(row["_id"], max(row["_id"] + 1, undo.undo_id)) for row, undo in rows}

        with away_as_unavailable():
            undone = await self._mongo.in_transaction(act, changing=[undo.source for undo in undos])
        return [undone.get(undo) for undo in undos]

    async def _leave(self, session: Any, rows: Sequence[tuple[Document, Undo]]) -> None:
        documents = defaultdict[str, list[Document]](list)
        for row, undo in rows:
            for collection, document in self._left_by(row, undo).items():
                documents[collection].append(document)
        for collection, some in documents.items():
            await self._mongo.collection(collection).insert_many(some, session=session)
