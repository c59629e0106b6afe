"""Sockets cut, API processes and Redis killed, at random and under load: who resumes has what the model has."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx
import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from core.settings import Settings
from datastore.stores import Stores, open_stores
from tests.api_process import ApiProcesses, api_processes
from tests.following import EVENTS, HOME
from tests.people import DELETE, FOLLOW, POST, REGISTER, registration
from tests.service import NO_AUTHORITIES, settings_for
from tests.stores import OwnStore
from tests.waiting import eventually
from tests.worker_process import worker_processes

GONE = (ConnectionClosed, InvalidHandshake, OSError, TimeoutError, httpx.HTTPError)
DELETED_EVERY = 6
TWEETS_BETWEEN = 2
RESUMED_WITHIN_SECONDS = 2.0


@dataclass(slots=True)
class Town:
    """Whoever asks turns to another API process where one fails."""

    apis: ApiProcesses
    stores: Stores
    http: httpx.AsyncClient
    turn: "itertools.count[int]" = field(default_factory=itertools.count)

    def url(self) -> str:
        return self.apis.urls[next(self.turn) % len(self.apis.urls)]

    async def ask(self, document: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The data. Asks again, with the same words, until somebody answers."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        deadline = monotonic() + 60
        while monotonic() < deadline:
            with suppress(*GONE):
                body = {"query": document, "variables": variables}
                answer = (await self.http.post(f"{self.url()}/graphql", json=body, headers=headers)).json()
                if not answer.get("errors"):
                    data: dict[str, Any] = answer["data"]
                    return data
            await asyncio.sleep(0.05)
        raise AssertionError("nobody answered for a minute")

    async def sign_up(self, name: str) -> tuple[str, str]:
        """Id and token."""
        payload = (await self.ask(REGISTER, input=registration(name)))["register"]
        return payload["viewer"]["user"]["id"], payload["tokens"]["accessToken"]


@dataclass(slots=True)
class Author:
    """What the model holds: tweets in the order in which they were acknowledged, and those deleted."""

    town: Town
    token: str
    posted: list[str] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    number: "itertools.count[int]" = field(default_factory=itertools.count)

    async def act(self) -> None:
        number = next(self.number)
        text = {"text": f"rook {number}", "idempotencyKey": f"rook {number}"}
        self.posted.append((await self.town.ask(POST, self.token, input=text))["postTweet"]["tweet"]["id"])
        if number % DELETED_EVERY == DELETED_EVERY - 1:
            tweet = self.posted[number - 2]
            await self.town.ask(DELETE, self.token, id=tweet)
            self.deleted.add(tweet)

    async def goes_on(self) -> None:
        """Returns after some more tweets."""
        wanted = len(self.posted) + TWEETS_BETWEEN
        await eventually(lambda: len(self.posted) >= wanted, within=60.0)

    async def keep_acting(self) -> None:
        while True:
            await self.act()
            await asyncio.sleep(0.02)


@dataclass(slots=True)
class Resuming:
    """A client that comes back with its last cursor, at once, as often as it takes."""

    town: Town
    token: str
    cursor: str
    shown: dict[str, None] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    resets: int = 0
    resumed_in: list[float] = field(default_factory=list)
    connection: ClientConnection | None = None

    async def follow(self) -> None:
        lost_at = monotonic()
        while True:
            with suppress(*GONE):
                async with _socket(self.town.url(), self.token) as connection:
                    self.connection = connection
                    await _send(connection, "subscribe", id="1", payload=_subscription(self.cursor))
                    await _send(connection, "ping")
                    await self._take(connection, lost_at)
            if self.connection is not None:
                self.connection, lost_at = None, monotonic()
            await asyncio.sleep(0.02)

    def cut(self) -> None:
        if self.connection is not None:
            self.connection.transport.abort()

    async def _take(self, connection: ClientConnection, lost_at: float) -> None:
        async for raw in connection:
            message = msgspec.json.decode(raw)
            if message["type"] == "pong":
                self.resumed_in.append(monotonic() - lost_at)
            elif message["type"] == "next":
                self._note(message["payload"]["data"]["homeTimelineEvents"])

    def _note(self, event: dict[str, Any]) -> None:
        self.cursor = event["cursor"]
        match event["__typename"]:
            case "TimelineItemAdded":
                self.added.append(event["edge"]["node"]["id"])
                self.shown[event["edge"]["node"]["id"]] = None
            case "TimelineItemRemoved":
                self.removed.append(event["nodeId"])
                del self.shown[event["nodeId"]]
            case _:
                self.resets += 1


@pytest.fixture
async def town(service_database: str, valkey: OwnStore) -> AsyncIterator[Town]:
    settings: Settings = settings_for(service_database, valkey.url, rate_limit="off")
    async with (
        worker_processes(settings, 1),
        api_processes(settings, 2) as apis,
        open_stores(settings) as stores,
        httpx.AsyncClient(timeout=10.0, verify=NO_AUTHORITIES) as http,
    ):
        yield Town(apis, stores, http)


async def test_some_faults_cost_no_event(town: Town, valkey: OwnStore) -> None:
    await play(town, valkey, cuts=6, kills=1, restarts=1)


@pytest.mark.long
async def test_many_faults_cost_no_event(town: Town, valkey: OwnStore) -> None:
    resumed = await play(town, valkey, cuts=50, kills=10, restarts=5)
    assert sorted(resumed)[int(len(resumed) * 0.99)] < RESUMED_WITHIN_SECONDS


async def play(town: Town, valkey: OwnStore, *, cuts: int, kills: int, restarts: int) -> list[float]:
    """How long it took to resume, each time."""
    author_id, author_token = await town.sign_up("author")
    _, token = await town.sign_up("reader")
    await town.ask(FOLLOW, token, id=author_id)
    await eventually(lambda: _is_settled(town.stores), within=20.0)
    head = (await town.ask(HOME, token))["homeTimeline"]["headCursor"]
    author, reader = Author(town, author_token), Resuming(town, token, head)
    faults = [*["cut"] * cuts, *["kill"] * kills, *["restart"] * restarts]
    random.Random(cuts).shuffle(faults)
    async with _running(reader.follow()), _running(author.keep_acting()):
        for number, fault in enumerate(faults):
            await author.goes_on()
            match fault:
                case "cut":
                    reader.cut()
                case "kill":
                    await town.apis.kill(number)
                case _:
                    await valkey.kill()
                    await author.goes_on()
                    await valkey.restart()
        await author.goes_on()
    await _compare(town, author, reader)
    return reader.resumed_in


async def _compare(town: Town, author: Author, reader: Resuming) -> None:
    """The reader goes on until it has all that the model has; what it was told is told once, and in its place."""
    await eventually(lambda: _is_settled(town.stores), within=60.0)
    standing = {tweet for tweet in author.posted if tweet not in author.deleted}
    async with _running(reader.follow()):
        await eventually(lambda: set(reader.shown) == standing, within=30.0)
    assert len(author.posted) > DELETED_EVERY
    assert len(reader.added) == len(set(reader.added))
    assert len(reader.removed) == len(set(reader.removed))
    assert set(reader.removed) <= author.deleted
    assert reader.resets == 0


async def _is_settled(stores: Stores) -> bool:
    return not await stores.outbox.unfinished(-1_000, limit=1)


@asynccontextmanager
async def _running(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
        if task.done():
            await task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


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
