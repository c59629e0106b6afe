"""Scopes of an operation: which fields it selects, and whether a scoped token covers each of them.

A field says by @scopes what covers it; where it says nothing its type does, and else it needs READ. Some say it
themselves, which is checked when a guard is made: those of ALONE, and in a type that a narrow scope covers those that
lead to other objects.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)

from core.auth.scopes import Scope, covering, named
from core.errors import CodedError, ErrorCode
from schema.values.scopes import Scopes
from transport.execution.operations import Operation

ALONE: Final = ("Query", "Mutation", "Subscription", "Viewer")
"""Types whose fields declare their scopes each by itself."""
_MOST_KEPT = 512
_UNSAID = Scopes(any=[Scope.READ])
_Needed = Mapping[str, tuple[Scope, ...]]


class UndeclaredScopesError(Exception):
    """Fields that must say which scopes cover them, and do not."""


class ScopeGuard:
    """The check for one schema. Raises UndeclaredScopesError."""

    def __init__(self, schema: GraphQLSchema) -> None:
        if undeclared := undeclared_fields(schema):
            raise UndeclaredScopesError(", ".join(undeclared))
        self._schema, self._needed = schema, dict(needed_scopes(schema))
        self._kept = OrderedDict[tuple[str, str | None], _Needed]()

    def check(self, operation: Operation, granted: Collection[Scope]) -> None:
        """Raises CodedError FORBIDDEN that names a field outside the scopes, and the scopes that would cover it.

        All selected fields count, whatever @skip and @include say of them.
        """
        for coordinate, scopes in self._needed_by(operation).items():
            if not any(covering(scope) & set(granted) for scope in scopes):
                raise CodedError(ErrorCode.FORBIDDEN, _refusal(coordinate, scopes))

    def _needed_by(self, operation: Operation) -> _Needed:
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


def needed_scopes(schema: GraphQLSchema) -> Iterator[tuple[str, tuple[Scope, ...]]]:
    """Pairs of `Type.field` and the scopes of which any one covers the field."""
    for type_, name, field in _fields(schema):
        declared = _declared(field) or _declared(type_) or _UNSAID
        yield f"{type_.name}.{name}", tuple(declared.any)


def undeclared_fields(schema: GraphQLSchema) -> list[str]:
    """The fields that need a directive of their own and have none, as `Type.field`."""
    return [
        f"{type_.name}.{name}"
        for type_, name, field in _fields(schema)
        if _declared(field) is None
        and (type_.name in ALONE or (_is_narrow(type_) and is_composite_type(get_named_type(field.type))))
    ]


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


def _fields(
    schema: GraphQLSchema,
) -> Iterator[tuple[GraphQLObjectType | GraphQLInterfaceType, str, GraphQLField]]:
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                yield type_, name, field


def _is_narrow(type_: GraphQLObjectType | GraphQLInterfaceType) -> bool:
    """Whether a scope that covers less than READ covers fields of the type."""
    declared = _declared(type_)
    return declared is not None and not covering(Scope.READ).issuperset(declared.any)


def _declared(element: GraphQLField | GraphQLObjectType | GraphQLInterfaceType) -> Scopes | None:
    definition: Any = (element.extensions or {}).get("strawberry-definition")
    directives: Iterable[object] = getattr(definition, "directives", None) or ()
    return next((one for one in directives if isinstance(one, Scopes)), None)


def _refusal(coordinate: str, scopes: tuple[Scope, ...]) -> str:
    if not scopes:
        return f"No scope of a token covers {coordinate}: this needs a sign-in."
    return f"{coordinate} needs a token with the scope {named(scopes)}."
