"""Bulk inserts that may be repeated after they broke off."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from pymongo.errors import BulkWriteError

from core.ids import first_id_of
from datastore.mongo.client import DUPLICATE_KEY, Document, away_as_unavailable

T = TypeVar("T")

CHUNK: Final = 2_000
# Each round moves ids twice as far; the last round passes all ids of one millisecond.
_ROUNDS = 24


def chunked(things: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    waiting = iter(things)
    while chunk := list(islice(waiting, size)):
        yield chunk


def ids_at(instants: Iterable[int]) -> list[int]:
    """An id for each Unix millisecond given; ids of the same millisecond rise in the given order."""
    used: dict[int, int] = {}
    ids = []
    for ms in instants:
        used[ms] = used.get(ms, -1) + 1
        ids.append(first_id_of(ms) + used[ms])
    return ids


async def insert_new(collection: Any, rows: Sequence[Document], id_fields: Sequence[str] = ("_id",)) -> int:
    """Returns the number inserted. Rows that exist already by another unique index are skipped.

    A row whose id is taken moves to a free id shortly after; `id_fields` are the fields that hold the id.
    """
    waiting, inserted, step = list(rows), 0, 1
    for _ in range(_ROUNDS):
        taken = await _insert(collection, waiting)
        clashing = [waiting[fault["index"]] for fault in taken if "_id" in fault["keyPattern"]]
        inserted += len(waiting) - len(taken)
        if not clashing:
            return inserted
        waiting = [row | dict.fromkeys(id_fields, row["_id"] + step) for row in clashing]
        step *= 2
    raise RuntimeError(f"no free id near {waiting[0]['_id']}")


async def _insert(collection: Any, rows: Sequence[Document]) -> list[Document]:
    """Inserts the rows that do not clash, and returns the write errors of those that do."""
    if not rows:
        return []
    with away_as_unavailable():
        try:
            await collection.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            faults: list[Document] = error.details["writeErrors"]
            if error.details["writeConcernErrors"] or any(fault["code"] != DUPLICATE_KEY for fault in faults):
                raise
            return faults
    return []
