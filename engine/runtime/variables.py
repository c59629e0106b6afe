"""Variables of one operation, coerced without graphql-core if it would accept all of them unchanged."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

_EXACT: dict[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool, GraphQLInt: int}


class _Variable(NamedTuple):
    """`exact`: the class of values that need no coercion; None if all values do."""

    signature: GraphQLVariableSignature
    exact: type | None
    non_null: bool

    @classmethod
    def of(cls, signature: GraphQLVariableSignature) -> "_Variable":
        non_null = is_non_null_type(signature.type)
        inner: Any = signature.type.of_type if is_non_null_type(signature.type) else signature.type
        return cls(signature, _EXACT.get(inner), non_null)

    def accepts(self, value: object) -> bool:
        if value is None:
            return not self.non_null
        if value.__class__ is not self.exact:
            return False
        return not isinstance(value, int) or GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT


class Variables:
    """The variables that a valid operation declares."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        signatures = [get_variable_signature(schema, definition) for definition in definitions]
        self._variables = [_Variable.of(one) for one in signatures if not isinstance(one, GraphQLError)]
        self._is_whole = len(self._variables) == len(signatures)

    def coerce(self, inputs: Mapping[str, Any]) -> VariableValues | None:
        """The result of graphql-core's `get_variable_values`; None if only graphql-core can coerce the inputs."""
        if not self._is_whole:
            return None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for variable in self._variables:
            signature = variable.signature
            value = inputs.get(signature.name, Undefined)
            if value is Undefined:
                if variable.non_null or signature.default is not None:
                    return None
                sources[signature.name] = VariableValueSource(signature)
            elif variable.accepts(value):
                sources[signature.name] = VariableValueSource(signature, value)
                coerced[signature.name] = value
            else:
                return None
        return VariableValues(sources, coerced)
