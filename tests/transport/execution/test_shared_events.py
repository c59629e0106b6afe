"""Shared events are executed once, and each subscriber gets its own cursor."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import msgspec
import pytest
import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from transport.execution.answers import Encoded
from transport.execution.execution import Execution
from transport.execution.operations import Operation, Preparation
from transport.execution.shared_events import SharedEvent
from transport.limits.limits import DEFAULT_LIMITS
from transport.request.graphql_request import GraphQLRequest

EVENT = "subscription($after: String) { news(after: $after) { cursor text again: cursor } }"
PERSONAL = "subscription { news { cursor text mine } }"


@dataclass
class Viewer:
    """A context; `made` lists the executed events of all viewers."""

    name: str
    made: list[str] = field(default_factory=list)
    is_personal: bool = False

    @property
    def who(self) -> str:
        self.is_personal = True
        return self.name

    def forget(self) -> None:
        pass

    def for_event(self) -> "Viewer":
        return Viewer(self.name, self.made)

    def for_shared_event(self) -> "Viewer":
        return Viewer(self.name, self.made)


@strawberry.type
class News:
    cursor: str
    text: str

    @strawberry.field
    def mine(self, info: Info[Viewer, None]) -> str:
        return f"{self.text} for {info.context.who}"

    @strawberry.field
    def louder(self, times: int) -> str:
        return self.text + "!" * times

    @strawberry.field
    def broken(self) -> str | None:
        raise GraphQLError("no")


@strawberry.type
class Query:
    is_serving: bool = True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def news(self, info: Info[Viewer, None], after: str | None = None) -> AsyncGenerator[News, None]:
        """Two shared events; the cursor differs by viewer."""
        for number, alike in enumerate(ALIKE):
            made = partial(_make, info.context.made, f"news {number}")
            yield cast(News, SharedEvent(made, f"{info.context.name}-{after}-{number}", alike))


ALIKE: list[dict[object, object]] = [{}, {}]


def _make(made: list[str], text: str, _: Any, cursor: str) -> News:
    made.append(text)
    return News(cursor=cursor, text=text)


@pytest.fixture
def execution() -> Execution:
    for alike in ALIKE:
        alike.clear()
    return Execution(SCHEMA, DEFAULT_LIMITS, suggestions=True, engine=True)


SCHEMA = strawberry.Schema(Query, subscription=Subscription)


def operation_of(text: str, **variables: object) -> Operation:
    preparation = Preparation(SCHEMA._schema, DEFAULT_LIMITS, introspection=True, suggestions=True)  # noqa: SLF001
    return preparation.prepare(GraphQLRequest(query=text, variables=variables))


async def answers_to(execution: Execution, viewer: Viewer, text: str, **variables: object) -> list[Any]:
    answers = await execution.stream(operation_of(text, **variables), viewer, request_id="1")
    return [msgspec.json.decode(answer) if isinstance(answer, Encoded) else answer async for answer in answers]


def expected(name: str, after: str | None) -> list[Any]:
    return [
        {"data": {"news": {"cursor": place, "text": f"news {number}", "again": place}}}
        for number in range(2)
        for place in [f"{name}-{after}-{number}"]
    ]


async def test_one_execution_serves_all_subscribers_each_with_its_cursor(execution: Execution) -> None:
    made: list[str] = []
    viewers = [Viewer(f"viewer{number}", made) for number in range(20)]
    found = await asyncio.gather(*[answers_to(execution, viewer, EVENT, after=viewer.name) for viewer in viewers])
    assert found == [expected(viewer.name, viewer.name) for viewer in viewers]
    assert sorted(made) == ["news 0", "news 0", "news 1", "news 1"]  # the first has a plan of its own


async def test_an_event_that_depends_on_the_viewer_is_executed_for_each(execution: Execution) -> None:
    made: list[str] = []
    found = [await answers_to(execution, Viewer(name, made), PERSONAL) for name in ("alice", "bob")]
    assert [[answer["data"]["news"]["mine"] for answer in answers] for answers in found] == [
        [f"news {number} for {name}" for number in range(2)] for name in ("alice", "bob")
    ]
    assert [answers[0]["data"]["news"]["cursor"] for answers in found] == ["alice-None-0", "bob-None-0"]


async def test_variables_that_shape_the_event_are_not_mixed_up(execution: Execution) -> None:
    text = "subscription($times: Int!) { news { louder(times: $times) } }"
    found = [await answers_to(execution, Viewer("alice"), text, times=times) for times in (1, 2, 1)]
    assert [answers[0]["data"]["news"]["louder"] for answers in found] == ["news 0!", "news 0!!", "news 0!"]


async def test_variables_in_fragments_are_not_mixed_up(execution: Execution) -> None:
    text = "subscription($times: Int!) { news { ...Loud } } fragment Loud on News { louder(times: $times) }"
    found = [await answers_to(execution, Viewer("alice"), text, times=times) for times in (1, 2)]
    assert [answers[0]["data"]["news"]["louder"] for answers in found] == ["news 0!", "news 0!!"]


async def test_an_event_with_an_error_is_executed_for_each(execution: Execution) -> None:
    found = [await answers_to(execution, Viewer(name), "subscription { news { broken } }") for name in ("alice", "bob")]
    for answers in found:
        assert [answer["data"] for answer in answers] == [{"news": {"broken": None}}] * 2
        assert all(answer["errors"] for answer in answers)


async def test_without_the_engine_the_answers_are_the_same() -> None:
    for alike in ALIKE:
        alike.clear()
    execution = Execution(SCHEMA, DEFAULT_LIMITS, suggestions=True, engine=False)
    assert await answers_to(execution, Viewer("alice"), EVENT, after="x") == expected("alice", "x")
