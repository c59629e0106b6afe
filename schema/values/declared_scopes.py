"""Which scopes cover the fields of a schema.

A field says by @scopes what covers it; where it says nothing its type does, and else it needs READ. Some must say it
themselves: those of ALONE, and in a type that a narrow scope covers those that lead to other objects.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
)

from core.auth.scopes import Scope, covering
from schema.values.scopes import Scopes

ALONE: Final = ("Query", "Mutation", "Subscription", "Viewer")
"""Types whose fields declare their scopes each by itself."""
_UNSAID = Scopes(any=[Scope.READ])


class UndeclaredScopesError(Exception):
    """Fields that must say which scopes cover them, and do not."""


def needed_scopes(schema: GraphQLSchema) -> dict[str, tuple[Scope, ...]]:
    """By `Type.field` the scopes of which any one covers the field. Raises UndeclaredScopesError."""
    if undeclared := undeclared_fields(schema):
        raise UndeclaredScopesError(", ".join(undeclared))
    return {
        f"{type_.name}.{name}": tuple((_declared(field) or _declared(type_) or _UNSAID).any)
        for type_, name, field in _fields(schema)
    }


def undeclared_fields(schema: GraphQLSchema) -> list[str]:
    """The fields that need a directive of their own and have none, as `Type.field`."""
    return [
        f"{type_.name}.{name}"
        for type_, name, field in _fields(schema)
        if _declared(field) is None
        and (type_.name in ALONE or (_is_narrow(type_) and is_composite_type(get_named_type(field.type))))
    ]


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
