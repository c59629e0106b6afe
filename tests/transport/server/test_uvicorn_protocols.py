"""Clients that do not read, behind a real server: they are dropped, and others are not affected."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from structlog.testing import capture_logs
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from datastore.embedded.stores import free_port
from tests.support.service import NO_AUTHORITIES
from tests.support.waiting import eventually
from tests.transport.stub import Stub, endpoint, served
from tests.transport.websocket.graphql_socket import ready_socket_to
from transport.limits.limits import DEFAULT_LIMITS, Limits
from transport.server.plain_posts import PlainPosts
from transport.server.uvicorn_protocols import ServedApp
from transport.server.websocket_protocol import AbortingWebSocket

LIMITS = replace(DEFAULT_LIMITS, send_seconds=0.3, drain_seconds=0.05)
FLOOD = '{"type":"subscribe","id":"f","payload":{"query":"subscription { flood(size: 20000) }"}}'
HANDSHAKE = (
    "GET /graphql HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


def frame(data: bytes, opcode: int = 1) -> bytes:
    head = bytes([0x80 | opcode])
    size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2)
    return head + size + b"\0\0\0\0" + data


@asynccontextmanager
async def silent_client(server: uvicorn.Server) -> AsyncIterator[socket.socket]:
    """An initialised socket with small buffers that nobody reads."""
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        host, port = "127.0.0.1", server.config.port
        await loop.sock_connect(client, (host, port))
        await loop.sock_sendall(client, HANDSHAKE.format(host=f"{host}:{port}").encode())
        assert (await loop.sock_recv(client, 1000)).startswith(b"HTTP/1.1 101")
        await loop.sock_sendall(client, frame(b'{"type":"connection_init"}'))
        yield client


def connections(server: uvicorn.Server) -> int:
    return len(server.server_state.connections)


async def test_a_client_that_does_not_read_is_dropped_and_others_are_served() -> None:
    stub = Stub()
    async with served(endpoint(stub, limits=LIMITS), LIMITS) as server, ready_socket_to(server) as other:
        before = connections(server)
        tasks = len(asyncio.all_tasks())
        async with silent_client(server) as client:
            await asyncio.get_running_loop().sock_sendall(client, frame(FLOOD.encode()))
            await eventually(lambda: connections(server) == before + 1)
            await eventually(lambda: connections(server) == before)
        await other.subscribe("q", "{ hello }")
        assert (await other.receive())["payload"] == {"data": {"hello": "Hello, world"}}
        assert (await other.receive())["type"] == "complete"
        await eventually(lambda: len(asyncio.all_tasks()) <= tasks)


async def test_bytes_queued_for_a_client_that_does_not_read_are_bounded() -> None:
    stub = Stub()
    patient = replace(LIMITS, send_seconds=30)
    async with served(endpoint(stub, limits=patient), patient) as server, silent_client(server) as client:
        loop = asyncio.get_running_loop()
        await eventually(lambda: connections(server) == 1)
        (protocol,) = server.server_state.connections
        assert isinstance(protocol, AbortingWebSocket)
        for number in range(20):
            message = {"type": "subscribe", "id": str(number), "payload": {"query": "{ text(length: 200000) }"}}
            await loop.sock_sendall(client, frame(json.dumps(message).encode()))
        held = []

        def is_gone() -> bool:
            held.append(protocol.transport.get_write_buffer_size())
            return connections(server) == 0

        await eventually(is_gone)
        assert max(held) < 500_000


async def test_a_message_just_before_the_close_arrives_and_one_after_it_does_not() -> None:
    async with served(endpoint(Stub(), limits=LIMITS), LIMITS) as server, ready_socket_to(server) as client:
        (protocol,) = server.server_state.connections
        assert isinstance(protocol, AbortingWebSocket)
        assert protocol.write_text(b'{"type":"pong"}')
        await protocol.send({"type": "websocket.close", "code": 4401, "reason": "The session has ended"})
        assert not protocol.write_text(b'{"type":"ping"}')
        assert await client.receive() == {"type": "pong"}
        assert await client.closed() == (4401, "The session has ended")


async def test_a_client_that_only_makes_the_server_answer_pings_is_dropped() -> None:
    async with served(endpoint(Stub(), limits=LIMITS), LIMITS) as server, silent_client(server) as client:
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(_ping_for_ever(client), 10)
        await eventually(lambda: connections(server) == 0)


async def _ping_for_ever(client: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    pings = frame(b"x" * 125, opcode=9) * 5000
    while True:
        await loop.sock_sendall(client, pings)


async def test_a_client_that_answers_no_ping_is_dropped() -> None:
    limits = replace(LIMITS, ping_seconds=0.05, pong_seconds=0.05)
    async with served(endpoint(Stub(), limits=limits), limits) as server, silent_client(server):
        await eventually(lambda: connections(server) == 1)
        await eventually(lambda: connections(server) == 0)


async def test_an_event_stream_that_nobody_reads_is_dropped() -> None:
    stub = Stub()
    async with served(endpoint(stub, limits=LIMITS), LIMITS) as server:
        loop = asyncio.get_running_loop()
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.setblocking(False)
            await loop.sock_connect(client, ("127.0.0.1", server.config.port))
            body = '{"query":"subscription { flood(size: 20000) }"}'
            head = (
                "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Accept: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            await loop.sock_sendall(client, (head + body).encode())
            await eventually(lambda: connections(server) == 1)
            await eventually(lambda: connections(server) == 0)


async def test_broken_text_closes_with_1007_and_is_no_error_of_the_server(caplog: pytest.LogCaptureFixture) -> None:
    async with served(endpoint(Stub(), limits=LIMITS), LIMITS) as server, silent_client(server) as client:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, frame(b"\xff\xfe"))
        received = b""
        while chunk := await loop.sock_recv(client, 1000):
            received += chunk
    assert received.endswith(b"\x88\x02" + (1007).to_bytes(2))
    assert caplog.records == []


async def test_uvicorn_is_configured_when_the_lifespan_starts() -> None:
    limits = Limits(message_bytes=1000)
    async with served(endpoint(Stub()), limits) as server:
        config = server.config
    assert config.ws_protocol_class is AbortingWebSocket
    assert config.http_protocol_class is PlainPosts
    assert config.ws_max_size == 4000
    assert config.ws_per_message_deflate is False


async def test_another_server_is_logged_as_a_warning() -> None:
    events = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, str]:
        return next(events)

    async def send(_: object) -> None:
        return

    with capture_logs() as logs:
        await ServedApp(Starlette())({"type": "lifespan", "state": {}}, receive, send)
    assert [entry["log_level"] for entry in logs] == ["warning"]


APP = """
from starlette.applications import Starlette
from transport.limits.limits import Limits
from transport.server.uvicorn_protocols import ServedApp
from tests.transport.stub import Stub, endpoint
limits = Limits(drain_seconds=0.1)
app = ServedApp(Starlette(routes=endpoint(Stub(), limits=limits).routes()), limits)
"""


async def test_the_plain_command_serves_with_it_and_ends_on_sigterm(tmp_path: Path) -> None:
    (tmp_path / "stub_app.py").write_text(APP)
    root = str(Path(__file__).parents[3])
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("uvicorn"), "stub_app:app", "--port", str(port), "--app-dir", str(tmp_path)),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", verify=NO_AUTHORITIES) as client:

            async def answers() -> bool:
                try:
                    return (await client.get("/graphql?query={hello}")).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(answers, within=30)
        server = uvicorn.Server(uvicorn.Config("none", port=port, log_config=None))
        async with ready_socket_to(server) as ready:
            process.send_signal(signal.SIGTERM)
            assert await ready.closed() == (1012, "Service restart")
        async with asyncio.timeout(10):
            assert await process.wait() in {0, -signal.SIGTERM}
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_uvicorn_still_has_what_is_overridden() -> None:
    for name in ("handle_connect", "handle_ping", "keepalive_timeout", "send_receive_event_to_app", "shutdown"):
        assert callable(getattr(WebSocketsSansIOProtocol, name))
