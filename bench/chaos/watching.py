"""One person's live home timeline, as a good client follows it: again from its cursor, whatever ended the socket."""

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

from bench.chaos.crowd import Crowd, Person, tweet_number
from bench.chaos.record import Received, Watched
from core.ids import TweetId

_PROTOCOL = Subprotocol("graphql-transport-ws")
_HOME = """query Head($first: Int!, $after: String) { homeTimeline(first: $first, after: $after) {
  headCursor edges { node { ... on Tweet { id } } } pageInfo { hasNextPage endCursor } } }"""
_EVENTS = """subscription Events($after: String) { homeTimelineEvents(after: $after) {
  __typename ... on StreamEvent { cursor } ... on TimelineItemAdded { edge { node { ... on Tweet { id } } } } } }"""
_WHOLE_PAGE = 100
_AGAIN_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 4.0
_OPEN_SECONDS = 10.0


class _ResetError(Exception):
    """The stream said that what was missed is no longer kept."""


class _StreamError(Exception):
    """The server ended the stream and left the socket; the text has its reason."""


async def watch(crowd: Crowd, person: Person, watched: Watched, stop: asyncio.Event) -> None:
    """Until `stop`."""
    following = asyncio.create_task(_follow(crowd, person, watched))
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


async def _follow(crowd: Crowd, person: Person, watched: Watched) -> None:
    """Each failure in a row doubles the pause: thousands who tried on and on would keep this process from all else."""
    pause_seconds = _AGAIN_SECONDS
    while True:
        connected = watched.connected
        if not watched.cursor:
            watched.cursor = await _begin(crowd, person, watched)
        try:
            async for event in _events(crowd, person, watched):
                _note(watched, event)
        except _ResetError:
            watched.resets += 1
            watched.cursor = ""
        except _StreamError as error:
            watched.ends.append((time.monotonic(), str(error)))
        except (OSError, TimeoutError, WebSocketException) as error:
            watched.ends.append((time.monotonic(), type(error).__name__))
        watched.is_live = False
        is_back = watched.connected > connected
        pause_seconds = _AGAIN_SECONDS if is_back else min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)
        await asyncio.sleep(pause_seconds * random.random())


async def _begin(crowd: Crowd, person: Person, watched: Watched) -> str:
    """The head cursor; at first what the page holds is the past, after a reset it is what was missed."""
    while True:
        answer = await crowd.ask(person, _HOME, first=_WHOLE_PAGE if watched.since else 1)
        if answer.trouble is None:
            break
        await asyncio.sleep(_AGAIN_SECONDS)
    page = answer.data["homeTimeline"]
    head: str = page["headCursor"]
    ids = _ids(page)
    if not watched.since:
        watched.since = max(ids, default=TweetId(1))
        return head
    while ids and min(ids) > watched.since and page["pageInfo"]["hasNextPage"]:
        answer = await crowd.ask(person, _HOME, first=_WHOLE_PAGE, after=page["pageInfo"]["endCursor"])
        if answer.trouble is None:
            page = answer.data["homeTimeline"]
            ids += _ids(page)
    watched.caught_up.update(ids)
    return head


async def _events(crowd: Crowd, person: Person, watched: Watched) -> AsyncGenerator[dict[str, Any], None]:
    """One after the other, till the socket or the stream ends."""
    address = str(crowd.http.base_url).replace("http", "ws", 1).rstrip("/") + "/graphql"
    async with connect(address, subprotocols=[_PROTOCOL], open_timeout=_OPEN_SECONDS, close_timeout=1.0) as socket:
        await _send(socket, type="connection_init", payload={"authorization": f"Bearer {crowd.token(person)}"})
        async with asyncio.timeout(_OPEN_SECONDS):
            if (await _message(socket))["type"] != "connection_ack":
                raise TimeoutError
        payload = {"query": _EVENTS, "variables": {"after": watched.cursor}}
        await _send(socket, type="subscribe", id="1", payload=payload)
        watched.connected += 1
        watched.is_live = True
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


def _note(watched: Watched, event: dict[str, Any]) -> None:
    if event["__typename"] == "TimelineReset":
        raise _ResetError
    watched.cursor = event["cursor"]
    if event["__typename"] == "TimelineItemAdded":
        watched.received.append(Received(tweet_number(event["edge"]["node"]["id"]), time.monotonic()))


def _ids(page: dict[str, Any]) -> list[TweetId]:
    return [tweet_number(edge["node"]["id"]) for edge in page["edges"]]


async def _message(socket: ClientConnection) -> Any:  # noqa: ANN401 - JSON
    return msgspec.json.decode(await socket.recv())


async def _send(socket: ClientConnection, **message: object) -> None:
    await socket.send(msgspec.json.encode(message).decode())
