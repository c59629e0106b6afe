"""A client of the API: signs in, posts, and subscribes to a home timeline over a websocket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

_TIMEOUT_SECONDS = 30.0
_PROTOCOL = Subprotocol("graphql-transport-ws")
_LOGIN = """mutation Login($login: String!, $password: String!) {
  login(input: {login: $login, password: $password}) { tokens { accessToken } userErrors { message } } }"""
_POST = """mutation Post($text: String!) {
  postTweet(input: {text: $text}) { tweet { id } userErrors { message } } }"""
_HOME = "{ homeTimeline(first: 1) { state headCursor } }"
_EVENTS = """subscription Events($after: String) { homeTimelineEvents(after: $after) {
  __typename ... on TimelineItemAdded { edge { node { ... on Tweet { id } } } } } }"""


@dataclass(frozen=True, slots=True)
class Client:
    """A signed-in session."""

    http: httpx.AsyncClient
    token: str

    async def post(self, text: str) -> str:
        """Returns the tweet's id."""
        payload = (await _ask(self.http, _POST, {"text": text}, self.token))["postTweet"]
        tweet_id: str = payload["tweet"]["id"]
        return tweet_id

    async def head(self) -> tuple[str, str]:
        """State and head cursor of the home timeline."""
        home = (await _ask(self.http, _HOME, {}, self.token))["homeTimeline"]
        return home["state"], home["headCursor"]

    @asynccontextmanager
    async def subscribe_home(self, after: str) -> AsyncIterator["HomeSubscription"]:
        address = str(self.http.base_url).replace("http", "ws", 1).rstrip("/") + "/graphql"
        async with connect(address, subprotocols=[_PROTOCOL]) as socket:
            await _send(socket, type="connection_init", payload={"authorization": f"Bearer {self.token}"})
            assert msgspec.json.decode(await socket.recv())["type"] == "connection_ack"
            await _send(socket, type="subscribe", id="1", payload={"query": _EVENTS, "variables": {"after": after}})
            yield HomeSubscription(socket)


@dataclass(frozen=True, slots=True)
class HomeSubscription:
    socket: ClientConnection

    async def added(self) -> str:
        """Waits for the next tweet and returns its id."""
        while True:
            message = msgspec.json.decode(await self.socket.recv())
            if message["type"] == "ping":
                await _send(self.socket, type="pong")
                continue
            event = message["payload"]["data"]["homeTimelineEvents"]
            assert event["__typename"] == "TimelineItemAdded", event
            tweet_id: str = event["edge"]["node"]["id"]
            return tweet_id


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_SECONDS) as http:
        yield http


async def sign_in(http: httpx.AsyncClient, handle: str, password: str) -> Client:
    payload = (await _ask(http, _LOGIN, {"login": handle, "password": password}, None))["login"]
    assert payload["userErrors"] == [], payload
    return Client(http, payload["tokens"]["accessToken"])


async def _ask(http: httpx.AsyncClient, query: str, variables: dict[str, Any], token: str | None) -> dict[str, Any]:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    answer = (await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)).json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


async def _send(socket: ClientConnection, **message: object) -> None:
    await socket.send(msgspec.json.encode(message).decode())
