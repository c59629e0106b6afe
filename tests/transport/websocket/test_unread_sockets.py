"""A hundred clients that subscribe to a flood and never read: each is dropped, and its memory is freed."""

import asyncio
import gc
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from prometheus_client import REGISTRY

from tests.clients.raw import frame
from tests.support.waiting import eventually
from tests.transport.stub import Stub, endpoint, served
from transport.limits.limits import DEFAULT_LIMITS, Limits

CLIENTS = 100
MEGABYTE = 1 << 20
FLOOD = "subscription { flood(size: 50000) }"
STATM = Path("/proc/self/statm")
PAGE_BYTES = 4_096
LIMITS = replace(DEFAULT_LIMITS, connections_per_range=CLIENTS)

pytestmark = pytest.mark.skipif(not STATM.exists(), reason="Skipped, for only Linux tells how much memory is held")


@pytest.fixture(autouse=True)
def _frequent_collections() -> Iterator[None]:
    """Python's own: what a dropped client leaves is collected before freed memory is given back, a second later."""
    usual = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*usual)


async def test_clients_that_never_read_leave_no_memory() -> None:
    await play(replace(LIMITS, send_seconds=1.0), within=10.0)


@pytest.mark.long
async def test_clients_that_never_read_leave_no_memory_after_thirty_seconds() -> None:
    await play(LIMITS, within=30.0)


async def play(limits: Limits, *, within: float) -> None:
    async with served(endpoint(Stub(), limits=limits), limits) as server:
        await _warm_up(server.config.port)
        tasks, memory, dropped = len(asyncio.all_tasks()), resident(), dropped_clients()
        async with _deaf_clients(server.config.port, CLIENTS):
            await eventually(lambda: len(asyncio.all_tasks()) > tasks + CLIENTS)
            await eventually(lambda: held_for_clients(server) > 4 * MEGABYTE)
            await eventually(lambda: _no_more(tasks, memory), within=within)
            assert dropped_clients() == dropped + CLIENTS


def _no_more(tasks: int, memory: int) -> bool:
    assert resident() < memory + (CLIENTS + 20) * MEGABYTE, "more is held than a client may have"
    if len(asyncio.all_tasks()) > tasks:
        return False
    gc.collect()
    return resident() <= memory + 20 * MEGABYTE


async def _warm_up(port: int) -> None:
    """A first client, whose lasting allocations belong to the process."""
    before = len(asyncio.all_tasks())
    async with _deaf_clients(port, 3):
        pass
    await eventually(lambda: len(asyncio.all_tasks()) <= before)


@asynccontextmanager
async def _deaf_clients(port: int, count: int) -> AsyncIterator[None]:
    """Opens all at once, so that none is dropped before the last one is open."""
    clients = [socket.socket() for _ in range(count)]
    try:
        await asyncio.gather(*[_connect(client, port) for client in clients])
        yield
    finally:
        for client in clients:
            client.close()


async def _connect(client: socket.socket, port: int) -> None:
    loop = asyncio.get_running_loop()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.setblocking(False)
    await loop.sock_connect(client, ("127.0.0.1", port))
    lines = ["GET /graphql HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]
    lines += ["Sec-WebSocket-Protocol: graphql-transport-ws", "", ""]
    await loop.sock_sendall(client, "\r\n".join(lines).encode())
    assert b" 101 " in await loop.sock_recv(client, 1_000)
    for message in (
        {"type": "connection_init"},
        {"type": "subscribe", "id": "1", "payload": {"query": FLOOD}},
    ):
        await loop.sock_sendall(client, frame(json.dumps(message).encode()))


def held_for_clients(server: uvicorn.Server) -> int:
    """Bytes written and not yet accepted; the process's memory would not show them if it had room."""
    protocols: set[Any] = server.server_state.connections
    return sum(protocol.transport.get_write_buffer_size() for protocol in protocols)


def dropped_clients() -> float:
    return REGISTRY.get_sample_value("rookery_dropped_clients_total", {"transport": "websocket"}) or 0.0


def resident() -> int:
    return int(STATM.read_text().split()[1]) * PAGE_BYTES
