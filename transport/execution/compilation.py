"""What the engine executes of the operations that come in; the rest is left to graphql-core."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import strawberry
from graphql import ExecutionResult
from graphql.execution import Executor
from graphql.execution.values import VariableValues, get_variable_values
from prometheus_client import Counter

from core.runtime.metrics import ENGINE_OPERATIONS
from engine import Engine, Plan
from transport.execution.operations import Operation, variable_errors

MOST_VARIABLE_ERRORS = 50


@dataclass(frozen=True, slots=True)
class Compiled:
    """An operation with its variables, ready to run on any number of roots."""

    engine: Engine
    plan: Plan
    variables: VariableValues
    extensions: dict[str, object] | None

    async def run(self, context: object, root: object = None) -> ExecutionResult:
        return await self.engine.run(self.plan, self.variables, context=context, root=root, extensions=self.extensions)

    async def event(self, executor: Executor[Any]) -> ExecutionResult:
        """One event of a subscription, in the place of graphql-core's executor made for it."""
        return await self.run(executor.context_value, executor.root_value)


class Compilation:
    """The engine for one schema."""

    def __init__(self, schema: strawberry.Schema, *, suggestions: bool) -> None:
        self._engine = Engine(schema, note=lambda what: _note(what).inc())
        self._schema = schema._schema  # noqa: SLF001 - Strawberry keeps graphql-core's schema under a private name
        self._suggestions = suggestions

    def of(self, operation: Operation) -> Compiled | None:
        """None for what the engine leaves to graphql-core. Raises RefusedError where the variables do not fit."""
        variables = self._variables(operation)
        plan = self._engine.plan(operation.document, operation.definition, variables)
        if plan is None:
            return None
        return Compiled(self._engine, plan, variables, operation.request.extensions)

    def _variables(self, operation: Operation) -> VariableValues:
        given = operation.request.variables or {}
        if taken := operation.variables.taken(given):
            return taken
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


@cache
def _note(what: str) -> Counter:
    """Of what an engine says, of which there is little."""
    return ENGINE_OPERATIONS.labels(what)
