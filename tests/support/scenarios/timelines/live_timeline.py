"""A client that reads a home timeline, or that of a list, once and then follows it live, as docs/live.md describes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from websockets.exceptions import ConnectionClosed

from tests.support.people import Person, Socket

_NODE = "node { __typename ... on Tweet { id } ... on Retweet { id user { handle } tweet { id } } }"
HOME = f"{{ homeTimeline(first: 100) {{ headCursor edges {{ {_NODE} }} }} }}"
EVENTS = f"""subscription Events($after: String) {{ homeTimelineEvents(after: $after) {{
  __typename ... on StreamEvent {{ cursor }} ... on TimelineItemAdded {{ edge {{ {_NODE} }} }}
  ... on TimelineItemRemoved {{ nodeId }} ... on TimelineReset {{ reason }} }} }}"""
LIST = f"query($id: ID!) {{ list(id: $id) {{ timeline(first: 100) {{ headCursor edges {{ {_NODE} }} }} }} }}"
LIST_EVENTS = EVENTS.replace("Events($after: String)", "Events($id: ID!, $after: String)").replace(
    "homeTimelineEvents(after: $after)", "listEvents(id: $id, after: $after)"
)

Shown = tuple[str, str]
"""Id of the tweet that an item shows, and the handle of the retweeter or an empty text."""


@dataclass(slots=True)
class LiveTimeline:
    """`shown` are items by node id, `log` reads and events in order, `wrong` the events that no client should get."""

    person: Person
    list_id: str | None = None
    shown: dict[str, Shown] = field(default_factory=dict)
    cursor: str | None = None
    log: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    resets: int = 0

    async def read(self) -> None:
        if self.list_id is None:
            page = (await self.person.ask(HOME))["homeTimeline"]
        else:
            page = (await self.person.ask(LIST, id=self.list_id))["list"]["timeline"]
        self.shown = {edge["node"]["id"]: _shown(edge["node"]) for edge in page["edges"]}
        self.cursor = page["headCursor"]
        self.log.append(f"read {list(self.shown.values())}")

    async def follow(self) -> None:
        """Subscribes forever, through resets. `read` must have been called."""
        async with self.person.socket() as socket:
            operation = await self._subscribed(socket)
            while True:
                message = await _message(socket)
                if message is None:
                    return
                if message["type"] != "next" or message["id"] != operation:
                    continue
                (event,) = message["payload"]["data"].values()
                if self._take(event):
                    continue
                await socket.send({"type": "complete", "id": operation})
                await self.read()
                operation = await self._subscribed(socket)

    async def _subscribed(self, socket: Socket) -> str:
        if self.list_id is None:
            return await socket.subscribe(EVENTS, after=self.cursor)
        return await socket.subscribe(LIST_EVENTS, id=self.list_id, after=self.cursor)

    def _take(self, event: dict[str, Any]) -> bool:
        """False after a reset, when the timeline must be read again."""
        self.cursor = event["cursor"]
        match event["__typename"]:
            case "TimelineItemAdded":
                node = event["edge"]["node"]
                self._note("added", node["id"], is_wrong=node["id"] in self.shown)
                self.shown[node["id"]] = _shown(node)
            case "TimelineItemRemoved":
                self._note("removed", event["nodeId"], is_wrong=event["nodeId"] not in self.shown)
                self.shown.pop(event["nodeId"], None)
            case _:
                self.log.append("reset")
                self.resets += 1
                return False
        return True

    def _note(self, what: str, node_id: str, *, is_wrong: bool) -> None:
        line = f"{what} {node_id}"
        self.log.append(line)
        if is_wrong:
            self.wrong.append(line)


@asynccontextmanager
async def live_timeline(person: Person, list_id: str | None = None) -> AsyncIterator[LiveTimeline]:
    timeline = LiveTimeline(person, list_id)
    await timeline.read()
    task = asyncio.create_task(timeline.follow())
    try:
        yield timeline
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _message(socket: Socket) -> dict[str, Any] | None:
    try:
        message: dict[str, Any] = msgspec.json.decode(await socket.connection.recv())
    except ConnectionClosed:
        return None
    return message


def _shown(node: dict[str, Any]) -> Shown:
    if node["__typename"] == "Retweet":
        return node["tweet"]["id"], node["user"]["handle"]
    return node["id"], ""
