"""Undoing of acts: the edge is deleted, and its document of `undone_acts` inserted, in one transaction for many."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from datastore.counts.increments import increment
from datastore.mongo.acts import UNDONE
from datastore.mongo.client import Document, Mongo, away_as_unavailable
from datastore.mongo.write_batch import Joined


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


class UndoBatch:
    """Deletes edges of one collection, and inserts what is left to be done for each, in one transaction for many.

    Two documents change together: without the edge nobody could tell any more what of it was counted and told.
    `to_document` makes the document of `undone_acts` of the edge and its undoing; None where nothing is left to do.
    """

    def __init__(
        self,
        mongo: Mongo,
        collection: str,
        ends: tuple[str, str],
        to_document: Callable[[Document, Undo], Document | None],
    ) -> None:
        self._mongo, self._ends, self._to_document = mongo, ends, to_document
        self._edges, self._undone = mongo.collection(collection), mongo.collection(UNDONE)
        self._joined = Joined[Undo, int](self._undo)

    async def __call__(self, undo: Undo) -> int | None:
        """An id above those of act and undoing, which may have been given in the other order; None without an edge."""
        return await self._joined(undo) or None

    async def _undo(self, undos: Sequence[Undo]) -> Sequence[int]:
        source, target = self._ends
        by_pair = {(undo.source, undo.target): undo for undo in undos}
        some = {source: {"$in": [one.source for one in undos]}, target: {"$in": [one.target for one in undos]}}

        async def act(session: Any) -> dict[tuple[int, int], int]:
            found = [row async for row in self._edges.find(some, session=session)]
            rows = {(row[source], row[target]): row for row in found if (row[source], row[target]) in by_pair}
            if rows:
                await self._edges.delete_many({"_id": {"$in": [row["_id"] for row in rows.values()]}}, session=session)
            left = [self._to_document(row, by_pair[pair]) for pair, row in rows.items()]
            if documents := [one for one in left if one is not None]:
                await self._undone.insert_many(documents, session=session)
            return {pair: max(row["_id"] + 1, by_pair[pair].undo_id) for pair, row in rows.items()}

        with away_as_unavailable():
            undone = await self._mongo.in_transaction(act, changing=[undo.source for undo in undos])
        return [undone.get((undo.source, undo.target), 0) for undo in undos]
