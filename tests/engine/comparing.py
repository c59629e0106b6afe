"""Executes one operation twice, by the engine and by graphql-core."""

from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import ExecutionResult, get_operation_ast, parse
from graphql.execution.values import get_variable_values

from engine import Engine


@dataclass
class Answers:
    """`engine` is None if it left the operation to graphql-core."""

    engine: ExecutionResult | None
    core: ExecutionResult


async def both(
    engine: Engine,
    schema: strawberry.Schema,
    text: str,
    variables: dict[str, Any] | None = None,
    *,
    context: Any = None,
    core_context: Any = None,
    root: Any = None,
    name: str | None = None,
) -> Answers:
    """`core_context` separates the executions, because graphql-core leaves cancelled work in its context."""
    document = parse(text)
    graphql = schema._schema  # noqa: SLF001 - Strawberry keeps graphql-core's schema under a private name
    executor = schema.execution_context_class.build(
        graphql, document, root, core_context or context, dict(variables or {}), name, operation_extensions=None
    )
    assert not isinstance(executor, list), executor
    result: Any = executor.execute_operation()
    core: ExecutionResult = await result if hasattr(result, "__await__") else result
    operation = get_operation_ast(document, name)
    assert operation is not None
    values = get_variable_values(graphql, operation.variable_definitions or (), dict(variables or {}))
    assert not isinstance(values, list)
    plan = engine.plan(document, operation, values)
    if plan is None:
        return Answers(None, core)
    return Answers(await engine.run(plan, values, context=context, root=root), core)


async def run(
    schema: strawberry.Schema, text: str, variables: dict[str, Any] | None = None, **given: Any
) -> dict[str, Any]:
    """The engine's answer; asserts that graphql-core's is equal."""
    answers = await both(Engine(schema), schema, text, variables, **given)
    assert answers.engine is not None
    assert shown(answers.engine) == shown(answers.core)
    return shown(answers.engine)


def shown(result: ExecutionResult) -> dict[str, Any]:
    """The answer as a client sees it, keys in order."""
    return {"data": ordered(result.data), "errors": [error.formatted for error in result.errors or ()]}


def ordered(value: Any) -> Any:
    """The value with the order of keys made part of it."""
    if isinstance(value, dict):
        return [(key, ordered(item)) for key, item in value.items()]
    return [ordered(item) for item in value] if isinstance(value, list) else value


def explained(result: ExecutionResult) -> tuple[list[str], set[tuple[Any, ...]]]:
    """Errors whose own path is in the data, and paths nulled by errors below them.

    Which of several errors below a null are told depends on which came first, where there is something to wait for.
    """
    direct: list[str] = []
    nulled: set[tuple[Any, ...]] = set()
    for error in result.errors or ():
        place = null_above(result.data, error.path or [])
        if place is None:
            direct.append(str(error.formatted))
        else:
            nulled.add(place)
    return sorted(direct), nulled


def null_above(data: Any, path: list[str | int]) -> tuple[Any, ...] | None:
    """The path of the null that swallowed this path, unless it is at the very end."""
    for length, key in enumerate(path):
        if data is None:
            return tuple(path[:length])
        data = data[key]
    return None
