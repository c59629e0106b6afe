"""Arguments of a field: coerced at compile time if they are constant, else once for each execution."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField, ValueNode, VariableNode, Visitor, visit
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import BREAK, VisitorAction

from engine.runtime.frame import Frame

_NO_VARIABLES = VariableValues({}, {})
_IMMUTABLE = (str, int, float, bool, type(None))


class Arguments:
    """Arguments of one field of a document."""

    def __init__(self, field: GraphQLField, node: FieldNode) -> None:
        self.field, self.node = field, node
        self.constant = self._coerced_now()

    def each(self, frame: Frame, number: int) -> Iterator[dict[str, Any]]:
        """Arguments for `number` calls, fresh for each call if a resolver could mutate them. Raises as `of` does."""
        first = self.of(frame)
        is_shared = are_immutable(first)
        for call in range(number):
            yield first if is_shared or call == 0 else self.of(frame)

    def of(self, frame: Frame) -> dict[str, Any]:
        """Coerced arguments; do not mutate them. Raises GraphQLError if they do not fit."""
        if self.constant is not None:
            return self.constant
        return get_argument_values(self.field, self.node, frame.variables)

    def _coerced_now(self) -> dict[str, Any] | None:
        if any(has_variable(argument.value) for argument in self.node.arguments or ()):
            return None
        try:
            values = get_argument_values(self.field, self.node, _NO_VARIABLES)
        except GraphQLError:
            return None
        return values if are_immutable(values) else None


def are_immutable(values: dict[str, Any]) -> bool:
    """Whether several resolver calls may share the values."""
    return all(type(value) in _IMMUTABLE or isinstance(value, Enum) for value in values.values())


def has_variable(value: ValueNode) -> bool:
    """Whether the value is a variable, or holds one."""
    finder = _VariableFinder()
    visit(value, finder)
    return finder.found


class _VariableFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_variable(self, _: VariableNode, *_args: object) -> VisitorAction:
        self.found = True
        return BREAK
