"""What is read off all objects of a level, by one function made for the selection: a list of dict displays.

What a query may say gets into the source only as `repr` of a checked name. Whatever is not as its type serves it ends
the short way for that object, and its fields are then completed one by one.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLLeafType, GraphQLString, Undefined

from engine.runtime.field_readers import Reading, UnsafeNameError, checked_path
from engine.runtime.values import PLAIN_TYPES, Values

_GRAPHQL_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_EXACT: dict[GraphQLLeafType, str] = {GraphQLString: "str", GraphQLID: "str", GraphQLBoolean: "bool"}


class Attribute(NamedTuple):
    """A field that is read off its object and needs no completion beyond its scalar."""

    reading: Reading
    leaf: GraphQLLeafType
    non_null: bool


class AwkwardError(Exception):
    """A value that is not as its type serves it."""


def _awkward() -> Any:
    raise AwkwardError


class Display:
    """Makes a row for each object: what is read off it, its type's name, and None for what comes later."""

    def __init__(self, fields: dict[str, Attribute | str | None]) -> None:
        self._scope: dict[str, Any] = {"no": _awkward, "P": PLAIN_TYPES, "U": Undefined}
        shown = ", ".join(f"{_checked(key)!r}: {self._expression(field)}" for key, field in fields.items())
        self.source = f"def show(objects):\n    return [{{{shown}}} for o in objects]\n"
        self._show = self._compiled()

    def rows(self, objects: Sequence[Any]) -> tuple[Values, list[int]]:
        """And the places of those objects that need the long way."""
        try:
            return self._show(objects), []
        except Exception:  # noqa: BLE001 - attributes may raise anything; the long way tells
            return self._one_by_one(objects)

    def _one_by_one(self, objects: Sequence[Any]) -> tuple[Values, list[int]]:
        rows: Values = []
        awkward: list[int] = []
        for place, value in enumerate(objects):
            try:
                rows += self._show((value,))
            except Exception:  # noqa: BLE001 - as above
                awkward.append(place)
                rows.append(None)
        return rows, awkward

    def _compiled(self) -> Callable[[Sequence[Any]], Values]:
        exec(compile(self.source, "<selection>", "exec"), self._scope)  # noqa: S102 - checked names alone
        show: Callable[[Sequence[Any]], Values] = self._scope["show"]
        return show

    def _expression(self, field: Attribute | str | None) -> str:
        if field is None:
            return "None"
        if isinstance(field, str):
            return repr(_checked(field))
        read = f"(v := {self._read(field.reading)})"
        null = "" if field.non_null else " or v is None"
        exact = _EXACT.get(field.leaf)
        if exact:
            return f"(v if {read}.__class__ is {exact}{null} else no())"
        if field.leaf is GraphQLInt:
            return f"(v if ({read}.__class__ is int and -2147483648 <= v <= 2147483647){null} else no())"
        if field.leaf is GraphQLFloat:
            return f"(v if ({read}.__class__ is float and v - v == 0){null} else no())"
        return self._coerced(field.leaf, read, is_nullable=not field.non_null)

    def _coerced(self, leaf: GraphQLLeafType, read: str, *, is_nullable: bool) -> str:
        """Of enums and custom scalars."""
        name = self._named(leaf.coerce_output_value)
        coerced = f"(w if P[v.__class__] and (w := {name}(v)) is not None and w is not U else no())"
        return f"(None if {read} is None else {coerced})" if is_nullable else f"({read}, {coerced})[1]"

    def _read(self, reading: Reading) -> str:
        return f"o.{checked_path(reading)}" if isinstance(reading, str) else f"{self._named(reading)}(o)"

    def _named(self, function: Callable[..., Any]) -> str:
        name = f"c{len(self._scope)}"
        self._scope[name] = function
        return name


def _checked(name: str) -> str:
    if not _GRAPHQL_NAME.fullmatch(name):
        raise UnsafeNameError(name)
    return name
