"""Objects that outlive the execution that they were made for, with what was read off them for a selection."""

from typing import Any, ClassVar, Self, TypeAlias

MOST_KEPT = 4
"""Selections whose rows one object keeps."""
Row: TypeAlias = dict[str, Any]


class Lasting:
    """Mixed into a type whose objects, and all that is read off them, never change.

    One that is said to last is shown again as it was, in a selection that asked nobody for anything. Answers share
    its row, which nobody may change therefore.
    """

    kept: ClassVar[dict[object, Row] | None] = None

    def last(self) -> Self:
        vars(self)["kept"] = {}
        return self


def lasts(value: Any) -> bool:
    return value.kept is not None


def kept_row(value: Any, selection: object) -> Row | None:
    kept: dict[object, Row] | None = value.kept
    return None if kept is None else kept.get(selection)


def keep_row(value: Any, selection: object, row: Row) -> None:
    kept: dict[object, Row] | None = value.kept
    if kept is None:
        return
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[selection] = row
