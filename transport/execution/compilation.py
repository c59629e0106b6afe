"""Compiled execution: operations that the engine can run; the rest is left to graphql-core."""

from dataclasses import dataclass
from functools import cache

import strawberry
from graphql import ExecutionResult, GraphQLSchema
from graphql.execution.values import VariableValues, get_variable_values

from core.runtime.metrics import ENGINE_OPERATIONS, Counter
from engine import Engine, Plan
from transport.execution.operations import Operation, variable_errors

MOST_VARIABLE_ERRORS = 50


@dataclass(frozen=True, slots=True)
class CompiledOperation:
    """A plan with coerced variables, ready to run on any number of roots."""

    engine: Engine
    plan: Plan
    variables: VariableValues
    extensions: dict[str, object] | None

    async def run(self, context: object, root: object = None) -> ExecutionResult:
        return await self.engine.run(self.plan, self.variables, context=context, root=root, extensions=self.extensions)


class Compilation:
    """The engine for one schema."""

    def __init__(self, schema: strawberry.Schema, *, suggestions: bool) -> None:
        self._engine = Engine(schema, note=lambda what: _outcome_counter(what).inc())
        self._schema = graphql_schema(schema)
        self._suggestions = suggestions

    def compile(self, operation: Operation) -> CompiledOperation | None:
        """None if the engine leaves the operation to graphql-core. Raises RefusedError for invalid variables."""
        variables = self._variables(operation)
        plan = self._engine.plan(operation.document, operation.definition, variables)
        if plan is None:
            return None
        return CompiledOperation(self._engine, plan, variables, operation.request.extensions)

    def _variables(self, operation: Operation) -> VariableValues:
        given = operation.request.variables or {}
        if coerced := operation.variables.coerce(given):
            return coerced
        variables = get_variable_values(
            self._schema,
            operation.definition.variable_definitions or (),
            dict(given),
            max_errors=MOST_VARIABLE_ERRORS,
            hide_suggestions=not self._suggestions,
        )
        if isinstance(variables, list):
            raise variable_errors(variables)
        return variables


def graphql_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The schema that graphql-core executes; Strawberry keeps it under a private name."""
    return schema._schema  # noqa: SLF001


@cache
def _outcome_counter(what: str) -> Counter:
    """Cached: the engine reports few outcomes."""
    return ENGINE_OPERATIONS.labels(what)
