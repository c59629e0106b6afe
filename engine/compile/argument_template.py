"""Arguments of a field without coercion at each execution: constants are coerced once, variables copied."""

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, NamedTuple

from graphql import FieldNode, GraphQLError, GraphQLField, VariableNode, is_non_null_type
from graphql.execution.values import VariableValues, get_argument_values

from engine.compile.arguments import are_immutable, has_variable

_NO_VARIABLES = VariableValues({}, {})


class BoundVariable(NamedTuple):
    """A variable that is the whole value of an argument."""

    argument: str
    variable: str
    takes_null: bool


class ArgumentTemplate(NamedTuple):
    """Arguments by their names in the schema: coerced `constants`, and those that variables stand for."""

    constants: dict[str, Any]
    variables: Sequence[BoundVariable]


def template_of(field: GraphQLField, node: FieldNode, plain: Collection[str]) -> ArgumentTemplate | None:
    """None if a variable stands within another value, or for an argument that is not `plain`.

    A plain argument takes the coerced value of a variable as it is.
    """
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    variables = {name: value.name.value for name, value in given.items() if isinstance(value, VariableNode)}
    if not all(name in plain and field.args[name].out_name in {None, name} for name in variables):
        return None
    if any(has_variable(value) for name, value in given.items() if name not in variables):
        return None
    constants = _constants(field, node, variables)
    bound = [BoundVariable(one, of, not is_non_null_type(field.args[one].type)) for one, of in variables.items()]
    return None if constants is None else ArgumentTemplate(constants, bound)


def _constants(field: GraphQLField, node: FieldNode, variables: Collection[str]) -> dict[str, Any] | None:
    """Those given as constants, and the defaults of those left out; None unless calls may share them."""
    rest = copy(field)
    rest.args = {name: argument for name, argument in field.args.items() if name not in variables}
    arguments = tuple(argument for argument in node.arguments or () if argument.name.value not in variables)
    try:
        values = get_argument_values(rest, replace(node, arguments=arguments), _NO_VARIABLES)
    except GraphQLError:
        return None
    return values if are_immutable(values) else None
