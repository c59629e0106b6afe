"""Shapes of answers: what both clients have as types."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TypeRef:
    """`name` is that of a shape, an enum or an input, a kind of scalar, or `=Text` for a constant; `lists` wrap it."""

    name: str
    is_nullable: bool = False
    of: "TypeRef | None" = None


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    type: TypeRef
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """An object of a GraphQL type with members, or a union of other shapes."""

    name: str
    members: tuple[Member, ...] = ()
    union: tuple[str, ...] = ()
    of: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """`fragments` are named in an order in which each follows those that it spreads."""

    name: str
    text: str
    fragments: tuple[str, ...]
    kind: str
    variables: Shape
    data: Shape


@dataclass(slots=True)
class Shapes:
    """All that is generated: enums and inputs first, then shapes, each after those that it is made of."""

    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    fragments: dict[str, str] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
