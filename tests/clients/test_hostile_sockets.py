"""Hostile websocket clients, while a well-behaved client of the same server measures its latency."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.clients.raw import PING, RawSocket, frame, raw_socket, ready_raw_socket
from tests.support.waiting import eventually
from tests.transport.stub import Stub, endpoint, served, url_of
from transport.limits.limits import DEFAULT_LIMITS

pytestmark = pytest.mark.asyncio(loop_scope="module")

BYSTANDER_SECONDS = 2.0
"""Four times what is wanted on a quiet machine: the tests share theirs, and the flood is made in the same loop."""
PAUSE_SECONDS = 0.05
"""The bystander keeps to the rate that a socket has."""
PING_MESSAGE = frame(b'{"type":"ping"}')


class Bystander:
    """Pings at intervals and keeps the longest wait for a pong."""

    def __init__(self, socket: RawSocket) -> None:
        self._socket = socket
        self.pongs = 0
        self.worst_seconds = 0.0

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            asked = clock()
            self._socket.send({"type": "ping"})
            assert await self._socket.receive() == {"type": "pong"}
            self.worst_seconds = max(self.worst_seconds, clock() - asked)
            self.pongs += 1
            await asyncio.sleep(PAUSE_SECONDS)  # the interval of the pings


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def bystander(address: str) -> AsyncIterator[Bystander]:
    async with ready_raw_socket(address) as socket:
        bystander = Bystander(socket)
        pinging = asyncio.create_task(bystander.run())
        yield bystander
        before = bystander.pongs
        await eventually(lambda: pinging.done() or bystander.pongs > before + 1)
        assert not pinging.done(), "the bystander was thrown out"
        pinging.cancel()
        assert bystander.worst_seconds < BYSTANDER_SECONDS


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(b"\xff\xfe"), 1007),
        (frame(b'{"type":"ping"}', masked=False), 1002),
        (frame(b"x", opcode=3), 1002),
        (frame(b"x" * 200, opcode=PING), 1002),
        (frame(b"x", opcode=0), 1002),
        (frame(b"", length=1 << 60), 1009),
        (frame(b'{"type":"ping","payload":{"a":"' + b"x" * 1_000_000 + b'"}}'), 1009),
        (frame(b'{"a":"', final=False) + frame(b"x" * 10_000, opcode=0, final=False) * 100, 1009),
        (frame(b"[" * 30_000 + b"]" * 30_000), 4400),
    ],
)
async def test_a_frame_that_breaks_the_protocol_gets_a_close_code(address: str, data: bytes, code: int) -> None:
    async with ready_raw_socket(address) as socket:
        socket.send_raw(data)
        assert await socket.until_closed() == code


async def test_sender_behind_a_broken_frame_gets_the_reason_of_the_close(address: str) -> None:
    async with ready_raw_socket(address) as socket:
        socket.send_raw(frame(b"", length=1 << 60))
        for _ in range(100):
            await socket.send_all(b"x" * 100_000)
        assert await socket.until_closed() == 1009


async def test_a_fragment_bomb_is_an_error_of_its_operation(address: str) -> None:
    fragments = " ".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(22))
    async with ready_raw_socket(address) as socket:
        query = f"{{ ...F0 }} {fragments} fragment F22 on Query {{ hello }}"
        socket.send({"type": "subscribe", "id": "bomb", "payload": {"query": query}}, {"type": "ping"})
        answers = [await socket.receive(), await socket.receive()]
    assert {answer["type"] for answer in answers if answer} == {"error", "pong"}


async def test_ten_thousand_operations_are_too_many_messages(address: str) -> None:
    async with ready_raw_socket(address) as socket:
        for number in range(10_000):
            socket.send({"type": "subscribe", "id": f"o{number}", "payload": {"query": "subscription { ticks }"}})
        assert await socket.until_closed() == 4429
        errors = [message for message in socket.messages if message["type"] == "error"]
        assert {error["payload"][0]["extensions"]["code"] for error in errors} <= {"RATE_LIMITED"}


async def test_a_flood_of_pings_is_too_many_messages(address: str) -> None:
    async with ready_raw_socket(address) as socket:
        socket.send_raw(PING_MESSAGE * 20_000)
        assert await socket.until_closed() == 4429
        assert len(socket.messages) <= 50


async def test_two_hundred_silent_sockets_are_all_told_to_go() -> None:
    limits = replace(DEFAULT_LIMITS, init_seconds=0.5)
    async with served(endpoint(Stub(), limits=limits), limits) as server, AsyncExitStack() as stack:
        address = f"{url_of(server)}/graphql"
        sockets = [await stack.enter_async_context(raw_socket(address)) for _ in range(200)]
        codes = await asyncio.gather(*(socket.until_closed() for socket in sockets))
    assert set(codes) == {4408}
