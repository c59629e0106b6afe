"""Variables of one operation, coerced without graphql-core where it would take all of them as they are."""

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


class _Step(NamedTuple):
    """`exact` is the class of values that are taken as they are; None where each has to be looked at."""

    signature: GraphQLVariableSignature
    exact: type | None
    non_null: bool

    @classmethod
    def of(cls, signature: GraphQLVariableSignature) -> "_Step":
        non_null = is_non_null_type(signature.type)
        inner: Any = signature.type.of_type if is_non_null_type(signature.type) else signature.type
        return cls(signature, _EXACT.get(inner), non_null)

    def takes(self, value: object) -> bool:
        if value is None:
            return not self.non_null
        if value.__class__ is not self.exact:
            return False
        return not isinstance(value, int) or GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT


class Variables:
    """As its definitions declare them, in a valid document."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        signatures = [get_variable_signature(schema, definition) for definition in definitions]
        self._steps = [_Step.of(one) for one in signatures if not isinstance(one, GraphQLError)]
        self._is_whole = len(self._steps) == len(signatures)

    def taken(self, inputs: Mapping[str, Any]) -> VariableValues | None:
        """What `get_variable_values` of graphql-core gives; None where it is to be asked."""
        if not self._is_whole:
            return None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for step in self._steps:
            signature = step.signature
            value = inputs.get(signature.name, Undefined)
            if value is Undefined:
                if step.non_null or signature.default is not None:
                    return None
                sources[signature.name] = VariableValueSource(signature)
            elif step.takes(value):
                sources[signature.name] = VariableValueSource(signature, value)
                coerced[signature.name] = value
            else:
                return None
        return VariableValues(sources, coerced)
