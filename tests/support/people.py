"""Users of the tests, who act through the public API alone."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.service import TIMEOUT_SECONDS, Service

PASSWORD = "correct horse"
_numbers = itertools.count()

REGISTER = """mutation Register($input: RegisterInput!) { register(input: $input) {
  tokens { accessToken refreshToken expiresAt } viewer { user { id handle } } userErrors { code field message } } }"""
POST = """mutation Post($input: PostTweetInput!) { postTweet(input: $input) {
  tweet { id text } userErrors { code field message } } }"""
DELETE = "mutation Delete($id: ID!) { deleteTweet(id: $id) { deletedId userErrors { code field message } } }"
FOLLOW = "mutation Follow($id: ID!) { follow(userId: $id) { user { id } userErrors { code field message } } }"
UNFOLLOW = "mutation Unfollow($id: ID!) { unfollow(userId: $id) { user { id } userErrors { code field message } } }"
HOME = """query Home($first: Int!, $after: String, $before: String) {
  homeTimeline(first: $first, after: $after, before: $before) {
    state headCursor
    edges { cursor reason node { ... on Tweet { id text } ... on Retweet { id tweet { text } } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
EVENTS = """subscription Events($after: String) { homeTimelineEvents(after: $after) {
  __typename
  ... on StreamEvent { cursor at }
  ... on TimelineItemAdded { edge { cursor reason node { ... on Tweet { id text } ... on Retweet { id } } } }
  ... on TimelineItemRemoved { nodeId }
  ... on TimelineReset { reason } } }"""


@dataclass(frozen=True, slots=True)
class Person:
    """A user with an account. Acts that must succeed raise AssertionError with the errors where they do not."""

    service: Service
    id: str
    handle: str
    token: str
    refresh_token: str

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Returns the data. Errors fail the test."""
        answer = await self.service.ask(document, variables, self.token)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def act(self, document: str, **variables: Any) -> dict[str, Any]:
        """Returns the payload of a mutation. A refusal fails the test."""
        (payload,) = (await self.ask(document, **variables)).values()
        assert payload["userErrors"] == []
        result: dict[str, Any] = payload
        return result

    async def failed(self, document: str, **variables: Any) -> list[str]:
        """Returns the codes of an answer's errors. An answer without errors fails the test."""
        return codes(await self.service.ask(document, variables, self.token))

    async def refused(self, document: str, **variables: Any) -> list[tuple[str, list[str]]]:
        """Returns code and field of each userError. A mutation that succeeds fails the test."""
        (payload,) = (await self.ask(document, **variables)).values()
        assert payload["userErrors"], payload
        assert not any(value for name, value in payload.items() if name != "userErrors"), payload
        return [(error["code"], error["field"]) for error in payload["userErrors"]]

    async def post(self, text: str, **more: Any) -> str:
        """Returns the tweet's id."""
        tweet_id: str = (await self.act(POST, input={"text": text, **more}))["tweet"]["id"]
        return tweet_id

    async def delete(self, tweet_id: str) -> None:
        await self.act(DELETE, id=tweet_id)

    async def follow(self, other: "Person") -> None:
        await self.act(FOLLOW, id=other.id)

    async def unfollow(self, other: "Person") -> None:
        await self.act(UNFOLLOW, id=other.id)

    async def home(self, first: int = 100, after: str | None = None, before: str | None = None) -> dict[str, Any]:
        connection: dict[str, Any] = (await self.ask(HOME, first=first, after=after, before=before))["homeTimeline"]
        return connection

    async def home_texts(self) -> list[str]:
        return [edge["node"]["text"] for edge in (await self.home())["edges"]]

    @asynccontextmanager
    async def socket(self) -> AsyncIterator["Socket"]:
        async with connected(self.service, self.token) as socket:
            yield socket


@dataclass(slots=True)
class Socket:
    """A websocket that speaks graphql-transport-ws."""

    connection: ClientConnection
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    async def subscribe(self, document: str, **variables: Any) -> str:
        """Returns the operation's id."""
        operation = str(next(self._ids))
        payload = {"query": document, "variables": variables}
        await self.send({"type": "subscribe", "id": operation, "payload": payload})
        return operation

    async def send(self, message: dict[str, Any]) -> None:
        await self.connection.send(msgspec.json.encode(message).decode())

    async def message(self, within: float = 20.0) -> dict[str, Any]:
        async with asyncio.timeout(within):
            received: dict[str, Any] = msgspec.json.decode(await self.connection.recv())
        return received

    async def event(self, within: float = 20.0) -> dict[str, Any]:
        """The next event of any subscription."""
        message = await self.message(within)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        (event,) = message["payload"]["data"].values()
        result: dict[str, Any] = event
        return result

    async def error(self, within: float = 20.0) -> list[str]:
        """Codes of the errors that end an operation."""
        message = await self.message(within)
        assert message["type"] == "error", message
        return [error["extensions"]["code"] for error in message["payload"]]

    async def closing(self, within: float = 10.0) -> int | None:
        """Waits until the server closes the socket and returns the close code; drops messages."""
        async with asyncio.timeout(within):
            with suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        return self.connection.close_code

    async def watch_home(self, after: str | None = None) -> None:
        await self.subscribe(EVENTS, after=after)


@asynccontextmanager
async def connected(service: Service, token: str | None) -> AsyncIterator[Socket]:
    async with connect(service.websocket_url, subprotocols=["graphql-transport-ws"]) as connection:  # type: ignore[list-item]
        socket = Socket(connection)
        payload = {} if token is None else {"authorization": f"Bearer {token}"}
        await socket.send({"type": "connection_init", "payload": payload})
        assert await socket.message(TIMEOUT_SECONDS) == {"type": "connection_ack"}
        yield socket


async def used_long_ago(person: Person) -> None:
    """Makes the uses of the refresh tokens of the person's session eleven seconds older."""
    sessions, session_id = person.service.stores.mongo.collection("sessions"), int(person.refresh_token.split(".")[0])
    row = await sessions.find_one({"_id": session_id})
    older = [at - timedelta(seconds=11) for at in row["rotations"]]
    await sessions.update_one({"_id": session_id}, {"$set": {"rotations": older}})


def codes(answer: dict[str, Any]) -> list[str]:
    """Codes of the errors of an answer. Data beside them fails the test."""
    assert not any((answer.get("data") or {}).values()), answer
    return [error["extensions"]["code"] for error in answer["errors"]]


async def refusals(service: Service, document: str, **variables: Any) -> list[tuple[str, list[str]]]:
    """Code and field of each userError of an anonymous mutation; empty where it succeeded."""
    (payload,) = (await service.ask(document, variables))["data"].values()
    assert not payload["userErrors"] or not any(value for name, value in payload.items() if name != "userErrors")
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


def unused_handle(name: str) -> str:
    """A handle of at most 15 characters that is unused in the whole run."""
    return f"{name[:8]}_{next(_numbers)}"


def registration(name: str = "new", /, **more: Any) -> dict[str, Any]:
    """Input of a registration whose handle begins with `name`; `more` overrides fields."""
    handle = unused_handle(name)
    return {"handle": handle, "name": name, "email": f"{handle}@example.org", "password": PASSWORD, **more}


async def sign_up(service: Service, name: str = "somebody") -> Person:
    """Registers a person whose handle begins with `name`."""
    wanted = registration(name)
    answer = await service.ask(REGISTER, {"input": wanted})
    payload = answer["data"]["register"]
    assert payload["userErrors"] == [], payload
    tokens, user = payload["tokens"], payload["viewer"]["user"]
    return Person(service, user["id"], wanted["handle"], tokens["accessToken"], tokens["refreshToken"])
