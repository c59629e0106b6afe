"""One websocket with any number of subscriptions, by the protocol graphql-transport-ws."""

import asyncio
import itertools
from collections.abc import AsyncGenerator
from contextlib import suppress
from ssl import SSLContext
from typing import TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from rookery_client.errors import Fault, RookeryError, SignedOutError, TokenRefusedError, error_of
from rookery_client.operation import Operation
from rookery_client.transport.decoding import Answer, UnknownTypeError, data_of

Variables = TypeVar("Variables")
Data = TypeVar("Data")
_PROTOCOL = Subprotocol("graphql-transport-ws")
_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY = 4401, 4403, 4429
_OPEN_SECONDS = 10.0
_ALIVE_SECONDS = 10.0
_GOODBYE_SECONDS = 1.0
_MOST_WAITING = 512


class _Message(msgspec.Struct, omit_defaults=True):
    type: str
    id: str = ""
    payload: msgspec.Raw = msgspec.Raw(b"")


# None ends a subscription.
_Inbox = asyncio.Queue[Answer | RookeryError | None]


class Socket:
    """A connection that was acknowledged. Subscriptions end with it, each with the error that says why."""

    def __init__(self, connection: ClientConnection, token: str | None) -> None:
        self.token = token
        self._connection = connection
        self._inboxes: dict[str, _Inbox] = {}
        self._ids = itertools.count(1)
        self._end: RookeryError | None = None
        self._reading = asyncio.create_task(self._read())

    @staticmethod
    async def opened(url: str, token: str | None, ssl: SSLContext | None) -> "Socket":
        """Raises TokenRefusedError, or a RookeryError that is passing where the server can't be reached."""
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                connection = await connect(
                    url,
                    subprotocols=[_PROTOCOL],
                    ping_interval=_ALIVE_SECONDS,
                    ping_timeout=_ALIVE_SECONDS,
                    close_timeout=_GOODBYE_SECONDS,
                    ssl=(ssl or True) if url.startswith("wss") else None,
                )
                try:
                    await _greet(connection, token)
                except BaseException:
                    await connection.close()
                    raise
        except (OSError, TimeoutError, WebSocketException, msgspec.DecodeError) as error:
            raise _reason_of(error, token) from error
        return Socket(connection, token)

    @property
    def is_closed(self) -> bool:
        return self._end is not None

    async def run(self, operation: Operation[Variables, Data], variables: Variables) -> AsyncGenerator[Data]:
        """Ends where the server completes it, or where so many answers wait that it must begin again behind them."""
        if self._end is not None:
            raise self._end
        key = str(next(self._ids))
        inbox = self._inboxes[key] = _Inbox()
        try:
            await self._send(_Message("subscribe", key, _raw({"query": operation.text, "variables": variables})))
            while (answer := await inbox.get()) is not None:
                if isinstance(answer, RookeryError):
                    raise answer
                try:
                    data = data_of(operation, answer)
                except UnknownTypeError:
                    continue
                yield data
        finally:
            if self._inboxes.pop(key, None) is not None:
                await self._complete(key)

    async def aclose(self) -> None:
        await self._connection.close()
        await asyncio.wait([self._reading])

    async def _read(self) -> None:
        try:
            async for text in self._connection:
                await self._take(msgspec.json.decode(text, type=_Message))
            self._ended(RookeryError("NETWORK", "the connection was closed"))
        except (ConnectionClosed, msgspec.DecodeError) as error:
            self._ended(_reason_of(error, self.token))
        finally:
            await self._connection.close()

    async def _take(self, message: _Message) -> None:
        if message.type == "ping":
            await self._send(_Message("pong"))
        inbox = self._inboxes.get(message.id)
        if inbox is None:
            return
        if message.type == "next":
            inbox.put_nowait(msgspec.json.decode(message.payload, type=Answer))
            if inbox.qsize() >= _MOST_WAITING:
                del self._inboxes[message.id]
                inbox.put_nowait(None)
                await self._complete(message.id)
        elif message.type in ("error", "complete"):
            del self._inboxes[message.id]
            inbox.put_nowait(_refusal(message.payload, self.token) if message.type == "error" else None)

    def _ended(self, end: RookeryError) -> None:
        self._end = end
        for inbox in self._inboxes.values():
            inbox.put_nowait(end)
        self._inboxes.clear()

    async def _complete(self, key: str) -> None:
        # Where it does not leave, the connection is lost, and the subscription with it.
        with suppress(RookeryError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await self._send(_Message("complete", key))

    async def _send(self, message: _Message) -> None:
        try:
            await self._connection.send(_text(message))
        except ConnectionClosed as error:
            raise _reason_of(error, self.token) from error


async def _greet(connection: ClientConnection, token: str | None) -> None:
    payload = {} if token is None else {"authorization": f"Bearer {token}"}
    await connection.send(_text(_Message("connection_init", payload=_raw(payload))))
    while msgspec.json.decode(await connection.recv(), type=_Message).type != "connection_ack":
        pass


def _text(message: _Message) -> str:
    return msgspec.json.encode(message).decode()


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _refusal(payload: msgspec.Raw, token: str | None) -> RookeryError:
    error = error_of(msgspec.json.decode(payload, type=list[Fault]))
    return TokenRefusedError(token) if isinstance(error, SignedOutError) else error


def _reason_of(error: Exception, token: str | None) -> RookeryError:
    """The error for what ended a connection, or kept it from coming about."""
    code = error.rcvd.code if isinstance(error, ConnectionClosed) and error.rcvd else None
    if code == _UNAUTHORIZED:
        return TokenRefusedError(token)
    words = {_FORBIDDEN: "FORBIDDEN", _TOO_MANY: "RATE_LIMITED"}
    return RookeryError(words.get(code or 0, "NETWORK"), str(error) or type(error).__name__)
