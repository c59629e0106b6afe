"""A server without a network: each of its answers and messages waits until the test lets it go.

It has one home timeline with its event log, as docs/live.md describes them, and tells of each item what holds when it
tells. Time passes by `turns` of the event loop alone.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

from rookery_client.errors import RookeryError, SignedOutError, TokenRefusedError
from rookery_client.generated import (
    HOME_TIMELINE,
    REFRESH_TOKENS,
    Entities,
    HomeTimelineData,
    HomeTimelineEventsData,
    LoginDataLogin,
    RefreshTokensData,
    ResetReason,
    TimelineEdge,
    TimelineEvent,
    TimelineItemAdded,
    TimelineItemRemoved,
    TimelineItemTweet,
    TimelinePage,
    TimelinePagePageInfo,
    TimelineReason,
    TimelineReset,
    TimelineState,
    Tokens,
    User,
)
from rookery_client.operation import Operation

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_AUTHOR = User("bob", "bob", "Bob", None, is_protected=False, is_verified=False)
_TURNS = 12


async def turns() -> None:
    """Lets everybody go on who does not wait for the server."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


@dataclass(slots=True)
class Request:
    """`serve` computes the answer, as of that moment; `arrive` hands it over, or an error in its place."""

    compute: Callable[[], Any]
    answered: "asyncio.Future[Any]"
    answer: Any = None
    is_served: bool = False

    def serve(self) -> None:
        if not self.is_served:
            self.is_served = True
            try:
                self.answer = self.compute()
            except RookeryError as error:
                self.answer = error

    def arrive(self, instead: RookeryError | None = None) -> None:
        self.serve()
        answer = instead or self.answer
        if self.answered.done():
            return
        if isinstance(answer, RookeryError):
            self.answered.set_exception(answer)
        else:
            self.answered.set_result(answer)


class Connection:
    """A websocket as the client sees it, with subscriptions by id: the position in the log that each has reached."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._inbox = asyncio.Queue[str | Close]()
        self.subscriptions: dict[str, tuple[int, int]] = {}
        self.is_open = True

    async def send(self, text: str) -> None:
        if not self.is_open:
            raise ConnectionClosedError(None, None)
        message = msgspec.json.decode(text)
        match message["type"]:
            case "connection_init":
                if message["payload"]["authorization"] == f"Bearer {self._server.token}":
                    self._inbox.put_nowait('{"type": "connection_ack"}')
                else:
                    self.end(4401)
            case "subscribe":
                after = message["payload"]["variables"]["after"]
                self.subscriptions[message["id"]] = _position(after)
            case "complete":
                self.subscriptions.pop(message["id"], None)

    async def recv(self) -> str:
        got = await self._inbox.get()
        if isinstance(got, Close):
            raise ConnectionClosedError(got if got.code else None, None)
        return got

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            yield await self.recv()

    async def close(self) -> None:
        self.end(0)

    def end(self, code: int) -> None:
        """With a close code, or none for a cut."""
        if self.is_open:
            self.is_open = False
            self.subscriptions.clear()
            self._inbox.put_nowait(Close(code, ""))

    def tell(self, key: str, event: TimelineEvent) -> None:
        payload = {"data": HomeTimelineEventsData(event)}
        self._put({"type": "next", "id": key, "payload": payload})

    def complete(self, key: str) -> None:
        del self.subscriptions[key]
        self._put({"type": "complete", "id": key})

    def refuse(self, key: str) -> None:
        del self.subscriptions[key]
        self._put({"type": "error", "id": key, "payload": [{"message": "no", "extensions": {"code": "INTERNAL"}}]})

    def _put(self, message: object) -> None:
        self._inbox.put_nowait(msgspec.json.encode(message).decode())


@dataclass(slots=True)
class Server:
    """Items are numbers, the greater the newer. `hidden` ones are in the timeline of others.

    A page ends after it looked at `most_looked_at` items, and says where.
    """

    chance: random.Random
    most_looked_at: int
    visible: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    log: list[tuple[str, int]] = field(default_factory=list)
    epoch: int = 1
    now: int = 1_000_000
    token: str = "1"
    requests: list[Request] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    refuses_sockets: bool = False

    # What the client calls.
    async def post(self, operation: Operation[Any, Any], variables: Any, token: str | None) -> Any:
        def compute() -> Any:
            if operation is REFRESH_TOKENS:
                return RefreshTokensData(LoginDataLogin(self.tokens, ()))
            if token is not None and token != self.token:
                raise SignedOutError
            if operation is not HOME_TIMELINE:
                return None
            return HomeTimelineData(self._page(variables.first, variables.after))

        request = Request(compute, asyncio.get_running_loop().create_future())
        self.requests.append(request)
        try:
            return await request.answered
        finally:
            self.requests.remove(request)

    async def connect(self, *_: object, is_socket: bool = True, **__: object) -> Connection:
        if self.refuses_sockets and is_socket:
            raise OSError("refused")
        connection = Connection(self)
        self.connections.append(connection)
        return connection

    async def streamed(
        self, _: object, operation: Operation[Any, Any], variables: Any, token: str | None
    ) -> AsyncGenerator[Any]:
        """By server-sent events."""
        if token != self.token:
            raise TokenRefusedError(token)
        connection = await self.connect(is_socket=False)
        connection.subscriptions["events"] = _position(variables.after)
        try:
            while (message := msgspec.json.decode(await connection.recv()))["type"] == "next":
                yield msgspec.convert(message["payload"]["data"], operation.data)
            if message["type"] == "error":
                raise RookeryError("INTERNAL", "no")
        except ConnectionClosedError as error:
            raise RookeryError("NETWORK", "cut") from error
        finally:
            connection.end(0)

    # What happens.
    @property
    def tokens(self) -> Tokens:
        return Tokens(self.token, "refresh", datetime.now(UTC) + timedelta(hours=1))

    @property
    def shown(self) -> list[str]:
        return [str(item) for item in sorted(self.visible, reverse=True)]

    def add(self, item: int) -> None:
        """A post; one of an earlier moment where its fan-out was late, or an edit brought it."""
        self.hidden.discard(item)
        if item not in self.visible:
            self.visible.add(item)
            self.log.append(("add", item))

    def post_now(self) -> int:
        self.now += self.chance.randint(2, 2_000)
        self.add(self.now)
        return self.now

    def remove(self, item: int) -> None:
        self.visible.remove(item)
        self.log.append(("del", item))
        if self.chance.random() < 0.5:
            self.hidden.add(item)

    def bring_back(self) -> None:
        self.visible |= self.hidden
        self.hidden.clear()
        self.log.append(("reset", 0))

    def lose_log(self) -> None:
        self.epoch += 1
        self.log.clear()

    def end_token(self) -> None:
        self.token = str(int(self.token) + 1)
        for connection in self.connections:
            connection.end(4401)

    def open_subscriptions(self) -> list[tuple[Connection, str]]:
        self.connections = [one for one in self.connections if one.is_open]
        return [(one, key) for one in self.connections for key in one.subscriptions]

    def tell_next(self, connection: Connection, key: str) -> bool:
        """Sends the next event of the log that the viewer may see; false where there is none."""
        while (event := self._next(connection, key)) is not None:
            if event[1] is not None:
                connection.tell(key, event[1])
                return True
        return False

    def _next(self, connection: Connection, key: str) -> tuple[str, TimelineEvent | None] | None:
        epoch, offset = connection.subscriptions[key]
        if epoch != self.epoch or offset > len(self.log):
            connection.subscriptions[key] = (self.epoch, len(self.log))
            return self.head, TimelineReset(self.head, _BEGIN, ResetReason.CURSOR_TOO_OLD)
        if offset == len(self.log):
            return None
        kind, item = self.log[offset]
        connection.subscriptions[key] = (epoch, offset + 1)
        cursor = f"{epoch}:{offset + 1}"
        if kind == "reset":
            return cursor, TimelineReset(cursor, _BEGIN, ResetReason.REBUILT)
        if kind == "del":
            return cursor, TimelineItemRemoved(cursor, _BEGIN, str(item))
        return cursor, TimelineItemAdded(cursor, _BEGIN, _edge(item)) if item in self.visible else None

    @property
    def head(self) -> str:
        return f"{self.epoch}:{len(self.log)}"

    def _page(self, first: int, after: str | None) -> TimelinePage:
        below = None if after is None else int(after)
        candidates = [one for one in sorted(self.visible | self.hidden, reverse=True) if below is None or one < below]
        looked_at = candidates[: self.most_looked_at]
        found = [one for one in looked_at if one in self.visible]
        kept = found[:first]
        is_end = len(found) > first or len(looked_at) == len(candidates)
        end = kept[-1] if kept and is_end else looked_at[-1] if looked_at else below
        info = TimelinePagePageInfo(len(found) > first or not is_end, None if end is None else str(end))
        return TimelinePage(TimelineState.READY, self.head, tuple(map(_edge, kept)), info)


def _position(cursor: str) -> tuple[int, int]:
    epoch, _, offset = cursor.partition(":")
    return int(epoch), int(offset)


def _edge(item: int) -> TimelineEdge:
    tweet = TimelineItemTweet(
        id=str(item),
        text="",
        created_at=_BEGIN + timedelta(milliseconds=item),
        lang=None,
        is_reply=False,
        conversation_id=str(item),
        author=_AUTHOR,
        entities=Entities((), (), ()),
        media=(),
        like_count=0,
        retweet_count=0,
        quote_count=0,
        reply_count=0,
        viewer_has_liked=False,
        viewer_has_retweeted=False,
        viewer_has_bookmarked=False,
        in_reply_to=None,
        quoted=None,
    )
    return TimelineEdge(str(item), TimelineReason.FOLLOWING, tweet)
