"""The served schema, and valid sample values for its types."""

from typing import Any

from graphql import (
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLSchema,
    build_schema,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_required_input_field,
)

from tests.support.service import Service

NOBODY = "VXNlcjox"
"""The global id of an unknown user."""
SAMPLES: dict[str, object] = {"ID": NOBODY, "String": "x", "Int": 1, "Boolean": True, "Float": 1.0}
SAMPLES |= {"Date": "2000-01-01", "DateTime": "2030-01-01T00:00:00Z"}


def sample(kind: GraphQLInputType) -> Any:
    """A valid value of the type."""
    bare = get_nullable_type(kind)
    if is_list_type(bare):
        return [sample(bare.of_type)]
    if is_enum_type(bare):
        return next(iter(bare.values))
    if is_input_object_type(bare):
        return {name: sample(field.type) for name, field in bare.fields.items() if is_required_input_field(field)}
    return SAMPLES[str(bare)]


async def schema_of(service: Service) -> GraphQLSchema:
    return build_schema((await service.http.get("/schema.graphql")).text)


def selection(kind: GraphQLNamedType) -> str:
    return "" if is_leaf_type(kind) else " { __typename }"
