"""Each subscription by server-sent events and by Apollo's multipart protocol."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from tests.support.people import EVENTS, Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

SSE = "text/event-stream"
MULTIPART = 'multipart/mixed;subscriptionSpec="1.0", application/json'
LIKE = "mutation($id: ID!) { like(tweetId: $id) { userErrors { code } } }"
NOTIFICATIONS = """subscription { notificationEvents { __typename
  ... on NotificationChanged { notification { kind } } } }"""
UPDATES = "subscription($ids: [ID!]!) { tweetUpdates(ids: $ids) { tweet { likeCount } } }"
SEARCH = 'subscription { searchEvents(query: "heron") { text } }'
TRENDS = "subscription { trendUpdates { tweetCount } }"

Act = Callable[[Person, Person, str], Awaitable[object]]
"""Called with the reader, the author, and the id of a tweet of the reader."""


async def _nothing(*_: object) -> None:
    pass


CASES: dict[str, tuple[str, Act, str]] = {
    "homeTimelineEvents": (EVENTS, lambda _, author, __: author.post("a heron"), "TimelineItemAdded"),
    "notificationEvents": (NOTIFICATIONS, lambda _, author, tweet: author.act(LIKE, id=tweet), "NotificationChanged"),
    "tweetUpdates": (UPDATES, _nothing, "likeCount"),
    "searchEvents": (SEARCH, lambda _, author, __: author.post("a heron"), "a heron"),
    "trendUpdates": (TRENDS, _nothing, "trendUpdates"),
}


@pytest.mark.parametrize("accept", [SSE, MULTIPART])
@pytest.mark.parametrize("name", CASES)
async def test_each_subscription_by_other_transports(shared_service: Service, name: str, accept: str) -> None:
    document, act, wanted = CASES[name]
    reader, author = await sign_up(shared_service, "reader"), await sign_up(shared_service, "author")
    await reader.follow(author)
    tweet = await reader.post("an egret")
    await shared_service.settle()
    variables: dict[str, Any] = {"ids": [tweet]} if name == "tweetUpdates" else {}
    async with _stream(reader, document, variables, accept) as parts:
        acting = asyncio.create_task(_act_repeatedly(act, reader, author, tweet))
        try:
            async with asyncio.timeout(20):
                found = await _first_with_data(parts)
        finally:
            acting.cancel()
    assert name in found["data"], found
    assert wanted in msgspec.json.encode(found).decode()


async def _act_repeatedly(act: Act, reader: Person, author: Person, tweet: str) -> None:
    """Acts repeatedly, because the moment at which the subscription begins is not known."""
    while True:
        await act(reader, author, tweet)
        await asyncio.sleep(0.5)
        tweet = await reader.post("another egret")


@asynccontextmanager
async def _stream(
    reader: Person, document: str, variables: dict[str, Any], accept: str
) -> AsyncIterator[AsyncIterator[str]]:
    headers = {"accept": accept, "authorization": f"Bearer {reader.token}"}
    body = {"query": document, "variables": variables}
    request = reader.service.http.stream("POST", "/graphql", json=body, headers=headers)
    async with request as answer:
        assert answer.status_code == httpx.codes.OK
        assert answer.headers["content-type"].startswith(accept.partition(";")[0])
        yield answer.aiter_lines()


async def _first_with_data(lines: AsyncIterator[str]) -> dict[str, Any]:
    async for line in lines:
        text = line.removeprefix("data: ")
        if text.startswith("{"):
            part = msgspec.json.decode(text)
            answer: dict[str, Any] = part.get("payload") or part
            if answer.get("data"):
                return answer
    raise AssertionError("the stream ended")
