"""A synthetic schema of every kind of type; values are wrong, null or errors, by a seed in each object."""

from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, NewType
from zlib import crc32

import strawberry
from strawberry.schema.config import StrawberryConfig


@strawberry.enum
class Colour(Enum):
    RED = "r"
    BLUE = "b"


@strawberry.input
class Wish:
    words: list[str]
    colour: Colour = Colour.RED
    size: int | None = None
    inner: "Wish | None" = None


def shout(value: object) -> str:
    if not isinstance(value, str) or value == "mute":
        raise ValueError("Nothing to shout.")
    return value.upper()


Shout = NewType("Shout", str)
SCALARS: dict[object, Any] = {Shout: strawberry.scalar(name="Shout", serialize=shout, parse_value=shout)}


def fate(seed: int, name: str, faults: int) -> int:
    """0 to 3 for one of four kinds of fault, else more; deterministic for object and field."""
    return crc32(f"{seed}.{name}".encode()) % faults


class Faulty:
    """An object whose attributes may be wrong."""

    faults = 40

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def one_of(self, name: str, good: Any, wrong: Any) -> Any:
        match fate(self.seed, name, self.faults):
            case 0:
                return None
            case 1:
                return ValueError(f"{name} of {self.seed} is an error")
            case 2:
                raise ValueError(f"{name} of {self.seed} raises")
            case 3:
                return wrong
            case _:
                return good

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.one_of(name, *self.values(name))

    def values(self, name: str) -> tuple[Any, Any]:
        child = self.seed * 7 % 1009
        return {
            "text": ("text", object()),
            "maybe_text": ("text", 5),
            "number": (self.seed, 2**40),
            "maybe_number": (self.seed, "x"),
            "size": (self.seed / 3, float("nan")),
            "flag": (True, "yes"),
            "colour": (Colour.RED, "green"),
            "id": (f"id{self.seed}", object()),
            "at": (datetime(2026, 1, 31, tzinfo=UTC), 5),
            "shout": ("loud", "mute"),
            "tags": (["a", "b"], "abc"),
            "maybe_tags": (["a", None, 5], 7),
            "matrix": ([[1, 2], [3]], [[1], None]),
            "loose": ([None, [1, None, "x"]], 5),
            "leaf": (Thing(child), Thing(child)),
            "maybe_leaf": (Thing(child + 1), Other(child)),
            "leaves": ([Thing(child), Thing(child + 2)], [Thing(child), None]),
            "maybe_leaves": ((Thing(child), None, ValueError("an item")), 3),
            "either": (Thing(child) if child % 2 else Other(child), 5),
            "eithers": ([Thing(child), Other(child + 3)], [Thing(child), "nothing"]),
            "named": (Other(child) if child % 3 else Thing(child), 5),
            "nameds": ([Other(child), Thing(child)], [None, Other(child)]),
        }[name]


@strawberry.interface
class Named:
    id: strawberry.ID
    text: str
    maybe_text: str | None


@strawberry.interface
class Sized(Named):
    size: float


class Thing(Faulty):
    pass


class Other(Faulty):
    pass


def _is(kind: type) -> Any:
    return classmethod(lambda _, value, __: isinstance(value, kind))


@strawberry.type(name="Thing")
class ThingType(Sized):
    is_type_of = _is(Thing)
    number: int
    maybe_number: int | None
    flag: bool
    colour: Colour
    at: datetime
    shout: Shout | None
    tags: list[str]
    maybe_tags: list[str | None] | None
    matrix: list[list[int]]
    loose: list[list[int | None] | None] | None
    leaf: "ThingType"
    maybe_leaf: "ThingType | None"
    leaves: list["ThingType"]
    maybe_leaves: list["ThingType | None"] | None
    either: "Either"
    eithers: list["Either"] | None
    named: Named
    nameds: list[Sized | None] | None

    @strawberry.field
    @staticmethod
    def added(root: strawberry.Parent[Any], number: int, to: int = 2) -> int:
        return int(root.seed) + number + to

    @strawberry.field
    @staticmethod
    def wished(
        root: strawberry.Parent[Any],
        info: strawberry.Info,
        wish: Wish | None = None,
        colours: list[Colour] | None = None,
    ) -> str:
        if root.seed % 5 == 0:
            raise ValueError(f"no wish at {info.path.as_list()}")
        return f"{wish} {colours} {sorted(info.variable_values)}"

    @strawberry.field
    @staticmethod
    def friend(root: strawberry.Parent[Any]) -> "OtherType | None":
        return None if root.seed % 4 == 0 else Other(root.seed + 1)  # type: ignore[return-value]


@strawberry.type(name="Other")
class OtherType(Named):
    is_type_of = _is(Other)
    either: "Either | None"
    leaf: ThingType
    shout: Shout

    @strawberry.field
    @staticmethod
    def path(info: strawberry.Info) -> list[str]:
        return [str(key) for key in info.path.as_list()]


Either = Annotated[ThingType | OtherType, strawberry.union("Either")]


@strawberry.type
class Query:
    @strawberry.field
    def thing(self, seed: int = 1) -> ThingType | None:
        return Thing(seed)  # type: ignore[return-value]

    @strawberry.field
    def strict(self, seed: int = 2) -> ThingType:
        return Thing(seed)  # type: ignore[return-value]

    @strawberry.field
    def things(self, count: int = 3) -> list[ThingType | None]:
        return [Thing(seed) for seed in range(min(abs(count), 5))]  # type: ignore[misc]

    @strawberry.field
    def either(self, seed: int = 3) -> Either | None:
        return Thing(seed) if seed % 2 else Other(seed)  # type: ignore[return-value]

    @strawberry.field
    def sized(self, seed: int = 3) -> Sized | None:
        return Thing(seed)  # type: ignore[return-value]


@cache
def sync_world() -> strawberry.Schema:
    """Without waiting, so that the order of errors is determined."""
    return strawberry.Schema(Query, types=[ThingType, OtherType], config=StrawberryConfig(scalar_map=SCALARS))
