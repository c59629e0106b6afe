"""Memory of a parsed document or a plan: all that it refers to, but what other documents share with it."""

import builtins
import gc
from sys import getsizeof
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from graphql import GraphQLSchema, Node
from graphql.type.definition import GraphQLArgument, GraphQLField, GraphQLInputField, GraphQLType
from strawberry.schema.types import ConcreteType
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.scalar import ScalarDefinition

_SHARED: tuple[type, ...] = (
    *(type, ModuleType, BuiltinFunctionType),
    *(StrawberryField, StrawberryObjectDefinition, ScalarDefinition, ConcreteType),
    *(GraphQLSchema, GraphQLType, GraphQLField, GraphQLInputField, GraphQLArgument),
)


def document_bytes(document: Node) -> int:
    return _deep_size(document, ())


def plan_bytes(plan: object) -> int:
    """Without the document, whose nodes the plan refers to."""
    return _deep_size(plan, (Node,))


def _deep_size(root: object, also_shared: tuple[type, ...]) -> int:
    shared, ours = _SHARED + also_shared, vars(builtins)
    seen, waiting, size = {id(root)}, [root], 0
    while waiting:
        one = waiting.pop()
        size += getsizeof(one)
        for other in _referents(one):
            if id(other) not in seen and other is not ours and not isinstance(other, shared):
                seen.add(id(other))
                waiting.append(other)
    return size


def _referents(one: object) -> list[Any]:
    """A function of a module shares its globals with it; a generated one has globals of its own."""
    if not isinstance(one, FunctionType) or "__name__" not in one.__globals__:
        return gc.get_referents(one)
    return list(one.__closure__ or ())
