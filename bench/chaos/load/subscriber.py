"""A client of one live home timeline that reconnects from its last cursor, whatever ended the socket."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from bench.chaos.load.history import Received, Subscription
from bench.chaos.load.users import Person, Users, tweet_number
from core.ids import TweetId

_PROTOCOL = Subprotocol("graphql-transport-ws")
_HOME = """query Head($first: Int!, $after: String) { homeTimeline(first: $first, after: $after) {
  headCursor edges { node { ... on Tweet { id } } } pageInfo { hasNextPage endCursor } } }"""
_EVENTS = """subscription Events($after: String) { homeTimelineEvents(after: $after) {
  __typename ... on StreamEvent { cursor } ... on TimelineItemAdded { edge { node { ... on Tweet { id } } } }
  ... on TimelineItemRemoved { nodeId } } }"""
_WHOLE_PAGE = 100
_AGAIN_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 4.0
_OPEN_SECONDS = 10.0


class _ResetError(Exception):
    """The server no longer has the events after the cursor."""


class _StreamError(Exception):
    """The server ended the stream but not the socket; the text has its reason."""


async def watch(users: Users, person: Person, subscription: Subscription, stop: asyncio.Event) -> None:
    """Subscribes and notes events until `stop`."""
    following = asyncio.create_task(_follow(users, person, subscription))
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({following, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if following in done:
            following.result()
    finally:
        for task in (following, stopping):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _follow(users: Users, person: Person, subscription: Subscription) -> None:
    """Backs off exponentially: thousands of clients that retry at once would keep this process busy."""
    pause_seconds = _AGAIN_SECONDS
    while True:
        connected = subscription.connected
        if not subscription.cursor:
            subscription.cursor = await _begin(users, person, subscription)
        try:
            async for event in _events(users, person, subscription):
                _note(subscription, event)
        except _ResetError:
            subscription.resets += 1
            subscription.cursor = ""
        except _StreamError as error:
            subscription.ends.append((time.monotonic(), str(error)))
        except (OSError, TimeoutError, WebSocketException) as error:
            subscription.ends.append((time.monotonic(), type(error).__name__))
        subscription.is_live = False
        is_back = subscription.connected > connected
        pause_seconds = _AGAIN_SECONDS if is_back else min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)
        await asyncio.sleep(pause_seconds * random.random())


async def _begin(users: Users, person: Person, subscription: Subscription) -> str:
    """Reads the head cursor. The first page is the past; pages after a reset are what was missed."""
    while True:
        answer = await users.ask(person, _HOME, first=_WHOLE_PAGE if subscription.since else 1)
        if answer.trouble is None:
            break
        await asyncio.sleep(_AGAIN_SECONDS)
    page = answer.data["homeTimeline"]
    head: str = page["headCursor"]
    ids = _ids(page)
    if not subscription.since:
        subscription.since = max(ids, default=TweetId(1))
        return head
    while ids and min(ids) > subscription.since and page["pageInfo"]["hasNextPage"]:
        answer = await users.ask(person, _HOME, first=_WHOLE_PAGE, after=page["pageInfo"]["endCursor"])
        if answer.trouble is None:
            page = answer.data["homeTimeline"]
            ids += _ids(page)
    subscription.caught_up.update(ids)
    subscription.shown = set(ids)
    return head


async def _events(users: Users, person: Person, subscription: Subscription) -> AsyncGenerator[dict[str, Any], None]:
    """Events in order until the socket or the stream ends."""
    address = str(users.http.base_url).replace("http", "ws", 1).rstrip("/") + "/graphql"
    async with connect(address, subprotocols=[_PROTOCOL], open_timeout=_OPEN_SECONDS, close_timeout=1.0) as socket:
        await _send(socket, type="connection_init", payload={"authorization": f"Bearer {users.token(person)}"})
        async with asyncio.timeout(_OPEN_SECONDS):
            if (await _message(socket))["type"] != "connection_ack":
                raise TimeoutError
        payload = {"query": _EVENTS, "variables": {"after": subscription.cursor}}
        await _send(socket, type="subscribe", id="1", payload=payload)
        subscription.connected += 1
        subscription.is_live = True
        while True:
            message = await _message(socket)
            if message["type"] == "next":
                if errors := message["payload"].get("errors"):
                    raise _StreamError(errors[0]["extensions"]["code"])
                yield message["payload"]["data"]["homeTimelineEvents"]
            elif message["type"] == "error":
                raise _StreamError(message["payload"][0]["extensions"]["code"])
            elif message["type"] == "complete":
                raise _StreamError("complete")


def _note(subscription: Subscription, event: dict[str, Any]) -> None:
    if event["__typename"] == "TimelineReset":
        raise _ResetError
    subscription.cursor = event["cursor"]
    if event["__typename"] == "TimelineItemAdded":
        tweet_id = tweet_number(event["edge"]["node"]["id"])
        subscription.received.append(Received(tweet_id, time.monotonic()))
        subscription.shown.add(tweet_id)
    elif event["__typename"] == "TimelineItemRemoved":
        subscription.shown.discard(tweet_number(event["nodeId"]))


def _ids(page: dict[str, Any]) -> list[TweetId]:
    return [tweet_number(edge["node"]["id"]) for edge in page["edges"]]


async def _message(socket: ClientConnection) -> Any:  # noqa: ANN401 - JSON
    return msgspec.json.decode(await socket.recv())


async def _send(socket: ClientConnection, **message: object) -> None:
    await socket.send(msgspec.json.encode(message).decode())
