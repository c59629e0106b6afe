"""Row builder: one generated function per selection that reads the rows of all objects of a level.

Text of a query gets into the source only as `repr` of a checked name. An irregular value ends the fast path for its
object, whose fields are then completed one by one.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLLeafType, GraphQLString, Undefined

from engine.runtime.field_readers import FieldReader, UnsafeNameError, checked_path
from engine.runtime.values import PLAIN_TYPES, Values

_GRAPHQL_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_EXACT: dict[GraphQLLeafType, str] = {GraphQLString: "str", GraphQLID: "str", GraphQLBoolean: "bool"}


class Attribute(NamedTuple):
    """A field that is read off its object and needs no completion beyond its leaf type."""

    reading: FieldReader
    leaf: GraphQLLeafType
    non_null: bool


class IrregularValueError(Exception):
    """A value that needs coercion, is null in a non-null position, an error or awaitable."""


def _irregular() -> Any:
    raise IrregularValueError


class RowBuilder:
    """Builds a row for each object: read attributes, the type's name, and None for fields filled later by columns."""

    def __init__(self, fields: dict[str, Attribute | str | None]) -> None:
        self._scope: dict[str, Any] = {"no": _irregular, "P": PLAIN_TYPES, "U": Undefined}
        cells = ", ".join(f"{_checked_name(key)!r}: {self._expression(field)}" for key, field in fields.items())
        self.source = f"def build(objects):\n    return [{{{cells}}} for o in objects]\n"
        self._build = self._compiled()

    def rows(self, objects: Sequence[Any]) -> tuple[Values, list[int]]:
        """The rows, and the indexes of objects that need the slow path (their rows are None)."""
        try:
            return self._build(objects), []
        except Exception:  # noqa: BLE001 - attributes may raise anything; the slow path reports it
            return self._one_by_one(objects)

    def _one_by_one(self, objects: Sequence[Any]) -> tuple[Values, list[int]]:
        rows: Values = []
        irregular: list[int] = []
        for index, value in enumerate(objects):
            try:
                rows += self._build((value,))
            except Exception:  # noqa: BLE001 - as above
                irregular.append(index)
                rows.append(None)
        return rows, irregular

    def _compiled(self) -> Callable[[Sequence[Any]], Values]:
        exec(compile(self.source, "<selection>", "exec"), self._scope)  # noqa: S102 - checked names alone
        build: Callable[[Sequence[Any]], Values] = self._scope.pop("build")  # a cycle through its globals otherwise
        return build

    def _expression(self, field: Attribute | str | None) -> str:
        if field is None:
            return "None"
        if isinstance(field, str):
            return repr(_checked_name(field))
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
        """Expression for enums and custom scalars."""
        name = self._bind(leaf.coerce_output_value)
        coerced = f"(w if P[v.__class__] and (w := {name}(v)) is not None and w is not U else no())"
        return f"(None if {read} is None else {coerced})" if is_nullable else f"({read}, {coerced})[1]"

    def _read(self, reading: FieldReader) -> str:
        return f"o.{checked_path(reading)}" if isinstance(reading, str) else f"{self._bind(reading)}(o)"

    def _bind(self, function: Callable[..., Any]) -> str:
        name = f"c{len(self._scope)}"
        self._scope[name] = function
        return name


def _checked_name(name: str) -> str:
    if not _GRAPHQL_NAME.fullmatch(name):
        raise UnsafeNameError(name)
    return name
