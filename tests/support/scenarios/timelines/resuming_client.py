"""An author, and a client that resumes from its last cursor, while API processes and stores are killed."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, NamedTuple

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from datastore.stores import Stores
from tests.support.people import DELETE, POST, REGISTER, registration
from tests.support.processes.api_processes import ApiProcesses
from tests.support.scenarios.timelines.live_timeline import EVENTS
from tests.support.waiting import eventually

GONE = (ConnectionClosed, InvalidHandshake, OSError, TimeoutError, httpx.HTTPError)
DELETED_EVERY = 6
ACTS_BETWEEN = 2


class Change(NamedTuple):
    """A change of the reader's timeline."""

    kind: str
    tweet_id: str


ADDED, REMOVED = "TimelineItemAdded", "TimelineItemRemoved"


@dataclass(slots=True)
class RetryingApi:
    """Retries each request on another API process where one fails; `failures` counts failed attempts."""

    apis: ApiProcesses
    stores: Stores
    http: httpx.AsyncClient
    turn: "itertools.count[int]" = field(default_factory=itertools.count)
    failures: int = 0

    def url(self) -> str:
        return self.apis.urls[next(self.turn) % len(self.apis.urls)]

    async def ask(self, document: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The data. Repeats the request until a process answers, for a minute at most."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        deadline = monotonic() + 60
        while monotonic() < deadline:
            with suppress(*GONE):
                body = {"query": document, "variables": variables}
                answer = (await self.http.post(f"{self.url()}/graphql", json=body, headers=headers)).json()
                if not answer.get("errors"):
                    data: dict[str, Any] = answer["data"]
                    return data
            self.failures += 1
            await asyncio.sleep(0.05)  # paces retries
        raise AssertionError("nobody answered for a minute")

    async def sign_up(self, name: str) -> tuple[str, str]:
        """Registers a user; returns their id and token."""
        payload = (await self.ask(REGISTER, input=registration(name)))["register"]
        return payload["viewer"]["user"]["id"], payload["tokens"]["accessToken"]


@dataclass(slots=True)
class Author:
    """Posts and deletes tweets. `acts` has the acknowledged changes in order, with the time of each.

    `late` are deletions whose server was killed before it answered: the sweeper publishes them later.
    """

    api: RetryingApi
    token: str
    acts: dict[Change, float] = field(default_factory=dict)
    late: set[Change] = field(default_factory=set)
    number: "itertools.count[int]" = field(default_factory=itertools.count)
    is_to_end: bool = False
    has_ended: bool = False

    @property
    def posted(self) -> list[str]:
        return [act.tweet_id for act in self.acts if act.kind == ADDED]

    @property
    def deleted(self) -> set[str]:
        return {act.tweet_id for act in self.acts if act.kind == REMOVED}

    async def act(self) -> None:
        number = next(self.number)
        text = {"text": f"rook {number}", "idempotencyKey": f"rook {number}"}
        tweet = (await self.api.ask(POST, self.token, input=text))["postTweet"]["tweet"]["id"]
        self.acts[Change(ADDED, tweet)] = monotonic()
        if number % DELETED_EVERY == DELETED_EVERY - 1:
            await self._delete(self.posted[number - 2])

    async def _delete(self, tweet: str) -> None:
        act, failures = Change(REMOVED, tweet), self.api.failures
        await self.api.ask(DELETE, self.token, id=tweet)
        self.acts[act] = monotonic()
        if self.api.failures > failures:
            self.late.add(act)

    async def some_more_acts(self) -> None:
        """Returns after some more acts."""
        wanted = len(self.acts) + ACTS_BETWEEN
        await eventually(lambda: len(self.acts) >= wanted, within=60.0)

    async def keep_acting(self) -> None:
        while not self.is_to_end:
            await self.act()
            await asyncio.sleep(0.02)  # paces acts
        self.has_ended = True

    async def end(self) -> None:
        """Returns when the current act is acknowledged: an interrupted one might have an effect all the same."""
        self.is_to_end = True
        await eventually(lambda: self.has_ended, within=60.0)


@dataclass(slots=True)
class ResumingClient:
    """A client that reconnects at once with its last cursor, as often as needed.

    `received` has the changes in order, with the time of each. `resumed` has pairs: the time of a lost socket, and that
    of the first event on the next one.
    """

    api: RetryingApi
    token: str
    cursor: str
    shown: dict[str, None] = field(default_factory=dict)
    received: list[tuple[Change, float]] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)
    resets: int = 0
    resumed: list[tuple[float, float]] = field(default_factory=list)
    connection: ClientConnection | None = None

    async def follow(self) -> None:
        lost_at: float | None = monotonic()
        while True:
            with suppress(*GONE):
                async with _socket(self.api.url(), self.token) as connection:
                    self.connection = connection
                    await _send(connection, "subscribe", id="1", payload=_subscription(self.cursor))
                    async for raw in connection:
                        self._take(msgspec.json.decode(raw))
                        if lost_at is not None:
                            self.resumed.append((lost_at, monotonic()))
                            lost_at = None
            self.connection = None
            lost_at = lost_at or monotonic()
            await asyncio.sleep(0.02)  # paces reconnecting

    def cut(self) -> None:
        if self.connection is not None:
            self.connection.transport.abort()

    def _take(self, message: dict[str, Any]) -> None:
        assert message["type"] == "next"
        event = message["payload"]["data"]["homeTimelineEvents"]
        self.cursor = event["cursor"]
        self.cursors.append(self.cursor)
        match event["__typename"]:
            case "TimelineItemAdded":
                self._note(ADDED, event["edge"]["node"]["id"])
                self.shown[event["edge"]["node"]["id"]] = None
            case "TimelineItemRemoved":
                self._note(REMOVED, event["nodeId"])
                del self.shown[event["nodeId"]]
            case _:
                self.resets += 1

    def _note(self, kind: str, tweet_id: str) -> None:
        self.received.append((Change(kind, tweet_id), monotonic()))


@asynccontextmanager
async def _socket(url: str, token: str) -> AsyncIterator[ClientConnection]:
    address = url.replace("http", "ws", 1) + "/graphql"
    async with connect(address, subprotocols=["graphql-transport-ws"], open_timeout=5) as connection:  # type: ignore[list-item]
        await _send(connection, "connection_init", payload={"authorization": f"Bearer {token}"})
        async with asyncio.timeout(5):
            assert msgspec.json.decode(await connection.recv()) == {"type": "connection_ack"}
        yield connection


async def _send(connection: ClientConnection, kind: str, **more: Any) -> None:
    await connection.send(msgspec.json.encode({"type": kind, **more}).decode())


def _subscription(cursor: str) -> dict[str, Any]:
    return {"query": EVENTS, "variables": {"after": cursor}}
