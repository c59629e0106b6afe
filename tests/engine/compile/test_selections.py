"""Selection sets: directives, fragments, aliases, unions, interfaces, each also run by graphql-core."""

from typing import Annotated, Any

import pytest
import strawberry

from tests.engine.comparing import run


@strawberry.interface
class Animal:
    name: str


@strawberry.type
class Dog(Animal):
    barks: bool = True

    @strawberry.field
    def friend(self) -> "Pet | None":
        return Cat(name=f"{self.name}'s cat") if self.name == "Odie" else None


@strawberry.type
class Cat(Animal):
    meows: bool = False
    lives: int = 9


Pet = Annotated[Dog | Cat, strawberry.union("Pet")]


@strawberry.type
class Query:
    a: str = "A"
    b: str = "B"

    @strawberry.field
    def pets(self) -> list[Pet]:
        return [Dog(name="Odie"), Cat(name="Garfield"), Dog(name="Rex")]

    @strawberry.field
    def animals(self) -> list[Animal | None]:
        return [Cat(name="Tom"), None, Dog(name="Spike")]

    @strawberry.field
    def deep(self) -> "Query":
        return Query()


SCHEMA = strawberry.Schema(Query, types=[Dog, Cat])


async def answered(text: str, variables: dict[str, Any] | None = None) -> Any:
    answer = await run(SCHEMA, text, variables, root=Query())
    assert answer["errors"] == []
    return answer["data"]


@pytest.mark.parametrize(
    ("directives", "shown"),
    [
        ("@include(if: true)", ["a", "b"]),
        ("@include(if: false)", ["b"]),
        ("@skip(if: false)", ["a", "b"]),
        ("@skip(if: true)", ["b"]),
        ("@include(if: true) @skip(if: false)", ["a", "b"]),
        ("@include(if: true) @skip(if: true)", ["b"]),
        ("@include(if: false) @skip(if: false)", ["b"]),
    ],
)
@pytest.mark.parametrize("place", ["a {}", "... on Query {} {{ a }}", "... {} {{ a }}", "...F {}"])
async def test_skip_and_include_decide_wherever_they_stand(directives: str, shown: list[str], place: str) -> None:
    fragment = "fragment F on Query { a }" if "...F" in place else ""
    data = await answered(f"{{ {place.format(directives)} b }} {fragment}")
    assert [key for key, _ in data] == shown


@pytest.mark.parametrize(("given", "shown"), [(True, ["a", "b"]), (False, ["b"])])
async def test_variables_decide_too_and_each_setting_has_a_plan_of_its_own(*, given: bool, shown: list[str]) -> None:
    text = "query Q($on: Boolean!, $off: Boolean = false) { a @include(if: $on) b @skip(if: $off) }"
    assert [key for key, _ in await answered(text, {"on": given})] == shown


async def test_the_same_field_asked_for_twice_is_merged_with_all_that_is_below() -> None:
    text = "{ deep { a } ...F deep { x: b } } fragment F on Query { deep { deep { b } a } }"
    assert await answered(text) == [("deep", [("a", "A"), ("deep", [("b", "B")]), ("x", "B")])]


async def test_keys_are_in_the_order_of_first_selection() -> None:
    text = "{ b ...F a2: a } fragment F on Query { a ...G } fragment G on Query { b a1: a }"
    assert [key for key, _ in await answered(text)] == ["b", "a", "a1", "a2"]


async def test_one_field_under_many_names() -> None:
    assert await answered("{ one: a two: a a: b }") == [("one", "A"), ("two", "A"), ("a", "B")]


async def test_members_of_a_union_answer_by_their_own_fragments() -> None:
    text = "{ pets { __typename ... on Dog { name barks } ... on Cat { lives } ... on Animal { called: name } } }"
    assert await answered(text) == [
        ("pets", [
            [("__typename", "Dog"), ("name", "Odie"), ("barks", True), ("called", "Odie")],
            [("__typename", "Cat"), ("lives", 9), ("called", "Garfield")],
            [("__typename", "Dog"), ("name", "Rex"), ("barks", True), ("called", "Rex")],
        ])
    ]  # fmt: skip


async def test_fields_of_an_interface_are_those_of_the_object() -> None:
    text = "{ animals { name ... on Cat { meows } ...D kind: __typename } } fragment D on Dog { barks }"
    assert await answered(text) == [
        ("animals", [
            [("name", "Tom"), ("meows", False), ("kind", "Cat")],
            None,
            [("name", "Spike"), ("barks", True), ("kind", "Dog")],
        ])
    ]  # fmt: skip


async def test_a_fragment_on_another_type_gives_empty_objects() -> None:
    text = "{ pets { ... on Cat { lives } } }"
    assert await answered(text) == [("pets", [[], [("lives", 9)], []])]


async def test_a_union_below_a_member_of_it() -> None:
    text = "{ pets { ... on Dog { friend { ... on Cat { name } } } } }"
    assert await answered(text) == [
        ("pets", [[("friend", [("name", "Odie's cat")])], [], [("friend", None)]]),
    ]


async def test_a_value_outside_the_union_is_an_error_of_its_path() -> None:
    @strawberry.type
    class Wrong:
        @strawberry.field
        def pets(self) -> list[Pet | None]:
            return [Dog(name="Rex"), Wrong(), 7]  # type: ignore[list-item]

    answer = await run(strawberry.Schema(Wrong), "{ pets { __typename } }", root=Wrong())
    assert answer["data"] == [("pets", [[("__typename", "Dog")], None, None])]
    assert [error["path"] for error in answer["errors"]] == [["pets", 1], ["pets", 2]]
