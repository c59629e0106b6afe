"""Names the argument whose value an error is about, such as `input.inReplyTo` or `ids[2]`."""

from collections.abc import Iterator, Mapping, Sequence

from graphql import ArgumentNode, FieldNode, Node
from graphql.utilities import value_from_ast_untyped

from core.errors import ArgumentError


def named_message(error: ArgumentError, nodes: Sequence[Node] | None, variables: Mapping[str, object]) -> str:
    """The error's message with the argument's name; without it where no argument of the fields has the value."""
    arguments = (argument for node in nodes or () if isinstance(node, FieldNode) for argument in node.arguments or ())
    for argument in arguments:
        for path in _paths_of(error.value, _value(argument, variables)):
            return error.named(argument.name.value + path)
    return error.message


def _value(argument: ArgumentNode, variables: Mapping[str, object]) -> object:
    return value_from_ast_untyped(argument.value, dict(variables))


def _paths_of(wanted: str, value: object) -> Iterator[str]:
    """Paths at which the value is exactly the wanted text."""
    if value == wanted:
        yield ""
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from (f".{name}{path}" for path in _paths_of(wanted, inner))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from (f"[{number}]{path}" for path in _paths_of(wanted, inner))
