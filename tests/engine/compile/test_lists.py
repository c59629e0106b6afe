"""Lists of nullable and non-null items, in nullable and non-null positions, at once or late, as in graphql-core."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
import strawberry

from tests.engine.comparing import run

_ITEMS: dict[str, Sequence[Any]] = {"whole": [1, 2], "null": [1, None], "error": [1, ValueError("bad")]}
_WRONG = object()


async def late(value: Any) -> Any:
    await asyncio.sleep(0)
    if isinstance(value, Exception):
        raise value
    return value


WAYS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "a list": list,
    "a list of what is late": lambda items: [late(item) for item in items],
    "a late list": late,
}


@strawberry.type
class Lists:
    given: strawberry.Private[Any]

    @strawberry.field
    def nullable_of_nullable(self) -> list[int | None] | None:
        return self.given()  # type: ignore[no-any-return]

    @strawberry.field
    def non_null_of_nullable(self) -> list[int | None]:
        return self.given()  # type: ignore[no-any-return]

    @strawberry.field
    def nullable_of_non_null(self) -> list[int] | None:
        return self.given()  # type: ignore[no-any-return]

    @strawberry.field
    def non_null_of_non_null(self) -> list[int]:
        return self.given()  # type: ignore[no-any-return]


@strawberry.type
class Query:
    given: strawberry.Private[Any]

    @strawberry.field
    def lists(self) -> Lists | None:
        return Lists(given=self.given)


SCHEMA = strawberry.Schema(Query)
FIELDS = ("nullableOfNullable", "nonNullOfNullable", "nullableOfNonNull", "nonNullOfNonNull")


async def shown(field: str, given: Callable[[], Any]) -> tuple[Any, list[Any]]:
    """The value of `lists`, and the paths of errors."""
    answer = await run(SCHEMA, f"{{ lists {{ {field} }} }}", root=Query(given=given))
    return answer["data"][0][1], [error["path"] for error in answer["errors"]]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("items", _ITEMS)
async def test_a_bad_item_nulls_the_nearest_nullable_parent(field: str, items: str, way: str) -> None:
    value, paths = await shown(field, lambda: WAYS[way](_ITEMS[items]))
    if items == "whole":
        assert (value, paths) == ([(field, [1, 2])], [])
        return
    takes_null_items = field.endswith("OfNullable")
    expected = {"nullableOfNonNull": [(field, None)], "nonNullOfNonNull": None}.get(field, [(field, [1, None])])
    assert value == expected
    assert paths == ([] if items == "null" and takes_null_items else [["lists", field, 1]])


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("given", [lambda: None, lambda: late(None)])
async def test_null_in_the_place_of_a_list(field: str, given: Callable[[], Any | Awaitable[Any]]) -> None:
    value, paths = await shown(field, given)
    may_be_null = field.startswith("nullable")
    assert (value, paths) == (([(field, None)], []) if may_be_null else (None, [["lists", field]]))


@pytest.mark.parametrize("field", FIELDS)
async def test_a_value_that_is_no_list_is_an_error_of_its_field(field: str) -> None:
    value, paths = await shown(field, lambda: _WRONG)
    assert value == ([(field, None)] if field.startswith("nullable") else None)
    assert paths == [["lists", field]]
