"""Many documents at a time, so that repeating a bulk after it broke off does no harm."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from pymongo.errors import BulkWriteError

from core.ids import first_id_of
from datastore.mongo.client import DUPLICATE_KEY, Document, away_as_unavailable

T = TypeVar("T")

CHUNK: Final = 2_000
# Each round goes twice as far; the last one past all ids of an instant.
_ROUNDS = 24


async def for_each(things: Iterable[T], act: Callable[[T], Awaitable[object]], *, at_once: int) -> None:
    """Runs `act` on all of them, so many at a time. Raises an ExceptionGroup of what went wrong first."""
    waiting = iter(things)

    async def work() -> None:
        for thing in waiting:
            await act(thing)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())


def chunked(things: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    waiting = iter(things)
    while chunk := list(islice(waiting, size)):
        yield chunk


def ids_at(instants: Iterable[int]) -> list[int]:
    """An id for each of these Unix milliseconds; those of one instant rise in the order given."""
    used: dict[int, int] = {}
    ids = []
    for ms in instants:
        used[ms] = used.get(ms, -1) + 1
        ids.append(first_id_of(ms) + used[ms])
    return ids


async def insert_new(collection: Any, rows: Sequence[Document], id_fields: Sequence[str] = ("_id",)) -> int:
    """How many were inserted: a row that is there already by another unique index is left out.

    A row whose id is taken moves on to a free one soon after; `id_fields` are those that hold the id.
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
    """The faults of those that clash with what is there; the others are inserted."""
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
