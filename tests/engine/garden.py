"""A synthetic schema like an application's: instances of Strawberry types, batch fields, many late resolvers."""

import asyncio
from collections.abc import AsyncGenerator
from functools import cache
from typing import Annotated, Any, TypeVar
from zlib import crc32

import strawberry
from strawberry.permission import BasePermission
from strawberry.types import Info

from engine import batch_field

T = TypeVar("T")
FAULTS = 25


async def fated(seed: int, name: str, good: T) -> T:
    """Late by some iterations of the event loop, and perhaps an error; deterministic for object and field."""
    lot = crc32(f"{seed}.{name}".encode()) % FAULTS
    for _ in range(lot % 4):
        await asyncio.sleep(0)
    if lot == 0:
        raise ValueError(f"{name} of {seed} raises")
    return None if lot == 1 else good  # type: ignore[return-value]


class Sunny(BasePermission):
    message = "Only when the sun shines."

    async def has_permission(self, source: Any, info: Info[Any, Any], **_: Any) -> bool:  # noqa: ARG002 - Strawberry's
        return bool(source.seed % 3)


@strawberry.input
class Soil:
    kind: str
    layers: list[int] = strawberry.field(default_factory=list)
    below: "Soil | None" = None


@strawberry.interface
class Plant:
    seed: int
    name: str

    @strawberry.field
    async def height(self) -> float:
        return await fated(self.seed, "height", self.seed / 2)

    @strawberry.field
    async def neighbour(self) -> "Plant | None":
        return await fated(self.seed, "neighbour", plant(self.seed * 3 % 101))

    @strawberry.field(permission_classes=[Sunny])  # type: ignore[untyped-decorator]
    def smell(self) -> str | None:
        return f"smell {self.seed}"


@strawberry.type
class Tree(Plant):
    rings: int

    @batch_field()
    @staticmethod
    async def birds(trees: list["Tree"], info: Info[Any, Any], most: int = 2) -> list[list["Bird"]]:  # noqa: ARG004 - as batches are called
        await asyncio.sleep(0)
        return [[Bird(name=f"{tree.name}-{number}") for number in range(min(most, 3))] for tree in trees]

    @batch_field()
    @staticmethod
    def age(trees: list["Tree"], info: Info[Any, Any]) -> list[int]:  # noqa: ARG004 - as batches are called
        return [tree.rings if tree.seed % 7 else _no_age(tree) for tree in trees]

    @strawberry.field
    async def leaves(self) -> list[str]:
        return await fated(self.seed, "leaves", ["green", "yellow"])


def _no_age(tree: Tree) -> Any:
    return ValueError(f"nobody counted {tree.name}")


@strawberry.type
class Flower(Plant):
    petals: int | None

    @strawberry.field
    async def planted(self, soil: Soil, info: Info[Any, Any]) -> str:
        return await fated(self.seed, "planted", f"{soil} {info.path.as_list()}")

    @strawberry.field
    async def beside(self, number: int = 1) -> list["Flower"]:
        return await fated(self.seed, "beside", [flower(self.seed + one) for one in range(min(abs(number), 3))])


@strawberry.type
class Bird:
    name: str

    @strawberry.field
    async def nest(self) -> Annotated["Tree | Flower", strawberry.union("Nest")]:
        found: Any = await fated(len(self.name), "nest", plant(len(self.name)))
        return found  # type: ignore[no-any-return]


def plant(seed: int) -> Plant:
    return flower(seed) if seed % 2 else Tree(seed=seed, name=f"tree{seed}", rings=seed)


def flower(seed: int) -> Flower:
    return Flower(seed=seed, name=f"flower{seed}", petals=None if seed % 5 == 0 else seed)


@strawberry.type
class Query:
    @strawberry.field
    async def plants(self, count: int = 3) -> list[Plant]:
        return [plant(seed) for seed in range(min(abs(count), 4))]

    @strawberry.field
    async def tree(self, seed: int = 2) -> Tree | None:
        return await fated(seed, "tree", Tree(seed=seed, name="tree", rings=4))

    @strawberry.field
    def flowers(self, soil: Soil | None = None) -> list[Flower | None] | None:
        return [flower(seed) if seed else None for seed in range(len(soil.layers) + 1 if soil else 3)]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def grow(self, info: Info[Any, Any], by: int) -> int | None:
        before = info.context["height"]
        await asyncio.sleep(0)
        info.context["height"] = before + by
        if by == 13:
            raise ValueError("It withers.")
        return int(before + by)

    @strawberry.mutation
    def cut(self, info: Info[Any, Any]) -> Tree:
        info.context["height"] -= 1
        return Tree(seed=info.context["height"], name="cut", rings=1) if info.context["height"] > 0 else None  # type: ignore[return-value]


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def grown(self, most: int) -> AsyncGenerator[Plant, None]:
        for seed in range(most):
            yield plant(seed)


@cache
def garden() -> strawberry.Schema:
    return strawberry.Schema(Query, Mutation, Subscription, types=[Tree, Flower])
