"""Filters of the operator: what is refused, or held for review, when somebody posts or signs up. There are few."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from core.errors import RookeryError
from core.moderation import FilterEffect, FilterKind
from datastore.moderation.log import LogLine, append_to_log
from datastore.mongo.client import Document, Mongo, away_as_unavailable

FILTERS: Final = "filters"
MOST_FILTERS: Final = 1_000


class TooManyFiltersError(RookeryError):
    """There are 1,000."""


class FilterRecord(NamedTuple):
    """`pattern` in the form in which it is compared. A filter that is not `is_on` does nothing."""

    id: int
    kind: FilterKind
    pattern: str
    effect: FilterEffect
    is_on: bool


class FilterStore:
    def __init__(self, mongo: Mongo) -> None:
        self._mongo, self._filters = mongo, mongo.collection(FILTERS)

    async def all(self) -> list[FilterRecord]:
        """Oldest first."""
        with away_as_unavailable():
            return [_to_record(row) async for row in self._filters.find({}).sort("_id", 1)]

    async def get(self, filter_id: int) -> FilterRecord | None:
        with away_as_unavailable():
            row = await self._filters.find_one({"_id": filter_id})
        return None if row is None else _to_record(row)

    async def set(self, wanted: FilterRecord, line: LogLine) -> FilterRecord:
        """Makes the filter, or changes that of the same kind and pattern, whose id it then has.

        Writes the line of the log too, if that changes something. Raises TooManyFiltersError.
        """

        async def change(session: Any) -> FilterRecord:
            query = {"kind": str(wanted.kind), "pattern": wanted.pattern}
            row = await self._filters.find_one(query, session=session)
            if row is None and await self._count(session) >= MOST_FILTERS:
                raise TooManyFiltersError
            made = wanted if row is None else wanted._replace(id=row["_id"])
            if row is None or _to_record(row) != made:
                await self._filters.replace_one({"_id": made.id}, _to_document(made), upsert=True, session=session)
                await append_to_log(self._mongo, session, line._replace(subject=(line.subject[0], made.id)))
            return made

        with away_as_unavailable():
            return await self._mongo.in_transaction(change, changing=(0,))

    async def delete(self, filter_id: int, line: LogLine) -> bool:
        """With the line of the log. False if there is none."""

        async def delete(session: Any) -> bool:
            result = await self._filters.delete_one({"_id": filter_id}, session=session)
            if result.deleted_count:
                await append_to_log(self._mongo, session, line)
            return bool(result.deleted_count)

        with away_as_unavailable():
            return await self._mongo.in_transaction(delete)

    async def _count(self, session: Any) -> int:
        """From the index of ids; a count would read the documents."""
        found = self._filters.find({}, {"_id": 1}, session=session).sort("_id", 1)
        return len([row async for row in found])


def _to_document(record: FilterRecord) -> Document:
    row = {"_id": record.id, "kind": str(record.kind), "pattern": record.pattern}
    return {**row, "effect": str(record.effect), "is_on": record.is_on}


def _to_record(row: Mapping[str, Any]) -> FilterRecord:
    effect = FilterEffect(row["effect"])
    return FilterRecord(row["_id"], FilterKind(row["kind"]), row["pattern"], effect, row["is_on"])
