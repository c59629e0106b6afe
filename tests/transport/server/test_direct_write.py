"""Direct writes behind a real server equal what uvicorn sends."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from tests.transport.stub import Stub, endpoint, served
from transport.http.negotiation import MediaType
from transport.http.reply import Reply
from transport.lifecycle.scope_state import REPLY_KEY
from transport.server.direct_write import write_whole

HELLO = json.dumps({"query": "{ hello }"}).encode()
DATA = b'{"data":{"hello":"Hello, world"}}'


@pytest.fixture
async def server() -> AsyncIterator[uvicorn.Server]:
    async with served(endpoint(Stub())) as server:
        yield server


def posting(*headers: str, version: str = "1.1") -> bytes:
    lines = [f"POST /graphql HTTP/{version}", "host: x", "content-type: application/json", *headers]
    return "\r\n".join([*lines, f"content-length: {len(HELLO)}", "", ""]).encode() + HELLO


async def answers(server: uvicorn.Server, *requests: bytes, number: int = 1) -> list[tuple[list[bytes], bytes]]:
    """Header lines and body of each answer; the requests are sent in one write."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    writer.write(b"".join(requests))
    found = []
    for _ in range(number):
        *head, _, _ = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in head if line.startswith(b"content-length:"))
        found.append((head, await reader.readexactly(length)))
    writer.close()
    return found


def names(head: list[bytes]) -> set[bytes]:
    return {line.partition(b":")[0] for line in head[1:]}


async def in_steps(
    server: uvicorn.Server, monkeypatch: pytest.MonkeyPatch, request: bytes
) -> tuple[list[bytes], bytes]:
    """The answer that uvicorn sends by ASGI."""
    with monkeypatch.context() as patched:
        patched.setattr("transport.server.http_protocol.write_whole", lambda *_: False)
        (answer,) = await answers(server, request)
    return answer


async def test_a_direct_write_equals_what_uvicorn_sends(
    server: uvicorn.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bool] = []

    def watched(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> bool:
        written.append(write_whole(cycle, status, head, body))
        return written[-1]

    with monkeypatch.context() as patched:
        patched.setattr("transport.server.http_protocol.write_whole", watched)
        ((head, body),) = await answers(server, posting())
    assert written == [True]
    expected, expected_body = await in_steps(server, monkeypatch, posting())
    assert (head[0], body) == (expected[0], expected_body) == (b"HTTP/1.1 200 OK", DATA)
    assert names(head) == names(expected)
    assert len(head) == len(expected)


async def test_requests_sent_together_are_answered_in_their_order(server: uvicorn.Server) -> None:
    found = await answers(server, posting(), posting(), posting(), number=3)
    assert [body for _, body in found] == [DATA] * 3


@pytest.mark.parametrize(("headers", "version"), [(["connection: close"], "1.1"), ([], "1.0")])
async def test_a_connection_without_keep_alive_is_closed(
    server: uvicorn.Server, headers: list[str], version: str
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    writer.write(posting(*headers, version=version))
    answer = await asyncio.wait_for(reader.read(), 10)
    assert b"connection: close" in answer
    assert answer.endswith(DATA)
    writer.close()


async def test_uvicorns_access_log_has_direct_writes(server: uvicorn.Server, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("uvicorn.access")
    log.addHandler(caplog.handler)
    try:
        with caplog.at_level(logging.INFO, log.name):
            await answers(server, posting())
    finally:
        log.removeHandler(caplog.handler)
    lines = [record.getMessage() for record in caplog.records if record.name == log.name]
    assert [line.partition(" - ")[2] for line in lines] == ['"POST /graphql HTTP/1.1" 200']


async def test_an_allowed_origin_gets_cors_headers() -> None:
    origin = "http://pages.test"
    async with served(endpoint(Stub(), allowed_origins=[origin])) as server:
        ((head, body),) = await answers(server, posting(f"origin: {origin}"))
    assert f"access-control-allow-origin: {origin}".encode() in head
    assert body == DATA


@pytest.mark.parametrize("value", ["a\nb", "a\r\nset-cookie: b", "a\rb"])
async def test_a_header_can_not_inject_another(value: str) -> None:
    written: list[tuple[object, ...]] = []
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    def write(*parts: object) -> bool:
        written.append(parts)
        return True

    reply = Reply({}, MediaType.JSON, status=200, more={"x-request-id": value})
    await reply({"type": "http", "state": {REPLY_KEY: (send, write)}}, _receive, send)
    assert written == []
    assert (b"x-request-id", value.encode()) in sent[0]["headers"]  # which uvicorn refuses


async def _receive() -> MutableMapping[str, Any]:
    raise AssertionError("nothing is to be received")
