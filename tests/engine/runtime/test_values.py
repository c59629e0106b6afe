"""Completion of values: nulls, errors, lists, scalars, each compared with graphql-core."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry

from tests.engine.comparing import run


@strawberry.type
class Child:
    text: str
    maybe: str | None = None

    @strawberry.field
    async def late(self) -> str:
        await asyncio.sleep(0)
        return self.text


@strawberry.type
class Query:
    given: strawberry.Private[Any] = None

    @strawberry.field
    def text(self) -> str | None:
        return self.given  # type: ignore[no-any-return]

    @strawberry.field
    def number(self) -> int | None:
        return self.given  # type: ignore[no-any-return]

    @strawberry.field
    def must(self) -> str:
        return self.given  # type: ignore[no-any-return]

    @strawberry.field
    def raises(self) -> str | None:
        raise ValueError("no luck")

    @strawberry.field
    def texts(self) -> list[str | None] | None:
        return self.given  # type: ignore[no-any-return]

    @strawberry.field
    def strict_texts(self) -> list[str] | None:
        return self.given  # type: ignore[no-any-return]

    @strawberry.field
    def matrix(self) -> list[list[int]] | None:
        return self.given  # type: ignore[no-any-return]

    @strawberry.field
    def child(self) -> Child | None:
        return self.given  # type: ignore[no-any-return]

    @strawberry.field
    def children(self) -> list[Child | None] | None:
        return self.given  # type: ignore[no-any-return]

    @strawberry.field
    def sure_children(self) -> list[Child] | None:
        return self.given  # type: ignore[no-any-return]


SCHEMA = strawberry.Schema(Query)


async def asked(text: str, given: Any = None) -> tuple[Any, list[tuple[str, list[str | int]]]]:
    answer = await run(SCHEMA, text, root=Query(given=given))
    return answer["data"], [(error["message"], error["path"]) for error in answer["errors"]]


async def test_null_is_allowed_in_nullable_positions() -> None:
    assert await asked("{ text }") == ([("text", None)], [])


async def test_a_null_in_a_non_null_root_field_nulls_the_answer() -> None:
    assert await asked("{ text must }") == (
        None,
        [("Cannot return null for non-nullable field Query.must.", ["must"])],
    )


async def test_an_error_has_its_path_and_location() -> None:
    answer = await run(SCHEMA, "{\n  alias: raises\n}", root=Query())
    assert answer["errors"] == [{"message": "no luck", "locations": [{"line": 2, "column": 3}], "path": ["alias"]}]


async def test_an_error_that_is_returned_counts_as_raised() -> None:
    assert await asked("{ text }", KeyError("lost")) == ([("text", None)], [("'lost'", ["text"])])


@pytest.mark.parametrize(
    ("given", "shown"),
    [(3, 3), (True, 1), (2.0, 2), ("12", 12), (2**31 - 1, 2**31 - 1), (-(2**31), -(2**31))],
)
async def test_scalars_are_coerced_as_graphql_core_does(given: Any, shown: int) -> None:
    assert await asked("{ number }", given) == ([("number", shown)], [])


@pytest.mark.parametrize("given", [2**31, "x", 1.5, object, [1]])
async def test_a_value_that_a_scalar_refuses_is_an_error(given: Any) -> None:
    data, errors = await asked("{ number }", given)
    assert data == [("number", None)]
    assert [path for _, path in errors] == [["number"]]


async def test_a_null_item_makes_the_list_of_non_null_items_null() -> None:
    data, errors = await asked("{ texts strictTexts }", ["a", None])
    assert data == [("texts", ["a", None]), ("strictTexts", None)]
    assert errors == [("Cannot return null for non-nullable field Query.strictTexts.", ["strictTexts", 1])]


@pytest.mark.parametrize("given", [["a", "b"], ("a", "b"), {"a": 1, "b": 2}.keys()])
async def test_any_iterable_is_a_list(given: Any) -> None:
    assert await asked("{ strictTexts }", given) == ([("strictTexts", ["a", "b"])], [])


@pytest.mark.parametrize("given", ["abc", 5, {"a": 1}, b"abc"])
async def test_a_text_or_number_is_no_list(given: Any) -> None:
    data, errors = await asked("{ texts }", given)
    assert data == [("texts", None)]
    assert errors == [("Expected Iterable, but did not find one for field 'Query.texts'.", ["texts"])]


async def test_a_generator_that_raises_is_an_error_of_its_list() -> None:
    def broken() -> Iterator[str]:
        yield "a"
        raise ValueError("broke off")

    def texts(self: Query) -> Any:
        return broken()

    assert await asked("{ texts }", type("Broken", (), {"__iter__": lambda _: broken()})()) == (
        [("texts", None)],
        [("broke off", ["texts"])],
    )


async def test_errors_deep_in_lists_of_lists_propagate_to_the_nearest_nullable_position() -> None:
    data, errors = await asked("{ matrix text }", [[1, 2], [3, "x"], [None]])
    assert data is not None
    assert data[0] == ("matrix", None)
    assert errors[0][1] == ["matrix", 1, 1]
    assert len([path for _, path in errors if path[0] == "matrix"]) == 1


async def test_an_attribute_of_the_wrong_type_takes_the_slow_path_for_its_object_alone() -> None:
    children = [Child(text="a"), Child(text=None), Child(text=5), Child(text="d", maybe=Child)]  # type: ignore[arg-type]
    data, errors = await asked("{ children { text maybe late __typename } }", children)
    first, second, third, fourth = data[0][1]
    assert first == [("text", "a"), ("maybe", None), ("late", "a"), ("__typename", "Child")]
    assert second is None
    assert dict(third)["text"] == "5"
    assert dict(fourth)["maybe"] is None
    assert [path for _, path in errors] == [["children", 1, "text"], ["children", 3, "maybe"]]


async def test_an_attribute_that_raises_is_an_error_of_its_field() -> None:
    class Hollow:
        text = "a"

        @property
        def maybe(self) -> str:
            raise ValueError("hollow")

    assert await asked("{ child { text maybe } }", Hollow()) == (
        [("child", [("text", "a"), ("maybe", None)])],
        [("hollow", ["child", "maybe"])],
    )


async def test_awaitables_may_stand_for_attributes_and_items() -> None:
    async def later(value: Any) -> Any:
        await asyncio.sleep(0)
        return value

    class Root:
        @property
        def given(self) -> Any:
            children: list[Any] = [SimpleNamespace(text=later("a"), maybe=later(None)) for _ in range(2)]
            return [later(children[0]), children[1]]

    answer = await run(SCHEMA, "{ sureChildren { text maybe } }", root=Root())
    assert answer["data"] == [("sureChildren", [[("text", "a"), ("maybe", None)]] * 2)]


async def test_an_asynchronous_iterable_is_a_list() -> None:
    class Stream:
        async def __aiter__(self) -> AsyncIterator[str]:
            yield "a"
            await asyncio.sleep(0)
            yield "b"

    assert await asked("{ strictTexts }", Stream()) == ([("strictTexts", ["a", "b"])], [])


async def test_an_asynchronous_iterable_that_raises_is_an_error_of_its_list() -> None:
    class Stream:
        async def __aiter__(self) -> AsyncIterator[str]:
            yield "a"
            raise ValueError("broke off")

    assert await asked("{ strictTexts }", Stream()) == (
        [("strictTexts", None)],
        [("broke off", ["strictTexts"])],
    )


async def test_a_value_nulled_by_an_error_is_reported_once() -> None:
    children = [Child(text=None), Child(text=None)]  # type: ignore[arg-type]
    data, errors = await asked("{ sureChildren { a: text b: text } }", children)
    assert data == [("sureChildren", None)]
    assert errors == [("Cannot return null for non-nullable field Child.text.", ["sureChildren", 0, "a"])]
