"""Interned objects: they outlive an execution and cache the rows that selections read off them."""

from typing import Any, ClassVar, Self, TypeAlias

MOST_ROWS = 4
"""Rows cached by one object, one per selection."""
Row: TypeAlias = dict[str, Any]


class Internable:
    """Mixin for types whose objects, and all that is read off them, never change.

    A selection that calls no resolver reuses an interned object's row. Answers share the row: do not change it.
    """

    cached_rows: ClassVar[dict[object, Row] | None] = None

    def intern(self) -> Self:
        vars(self)["cached_rows"] = {}
        return self


def is_interned(value: Any) -> bool:
    return value.cached_rows is not None


def cached_row(value: Any, selection: object) -> Row | None:
    rows: dict[object, Row] | None = value.cached_rows
    return None if rows is None else rows.get(selection)


def cache_row(value: Any, selection: object, row: Row) -> None:
    rows: dict[object, Row] | None = value.cached_rows
    if rows is None:
        return
    if len(rows) >= MOST_ROWS:
        rows.clear()
    rows[selection] = row
