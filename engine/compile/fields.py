"""Fields that a selection set selects on an object type: CollectFields of the GraphQL specification."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)

from engine.compile.fallback_reasons import FallbackError, FallbackReason

Switches = Mapping[str, bool]
"""Values of the variables used by @skip and @include."""

Grouped = dict[str, list[FieldNode]]
_SWITCHING = ("skip", "include")
_INTROSPECTION = ("__schema", "__type")
_INCREMENTAL = ("defer", "stream")


class FieldCollector:
    """CollectFields for one document and one set of switch values."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, switches: Switches) -> None:
        self._schema = schema
        self._switches = switches
        self.fragments = fragments_of(document)

    def collect(self, kind: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode]) -> Grouped:
        """Nodes by response key, in order of selection. Raises FallbackError for features of graphql-core alone."""
        grouped: Grouped = {}
        seen: set[str] = set()
        for selection_set in selection_sets:
            self._visit(kind, selection_set, grouped, seen)
        return grouped

    def _visit(
        self, kind: GraphQLObjectType, selection_set: SelectionSetNode, grouped: Grouped, seen: set[str]
    ) -> None:
        for node in selection_set.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                _refuse_introspection(node)
                grouped.setdefault((node.alias or node.name).value, []).append(node)
                continue
            fragment = self._fragment(node, seen)
            if fragment is not None and self._applies(fragment, kind):
                self._visit(kind, fragment.selection_set, grouped, seen)

    def _fragment(self, node: SelectionNode, seen: set[str]) -> FragmentDefinitionNode | InlineFragmentNode | None:
        if isinstance(node, InlineFragmentNode):
            return node
        assert isinstance(node, FragmentSpreadNode)  # noqa: S101 - there is no other selection
        name = node.name.value
        if name in seen:
            return None
        seen.add(name)
        fragment = self.fragments[name]
        if fragment.variable_definitions:
            raise FallbackError(FallbackReason.DIRECTIVE)
        return fragment

    def _applies(self, fragment: FragmentDefinitionNode | InlineFragmentNode, kind: GraphQLObjectType) -> bool:
        condition = fragment.type_condition
        if condition is None:
            return True
        named = self._schema.type_map[condition.name.value]
        return named is kind or (is_abstract_type(named) and self._schema.is_sub_type(named, kind))

    def _is_included(self, node: SelectionNode) -> bool:
        return all(self._is_on(directive) == (directive.name.value == "include") for directive in node.directives or ())

    def _is_on(self, directive: DirectiveNode) -> bool:
        name = directive.name.value
        if name not in _SWITCHING:
            raise FallbackError(FallbackReason.INCREMENTAL if name in _INCREMENTAL else FallbackReason.DIRECTIVE)
        (argument,) = directive.arguments or ()
        value = argument.value
        if isinstance(value, BooleanValueNode):
            return value.value
        assert isinstance(value, VariableNode)  # noqa: S101 - a Boolean! is one of both in a valid document
        return self._switches[value.name.value]


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}


def switch_names(document: DocumentNode) -> tuple[str, ...]:
    """Names of the variables used by @skip and @include in the document, sorted."""
    return tuple(sorted({name for definition in document.definitions for name in _switches_in(definition)}))


def _switches_in(node: Any) -> Iterator[str]:
    for directive in getattr(node, "directives", None) or ():
        if directive.name.value in _SWITCHING and directive.arguments:
            value = directive.arguments[0].value
            if isinstance(value, VariableNode):
                yield value.name.value
    selection_set = getattr(node, "selection_set", None)
    for child in selection_set.selections if selection_set else ():
        yield from _switches_in(child)


def _refuse_introspection(node: FieldNode) -> None:
    if node.name.value in _INTROSPECTION:
        raise FallbackError(FallbackReason.INTROSPECTION)
