"""Subscriptions that outlive lost connections and tokens, all of a client over one websocket.

Each comes back with the variables that hold by then, so that a stream with a cursor misses nothing and repeats nothing.
Where websockets are blocked, and the server answers, streams go by server-sent events.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from ssl import SSLContext
from typing import TypeVar

from rookery_client.errors import RookeryError, SignedOutError, TokenRefusedError
from rookery_client.operation import Operation
from rookery_client.transport.events import streamed
from rookery_client.transport.http import Http
from rookery_client.transport.session import Session
from rookery_client.transport.socket import Socket
from rookery_client.transport.waiting import Backoff

Variables = TypeVar("Variables")
Data = TypeVar("Data")
_STEADY_SECONDS = 5.0
_MOST_BLOCKED = 2
_SOCKETS_AGAIN_SECONDS = 600.0
_TYPENAME: Operation[None, object] = Operation("{ __typename }", object)


class Live:
    def __init__(self, http: Http, session: Session, ssl: SSLContext | None) -> None:
        self._http, self._session, self._ssl = http, session, ssl
        self._url = http.url.replace("http", "ws", 1)
        self._opening = asyncio.Lock()
        self._socket: Socket | None = None
        self._stale: str | None = None
        # Sockets that did not come about one after the other, though the server answers.
        self._blocked = 0
        self._events_until = 0.0
        self._sign_ins = 0
        self._is_closed = False

    async def follow(
        self, operation: Operation[Variables, Data], variables: Callable[[], Variables]
    ) -> AsyncGenerator[Data]:
        """Ends with `aclose` alone. `variables` is asked at each connection.

        Raises a RookeryError where the server refuses it for good, SignedOutError once the session is over.
        """
        backoff = Backoff()
        loop = asyncio.get_running_loop()
        while not self._is_closed:
            began, wait = loop.time(), None
            try:
                async with aclosing(self._run(operation, variables())) as run:
                    async for data in run:
                        backoff.reset()
                        yield data
            except RookeryError as error:
                if not error.is_passing:
                    raise
                wait = error.retry_after
            if loop.time() - began > _STEADY_SECONDS:
                backoff.reset()
            if not self._is_closed:
                await backoff.wait(wait)

    async def cut(self) -> None:
        """Ends connections, whose token is that of somebody else by now; streams go on over new ones."""
        self._sign_ins += 1
        async with self._opening:
            if self._socket is not None:
                await self._socket.aclose()

    async def aclose(self) -> None:
        self._is_closed = True
        async with self._opening:
            if self._socket is not None:
                await self._socket.aclose()

    async def _run(self, operation: Operation[Variables, Data], variables: Variables) -> AsyncGenerator[Data]:
        """Ends with the connection's stream, or with a token that ran out, which is then renewed by the next."""
        sign_ins = self._sign_ins
        try:
            async with aclosing(await self._begun(operation, variables)) as run:
                async for data in run:
                    if sign_ins != self._sign_ins:
                        return
                    yield data
        except TokenRefusedError as refusal:
            if refusal.token is None:
                raise SignedOutError(refusal.message) from refusal
            self._stale = refusal.token

    async def _begun(self, operation: Operation[Variables, Data], variables: Variables) -> AsyncGenerator[Data]:
        if time.monotonic() < self._events_until:
            return streamed(self._http, operation, variables, await self._token())
        return (await self._opened()).run(operation, variables)

    async def _opened(self) -> Socket:
        async with self._opening:
            token = await self._token()
            if self._is_closed:
                raise RookeryError("NETWORK", "the client is closed")
            if self._socket is not None and self._socket.token == self._stale is not None:
                await self._socket.aclose()
            if self._socket is None or self._socket.is_closed:
                self._socket = await self._new_socket(token)
            return self._socket

    async def _new_socket(self, token: str | None) -> Socket:
        try:
            socket = await Socket.opened(self._url, token, self._ssl)
        except RookeryError as error:
            if error.code == "NETWORK":
                await self._judge()
            raise
        self._blocked = 0
        return socket

    async def _judge(self) -> None:
        """Whether sockets are blocked, or the server is away. Raises a RookeryError in that case."""
        await self._http.post(_TYPENAME, None, None)
        self._blocked += 1
        if self._blocked >= _MOST_BLOCKED:
            self._blocked, self._events_until = 0, time.monotonic() + _SOCKETS_AGAIN_SECONDS

    async def _token(self) -> str | None:
        token = await self._session.token()
        return await self._session.renew(token) if token is not None and token == self._stale else token
