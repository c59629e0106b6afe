"""Scopes of an operation: which fields it selects, and whether a scoped token covers each of them."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)

from core.auth.scopes import Scope, covering, named
from core.errors import CodedError, ErrorCode
from transport.execution.operations import Operation

_MOST_KEPT = 512
NeededScopes = Mapping[str, tuple[Scope, ...]]
"""By `Type.field` the scopes of which any one covers the field."""


class ScopeGuard:
    """The check for one schema, whose `needed_scopes` it is given."""

    def __init__(self, schema: GraphQLSchema, needed: NeededScopes) -> None:
        self._schema, self._needed = schema, needed
        self._kept = OrderedDict[tuple[str, str | None], NeededScopes]()

    def check(self, operation: Operation, granted: Collection[Scope]) -> None:
        """Raises CodedError FORBIDDEN that names a field outside the scopes, and the scopes that would cover it.

        All selected fields count, whatever @skip and @include say of them.
        """
        for coordinate, scopes in self._needed_by(operation).items():
            if not any(covering(scope) & set(granted) for scope in scopes):
                raise CodedError(ErrorCode.FORBIDDEN, _refusal(coordinate, scopes))

    def _needed_by(self, operation: Operation) -> NeededScopes:
        """The scopes of the selected fields, of fields with equal ones the first alone."""
        key = operation.digest, operation.name
        if (known := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return known
        first: dict[tuple[Scope, ...], str] = {}
        for coordinate in _Walk(self._schema, operation).coordinates():
            first.setdefault(self._needed[coordinate], coordinate)
        needed = self._kept[key] = {coordinate: scopes for scopes, coordinate in first.items()}
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return needed


class _Walk:
    """The fields that an operation selects; each fragment is visited once, however often it is spread."""

    def __init__(self, schema: GraphQLSchema, operation: Operation) -> None:
        self._schema, self._operation = schema, operation
        definitions = operation.document.definitions
        self._fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
        self._spread: set[str] = set()

    def coordinates(self) -> Iterator[str]:
        root = self._schema.get_root_type(self._operation.kind)
        return self._selected(self._operation.definition.selection_set, root)

    def _selected(self, selections: SelectionSetNode | None, parent: GraphQLNamedType | None) -> Iterator[str]:
        for node in () if selections is None else selections.selections:
            match node:
                case FieldNode():
                    yield from self._field(node, parent)
                case InlineFragmentNode():
                    yield from self._selected(node.selection_set, self._narrowed(node, parent))
                case FragmentSpreadNode() if node.name.value not in self._spread:
                    self._spread.add(node.name.value)
                    fragment = self._fragments[node.name.value]
                    yield from self._selected(fragment.selection_set, self._narrowed(fragment, parent))

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Iterator[str]:
        """Nothing for introspection, which tells nothing about anybody."""
        name = node.name.value
        if name.startswith("__") or not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return
        yield f"{parent.name}.{name}"
        yield from self._selected(node.selection_set, get_named_type(parent.fields[name].type))

    def _narrowed(
        self, node: InlineFragmentNode | FragmentDefinitionNode, parent: GraphQLNamedType | None
    ) -> GraphQLNamedType | None:
        condition = node.type_condition
        return parent if condition is None else self._schema.get_type(condition.name.value)


def _refusal(coordinate: str, scopes: tuple[Scope, ...]) -> str:
    if not scopes:
        return f"No scope of a token covers {coordinate}: this needs a sign-in."
    return f"{coordinate} needs a token with the scope {named(scopes)}."
