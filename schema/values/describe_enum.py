"""GraphQL enums of closed sets that other rooms define."""

from collections.abc import Mapping
from enum import Enum
from typing import cast

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition


def describe_enum(cls: type[Enum], name: str, description: str, values: Mapping[str, str]) -> None:
    """Makes `cls` a GraphQL enum. `values`: descriptions by member name."""
    strawberry.enum(cls, name=name, description=description)
    definition = cast(StrawberryEnumDefinition, vars(cls)["__strawberry_definition__"])
    for value in definition.values:
        value.description = values[value.name]
