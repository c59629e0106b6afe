"""Field readers: paths, functions of the object, and batch fields with preloaded values."""

from dataclasses import dataclass
from typing import Any

import pytest
import strawberry
from strawberry.types import Info

from engine import batch_field, derived_field, read_field
from engine.runtime.field_readers import UnsafeNameError
from tests.engine.comparing import run

calls: list[int] = []


@dataclass
class Seen:
    likes: Any


@dataclass
class Record:
    text: Any
    seen: Seen | None = None


@strawberry.type
class Tweet:
    record: strawberry.Private[Record]
    seen: strawberry.Private[Seen | None]

    text = read_field("record.text", str, description="What it says.")
    nothing = read_field("record.text", str | None)

    @derived_field(description="How long it is.")
    def length(self) -> int:
        return len(self.record.text)

    @batch_field(preloaded_at="seen.likes", description="How many like it.")
    @staticmethod
    def likes(tweets: list["Tweet"], info: Info[Any, Any]) -> list[int]:  # noqa: ARG004 - as batches are called
        calls.append(len(tweets))
        return [0 if tweet.record.seen is None else tweet.record.seen.likes for tweet in tweets]


@strawberry.type
class Query:
    @strawberry.field
    def tweets(self, info: Info[Any, Any]) -> list[Tweet | None]:
        return list(info.context["tweets"])


SCHEMA = strawberry.Schema(Query)


def tweet(text: Any, likes: Any = None) -> Tweet:
    seen = None if likes is None else Seen(likes)
    return Tweet(record=Record(text, seen), seen=seen)


async def asked(text: str, *tweets: Tweet) -> tuple[dict[str, Any], list[int]]:
    """The answer, and the number of tweets in each call of the batch resolver by the engine alone."""
    calls.clear()
    answer = await run(SCHEMA, text, context={"tweets": tweets})
    made_by_core = 1 if calls else 0
    return answer, calls[made_by_core:]


async def test_paths_and_functions_are_read() -> None:
    answer, _ = await asked("{ tweets { nothing text length } }", tweet("one"), tweet("three"))
    assert answer == {
        "data": [
            ("tweets", [
                [("nothing", "one"), ("text", "one"), ("length", 3)],
                [("nothing", "three"), ("text", "three"), ("length", 5)],
            ])
        ],
        "errors": [],
    }  # fmt: skip


async def test_an_exception_while_reading_is_the_error_of_its_field() -> None:
    answer, _ = await asked("{ tweets { nothing length } }", tweet("one"), tweet(None))
    assert answer["data"] == [("tweets", [[("nothing", "one"), ("length", 3)], None])]
    (error,) = answer["errors"]
    assert error["path"] == ["tweets", 1, "length"]


async def test_an_irregular_value_is_coerced() -> None:
    answer, _ = await asked("{ tweets { text } }", tweet("one"), tweet(2), tweet([3]))
    assert answer["data"] == [("tweets", [[("text", "one")], [("text", "2")], None])]
    assert answer["errors"][0]["message"] == "String cannot represent value: [3]"


async def test_the_resolver_is_not_called_if_all_values_are_preloaded() -> None:
    answer, made = await asked("{ tweets { likes text } }", tweet("a", 1), tweet("b", 2))
    assert answer["data"] == [("tweets", [[("likes", 1), ("text", "a")], [("likes", 2), ("text", "b")]])]
    assert made == []


async def test_the_resolver_is_called_once_for_all_if_one_value_is_not_preloaded() -> None:
    answer, made = await asked("{ tweets { likes } }", tweet("a", 1), tweet("b"), tweet("c", 3))
    assert answer["data"] == [("tweets", [[("likes", 1)], [("likes", 0)], [("likes", 3)]])]
    assert made == [3]


async def test_the_resolver_is_called_for_a_preloaded_value_that_is_wrong() -> None:
    answer, made = await asked("{ tweets { likes } }", tweet("a", 1), tweet("b", "many"))
    assert answer["data"] == [("tweets", [[("likes", 1)], None])]
    assert answer["errors"][0]["message"] == "Int cannot represent non-integer value: 'many'"
    assert made == [1]


@pytest.mark.parametrize("path", ["", "a b", "a.", "a..b", "class", "a.def", "a()", "é"])
def test_an_invalid_path_is_refused_at_declaration(path: str) -> None:
    with pytest.raises(UnsafeNameError):
        read_field(path, str)
    with pytest.raises(UnsafeNameError):
        batch_field(preloaded_at=path)
