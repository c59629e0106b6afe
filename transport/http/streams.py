"""Streaming HTTP response: the answers of one operation, with heartbeats in between.

It ends with the operation, when the client disconnects or does not read, when the session expires, or when the
server stops.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import ExitStack, aclosing
from typing import Any

from starlette.types import Receive, Scope, Send

from core.errors import ErrorCode
from core.runtime.metrics import DROPPED_CLIENTS
from transport.execution.answers import Answer, Encoded
from transport.execution.context_protocols import until_expired
from transport.execution.endpoint import Endpoint
from transport.execution.error_masking import coded
from transport.execution.operations import client_errors
from transport.http.encodings import Encoding
from transport.lifecycle.scope_state import abort_of
from transport.request import headers

SIGNED_OUT = coded(ErrorCode.UNAUTHENTICATED, "Your session has ended. Sign in again.")


class AnswerStream:
    """An ASGI response; closes the answers at its end."""

    def __init__(
        self,
        answers: AsyncGenerator[Answer | Encoded, None],
        encoding: Encoding,
        *,
        context: object,
        endpoint: Endpoint,
        more: Mapping[str, str],
        held: ExitStack,
    ) -> None:
        """`held` is closed at the end of the stream."""
        self._answers = answers
        self._encoding = encoding
        self._context = context
        self._endpoint = endpoint
        self._more = more
        self._held = held
        self._draining = asyncio.Event()

    async def drain(self) -> None:
        self._draining.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        writer = _ClientWriter(send, abort_of(scope), self._endpoint.limits.send_seconds)
        try:
            with self._endpoint.connections.tracking(self):
                await self._serve(writer, receive)
        except _ClientGoneError:
            return
        finally:
            self._held.close()
            await self._answers.aclose()

    async def _serve(self, writer: "_ClientWriter", receive: Receive) -> None:
        await writer.start({**headers.API, **self._more, **self._encoding.headers})
        await writer.write(self._encoding.opening)
        pump = self._pump(writer)
        ended = until_expired(self._context)
        first = await _first_of(pump, _until_disconnect(receive), self._draining.wait(), ended)
        if first is ended:
            await writer.write(self._encoding.failure({"errors": [SIGNED_OUT]}) + self._encoding.closing)
        await writer.end()

    async def _pump(self, writer: "_ClientWriter") -> None:
        try:
            async with aclosing(self._with_heartbeats()) as answers:
                async for answer in answers:
                    await writer.write(self._encoding.heartbeat if answer is None else self._encoding.answer(answer))
        except _ClientGoneError:
            raise
        except Exception as error:  # noqa: BLE001 - the client gets a masked answer for any error
            await writer.write(self._encoding.failure({"errors": client_errors(error, self._more["x-request-id"])}))
        await writer.write(self._encoding.closing)

    async def _with_heartbeats(self) -> AsyncGenerator[Answer | Encoded | None, None]:
        """The answers, and None after each `heartbeat_seconds` without one."""
        upcoming = asyncio.ensure_future(anext(self._answers))
        try:
            while True:
                done, _ = await asyncio.wait({upcoming}, timeout=self._endpoint.limits.heartbeat_seconds)
                if not done:
                    yield None
                    continue
                try:
                    answer = upcoming.result()
                except StopAsyncIteration:
                    return
                yield answer
                upcoming = asyncio.ensure_future(anext(self._answers))
        finally:
            upcoming.cancel()
            await asyncio.gather(upcoming, return_exceptions=True)


class _ClientGoneError(Exception):
    pass


class _ClientWriter:
    """Writes to the client; aborts the connection if it accepts nothing within `seconds`."""

    def __init__(self, send: Send, abort: Callable[[], None], seconds: float) -> None:
        self._send = send
        self._abort = abort
        self._seconds = seconds

    async def start(self, named: Mapping[str, str]) -> None:
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
        await self._timed({"type": "http.response.start", "status": 200, "headers": raw})

    async def write(self, data: bytes) -> None:
        await self._timed({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        await self._timed({"type": "http.response.body", "body": b"", "more_body": False})

    async def _timed(self, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(message)
        except TimeoutError:
            DROPPED_CLIENTS.labels("stream").inc()
            self._abort()
            raise _ClientGoneError from None
        except OSError:
            raise _ClientGoneError from None


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first_of(*coroutines: Coroutine[Any, Any, object]) -> Coroutine[Any, Any, object]:
    """The first coroutine to finish; cancels the others and raises its exception."""
    tasks = {asyncio.ensure_future(coroutine): coroutine for coroutine in coroutines}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    winner = next(task for task in tasks if task in done)
    winner.result()
    return tasks[winner]
