"""Valid sample values for the types of the schema."""

from typing import Any

from graphql import (
    GraphQLInputType,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_required_input_field,
)

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
