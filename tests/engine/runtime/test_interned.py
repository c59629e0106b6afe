"""Interned objects: rows that were only read are cached; values of resolvers and errors are not."""

from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, get_operation_ast, parse
from graphql.execution.values import VariableValues
from strawberry.types import Info

from engine import Engine, Internable, batch_field, derived_field
from engine.runtime.interned import MOST_ROWS
from tests.engine.comparing import both, shown

reads: list[str] = []
answers: list[str] = []


@strawberry.type
class Author(Internable):
    name: str

    @derived_field()
    def length(self) -> int:
        reads.append(self.name)
        return len(self.name)


def _author(writer: str, _context: Any) -> Author:
    return AUTHORS[writer]


@strawberry.type
class Book(Internable):
    title: strawberry.Private[str]
    writer: strawberry.Private[str | None]

    @derived_field()
    def name(self) -> str:
        reads.append(self.title)
        return self.title if self.title != "none" else None  # type: ignore[return-value]  # that is the error

    @strawberry.field
    def asked(self) -> str:
        answers.append(self.title)
        return f"{self.title} {len(answers)}"

    @batch_field(preloaded_at="title", preloaded_if=lambda title: title != "late", presented_by=lambda title, _: title)
    @staticmethod
    def known(books: list["Book"], info: Info[Any, Any]) -> list[str]:  # noqa: ARG004 - as batches are called
        reads.append(f"asked for {len(books)} known")
        return [book.title for book in books]

    @batch_field(preloaded_at="writer", presented_by=_author)
    @staticmethod
    def author(books: list["Book"], info: Info[Any, Any]) -> list[Author | None]:  # noqa: ARG004 - as batches are called
        reads.append("asked for authors")
        return [None if book.writer is None else AUTHORS[book.writer] for book in books]


AUTHORS = {"ann": Author(name="ann").intern(), "bob": Author(name="bob").intern()}


@strawberry.type
class Query:
    @strawberry.field
    def books(self, info: Info[Any, Any]) -> list[Book | None]:
        return list(info.context)


SCHEMA = strawberry.Schema(Query)


@pytest.fixture(autouse=True)
def nothing_read_yet() -> None:
    reads.clear()
    answers.clear()
    for author in AUTHORS.values():
        author.intern()


def book(title: str, writer: str | None = "ann") -> Book:
    return Book(title=title, writer=writer).intern()


class Reader:
    """Runs one operation repeatedly."""

    def __init__(self, text: str) -> None:
        self._engine, self._text, document = Engine(SCHEMA), text, parse(text)
        operation = get_operation_ast(document, None)
        assert operation is not None
        plan = self._engine.plan(document, operation, VariableValues({}, {}))
        assert plan is not None
        self._plan = plan

    async def read(self, *books: Book) -> ExecutionResult:
        """The engine's answer, asserted equal to graphql-core's; only the engine's reads are counted."""
        asked = list(answers)
        result = await self._engine.run(self._plan, VariableValues({}, {}), context=books)
        before, now = list(reads), list(answers)
        answers[:] = asked
        assert shown(result) == shown((await both(Engine(SCHEMA), SCHEMA, self._text, context=books)).core)
        reads[:], answers[:] = before, now
        return result


async def test_an_interned_object_is_read_once() -> None:
    reader, one, other = Reader("{ books { name } }"), book("one"), book("other")
    await reader.read(one, other)
    result = await reader.read(other, one, one)
    assert reads == ["one", "other"]
    assert result.data == {"books": [{"name": "other"}, {"name": "one"}, {"name": "one"}]}


async def test_new_objects_are_read_beside_cached_ones() -> None:
    reader, one = Reader("{ books { name } }"), book("one")
    await reader.read(one)
    result = await reader.read(book("two"), one, book("three"))
    assert reads == ["one", "two", "three"]
    assert result.data == {"books": [{"name": "two"}, {"name": "one"}, {"name": "three"}]}


async def test_interned_objects_are_cached_beside_others_that_call_resolvers() -> None:
    reader, one, passing = Reader("{ books { name author { name } } }"), book("one"), Book(title="passing", writer=None)
    await reader.read(one, passing)
    reads.clear()
    result = await reader.read(passing, one)
    assert reads == ["passing", "asked for authors"]
    assert result.data == {"books": [{"name": "passing", "author": None}, {"name": "one", "author": {"name": "ann"}}]}


async def test_each_selection_has_its_own_rows() -> None:
    one = book("one")
    await Reader("{ books { name } }").read(one)
    result = await Reader("{ books { title: name } }").read(one)
    assert reads == ["one", "one"]
    assert result.data == {"books": [{"title": "one"}]}


async def test_preloaded_objects_are_cached_with_their_parent() -> None:
    reader, one = Reader("{ books { author { name length } } }"), book("one")
    for _ in range(2):
        assert (await reader.read(one)).data == {"books": [{"author": {"name": "ann", "length": 3}}]}
    assert reads == ["ann"]


async def test_of_one_that_is_not_preloaded_nothing_is_cached_while_others_are() -> None:
    reader, one, none = Reader("{ books { name author { name } } }"), book("one"), book("other", None)
    for _ in range(2):
        data = (await reader.read(one, none)).data
        assert data == {"books": [{"name": "one", "author": {"name": "ann"}}, {"name": "other", "author": None}]}
    assert reads == ["one", "other", "asked for authors", "other", "asked for authors"]


async def test_a_resolver_is_called_for_the_values_that_are_not_known_alone() -> None:
    reader, one, late, two = Reader("{ books { known name } }"), book("one"), book("late"), book("two")
    for _ in range(2):
        data = (await reader.read(one, late, two)).data
        assert data == {"books": [{"known": title, "name": title} for title in ("one", "late", "two")]}
    assert reads == ["one", "two", "late", "asked for 1 known", "late", "asked for 1 known"]


async def test_values_of_a_resolver_are_not_cached_beside_those_that_were_read() -> None:
    reader, one, other = Reader("{ books { name asked } }"), book("one"), book("other")
    first = (await reader.read(one)).data
    second = (await reader.read(one, other)).data
    third = (await reader.read(other, one)).data
    assert reads == ["one", "other"]
    assert first == {"books": [{"name": "one", "asked": "one 1"}]}
    assert second == {"books": [{"name": "one", "asked": "one 2"}, {"name": "other", "asked": "other 3"}]}
    assert third == {"books": [{"name": "other", "asked": "other 4"}, {"name": "one", "asked": "one 5"}]}


async def test_an_error_is_reported_each_time() -> None:
    reader, one, wrong = Reader("{ books { name } }"), book("one"), book("none")
    for _ in range(2):
        result = await reader.read(one, wrong)
        assert result.data == {"books": [{"name": "one"}, None]}
        assert [error.path for error in result.errors or ()] == [["books", 1, "name"]]


async def test_an_object_that_is_not_interned_caches_nothing() -> None:
    reader, one = Reader("{ books { name } }"), Book(title="one", writer=None)
    for _ in range(2):
        await reader.read(one)
    assert reads == ["one", "one"]
    assert one.cached_rows is None


async def test_an_object_caches_rows_of_few_selections() -> None:
    one = book("one")
    for number in range(3 * MOST_ROWS):
        await Reader(f"{{ books {{ n{number}: name }} }}").read(one)
    assert one.cached_rows is not None
    assert len(one.cached_rows) <= MOST_ROWS
