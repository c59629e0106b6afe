"""State of one execution of a plan."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, gather_with_cancel, is_awaitable
from graphql.type.definition import GraphQLResolveInfoHelpers

from engine.runtime.failures import Failures
from engine.runtime.result_paths import Paths, path_of


class Document(NamedTuple):
    """State shared by all executions of a plan."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    operation: OperationDefinitionNode


class Frame:
    """One execution: context, variables, errors so far. `resolver_calls` counts everything but plain reads."""

    __slots__ = ("context", "document", "extensions", "failures", "resolver_calls", "root", "variables")

    def __init__(
        self, document: Document, variables: VariableValues, *, context: Any, root: Any, extensions: Any
    ) -> None:
        self.document = document
        self.variables = variables
        self.context = context
        self.root = root
        self.extensions = extensions
        self.failures = Failures()
        self.resolver_calls = 0


class _Fields(NamedTuple):
    field_name: str
    field_nodes: list[FieldNode]
    return_type: Any
    parent_type: GraphQLObjectType
    location: tuple[Paths, int]
    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    root_value: Any
    operation: OperationDefinitionNode
    variable_values: dict[str, Any]
    context: Any
    is_awaitable: Any
    abort_signal: None
    async_helpers: GraphQLResolveInfoHelpers
    operation_extensions: Any


class ResolveInfo(_Fields):
    """graphql-core's GraphQLResolveInfo; the path is built on access only."""

    __slots__ = ()

    @property
    def path(self) -> Path:
        paths, index = self.location
        return path_of(paths.at(index))


class FieldInfo:
    """Makes the `info` of one field."""

    __slots__ = ("_field", "_nodes", "_parent")

    def __init__(self, parent: GraphQLObjectType, field: GraphQLField, nodes: list[FieldNode]) -> None:
        self._parent, self._field, self._nodes = parent, field, nodes

    def at(self, frame: Frame, paths: Paths, index: int) -> ResolveInfo:
        frame.resolver_calls += 1
        schema, fragments, operation = frame.document
        return ResolveInfo(
            self._nodes[0].name.value,
            self._nodes,
            self._field.type,
            self._parent,
            (paths, index),
            schema,
            fragments,
            frame.root,
            operation,
            frame.variables.coerced,
            frame.context,
            is_awaitable,
            None,
            _HELPERS,
            frame.extensions,
        )


def _gather(values: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]:
    return gather_with_cancel(*values)


_TRACKED: set[Any] = set()


def _track(values: Sequence[Any]) -> None:
    """Runs abandoned awaitables to their end."""
    for value in values:
        if is_awaitable(value):
            task = asyncio.ensure_future(value)
            _TRACKED.add(task)
            task.add_done_callback(_forget)


def _forget(task: Any) -> None:
    _TRACKED.discard(task)
    if not task.cancelled():
        task.exception()


_HELPERS = GraphQLResolveInfoHelpers(_gather, _track)
