"""The send queue of one websocket: order, bounds, and the close."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
from starlette.websockets import WebSocket

from transport.limits.limits import Limits
from transport.websocket.send_queue import LONGEST_REASON, SendQueue, SocketGoneError


class Server:
    """The server's side of an accepted socket: records what it is given, blocks while `gate` is closed."""

    def __init__(self, limits: Limits, *, write: Callable[[bytes], bool] = lambda _: False) -> None:
        self.sent: list[MutableMapping[str, Any]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.aborts = 0
        websocket = WebSocket({"type": "websocket"}, receive=self._receive, send=self._send)
        self.websocket = websocket
        self.queue = SendQueue(websocket, self._abort, limits, write=write)

    async def accept(self) -> None:
        await self.websocket.accept()
        self.sent.clear()

    async def _receive(self) -> MutableMapping[str, Any]:
        return {"type": "websocket.connect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        await self.gate.wait()
        if self.error:
            raise self.error
        self.sent.append(message)

    def _abort(self) -> None:
        self.aborts += 1


async def server_of(limits: Limits, **more: Callable[[bytes], bool]) -> Server:
    server = Server(limits, **more)
    await server.accept()
    return server


async def test_messages_are_sent_in_order_as_json() -> None:
    server = await server_of(Limits())
    await asyncio.gather(*[server.queue.send({"number": number}) for number in range(3)])
    assert [message["text"] for message in server.sent] == [f'{{"number":{number}}}' for number in range(3)]


async def test_a_direct_write_takes_the_message_unless_others_wait() -> None:
    written: list[bytes] = []

    def write(data: bytes) -> bool:
        written.append(data)
        return True

    server = await server_of(Limits(), write=write)
    await server.queue.send_encoded(b"1")
    assert (written, server.sent) == ([b"1"], [])


async def test_a_message_that_does_not_fit_into_the_queue_drops_the_client() -> None:
    server = await server_of(Limits(held_bytes=10))
    server.gate.clear()
    waiting = asyncio.create_task(server.queue.send_encoded(b"x" * 8))
    await asyncio.sleep(0)
    with pytest.raises(SocketGoneError):
        await server.queue.send_encoded(b"xxx")
    assert (server.aborts, server.queue.is_closed) == (1, True)
    waiting.cancel()


async def test_the_first_message_may_be_longer_than_the_queue() -> None:
    server = await server_of(Limits(held_bytes=10))
    await server.queue.send_encoded(b"x" * 11)
    assert [message["text"] for message in server.sent] == ["x" * 11]


async def test_a_client_that_accepts_nothing_for_too_long_is_dropped() -> None:
    server = await server_of(Limits(send_seconds=0.01))
    server.gate.clear()
    with pytest.raises(SocketGoneError):
        await server.queue.send_encoded(b"x")
    assert (server.aborts, server.queue.is_closed) == (1, True)


async def test_a_socket_that_the_server_closed_is_gone() -> None:
    server = await server_of(Limits())
    server.error = RuntimeError("the socket was closed")
    with pytest.raises(SocketGoneError):
        await server.queue.send_encoded(b"x")
    assert (server.aborts, server.queue.is_closed) == (0, True)


async def test_the_close_follows_queued_messages_and_is_sent_once() -> None:
    server = await server_of(Limits())
    server.gate.clear()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.queue.send_encoded(b"x"))
        for _ in range(3):
            await asyncio.sleep(0)
        tasks.create_task(server.queue.close(4400, "no"))
        tasks.create_task(server.queue.close(1000, "again"))
        server.gate.set()
    assert [message["type"] for message in server.sent] == ["websocket.send", "websocket.close"]
    assert (server.sent[1]["code"], server.sent[1]["reason"]) == (4400, "no")
    with pytest.raises(SocketGoneError):
        await server.queue.send_encoded(b"y")


async def test_a_long_reason_is_truncated_between_characters() -> None:
    server = await server_of(Limits())
    await server.queue.close(4400, "é" * LONGEST_REASON)
    assert server.sent[0]["reason"] == "é" * (LONGEST_REASON // 2)
