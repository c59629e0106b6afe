"""Heads of requests: too many bytes or lines, too slow, and exactly within the limits."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import uvicorn

from tests.transport.stub import Stub, endpoint, served
from transport.limits.limits import DEFAULT_LIMITS

LIMITS = replace(DEFAULT_LIMITS, head_seconds=0.5)
LINE = "GET /graphql?query=%7Bhello%7D HTTP/1.1\r\n"
URL = "/graphql?query=%7Bhello%7D"
HOST = "host: rookery.test\r\n"


@pytest.fixture
async def server() -> AsyncIterator[uvicorn.Server]:
    async with served(endpoint(Stub(), limits=LIMITS), LIMITS) as server:
        yield server


async def answer_to(server: uvicorn.Server, *parts: str, pause: float = 0.0) -> str:
    """All that the server sends until it closes the connection, or has answered."""
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
        for part in parts:
            writer.write(part.encode())
            await asyncio.sleep(pause)
        try:
            return (await reader.read(100_000)).decode()
        except ConnectionResetError:
            return ""
        finally:
            writer.close()


def filled(size: int) -> str:
    """A head of `size` counted bytes."""
    counted = len(URL) + len("host") + len("rookery.test") + 4 + len("x-filler") + 4
    return f"{LINE}{HOST}x-filler: {'x' * (size - counted)}\r\n\r\n"


async def test_a_head_has_32_kb_at_most(server: uvicorn.Server) -> None:
    assert (await answer_to(server, filled(32_768))).startswith("HTTP/1.1 200 ")
    refused = await answer_to(server, filled(32_769))
    assert refused.startswith("HTTP/1.1 431 ")
    assert "connection: close" in refused


async def test_a_head_has_100_lines_at_most(server: uvicorn.Server) -> None:
    lines = [f"x-{number}: 1\r\n" for number in range(99)]
    assert (await answer_to(server, LINE, HOST, *lines, "\r\n")).startswith("HTTP/1.1 200 ")
    assert (await answer_to(server, LINE, HOST, *lines, "x-more: 1\r\n", "\r\n")).startswith("HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "start",
    [
        *("GET /" + "x" * 33_000, LINE + "x: " + "y" * 33_000, "GET / HTTP/1.1\r\n" + "x" * 33_000),
        LINE + HOST + "content-length: 0\r\n\r\n" + LINE + "x: " + "y" * 48_000,
    ],
)
async def test_what_never_ends_is_not_kept_beyond_the_limit(server: uvicorn.Server, start: str) -> None:
    pieces = [start[at : at + 8_000] for at in range(0, len(start), 8_000)]
    assert "HTTP/1.1 431 " in await answer_to(server, *pieces, pause=0.01)


async def test_a_body_is_not_counted_as_a_head(server: uvicorn.Server) -> None:
    body = '{"query": "{ hello }"}' + " " * 90_000
    head = f"POST /graphql HTTP/1.1\r\n{HOST}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    pieces = [head, body[:40_000], body[40_000:] + LINE[:9], LINE[9:], HOST + "\r\n"]
    assert (await answer_to(server, *pieces, pause=0.05)).count("HTTP/1.1 200 ") == 2


@pytest.mark.parametrize("start", ["", "GET", LINE, LINE + HOST, LINE + HOST + "x: y", "\r\n"])
async def test_a_head_that_does_not_arrive_in_time_is_408(server: uvicorn.Server, start: str) -> None:
    refused = await answer_to(server, start)
    assert refused.startswith("HTTP/1.1 408 ")
    assert "connection: close" in refused


async def test_a_second_head_that_trickles_is_408(server: uvicorn.Server) -> None:
    async with asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
        writer.write(f"{LINE}{HOST}\r\n".encode())
        assert (await reader.read(100_000)).startswith(b"HTTP/1.1 200 ")
        writer.write(LINE.encode())
        assert (await reader.read(100_000)).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_a_slow_answer_is_no_slow_head(server: uvicorn.Server) -> None:
    """The deadline ends with the head."""
    slow = "GET /graphql?query=%7Bslow%7D HTTP/1.1\r\n"
    limits = replace(LIMITS, operation_seconds=1.0)
    async with served(endpoint(Stub(), limits=limits), limits) as patient:
        assert (await answer_to(patient, slow, HOST, "accept: application/json\r\n\r\n")).startswith("HTTP/1.1 200 ")


async def test_a_socket_that_says_nothing_has_no_slow_head(server: uvicorn.Server) -> None:
    upgrade = "upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n"
    key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    writer.write(f"GET /graphql HTTP/1.1\r\n{HOST}{upgrade}{key}".encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2 * LIMITS.head_seconds):
            await reader.read(1)
    writer.close()
