"""Plain POSTs have the answers of all others, whatever the requests around them, and however they arrive."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from core.errors import UnauthenticatedError
from tests.support.waiting import eventually
from tests.transport.stub import Stub, endpoint, served
from transport.server.plain_posts import LONGEST_BODY, PlainCycle, PlainPosts

JSON = "accept: application/json"
HELLO = {"query": "{ hello }"}
BODIES: list[Any] = [
    HELLO,
    {"query": "{ nothing }"},
    {"query": "{"},
    {"query": "query ($n: Int!) { items(first: $n) { number } }", "variables": {"n": 3}},
    {"query": "query ($n: Int!) { items(first: $n) { number } }", "variables": {"n": "three"}},
    {"query": "subscription { ticks }"},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}},
    {},
    [HELLO],
    None,
]
RAW = [b"", b"{", b"\xff", b'{"query":"{ hello }"}' + b" " * (LONGEST_BODY - 21), b" " * (LONGEST_BODY + 1)]
HEADS = [
    [JSON],
    ["accept: application/graphql-response+json"],
    ["accept: application/graphql-response+json, application/json;q=0.9"],
    [JSON, "authorization: Bearer nonsense"],
    [JSON, "x-request-id: own"],
    ["accept: text/plain"],
]


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
async def server(stub: Stub) -> AsyncIterator[uvicorn.Server]:
    async with served(endpoint(stub)) as server:
        yield server


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> list[PlainCycle]:
    """The requests that were answered as plain ones."""
    answered, answer = list[PlainCycle](), PlainPosts._answer  # noqa: SLF001 - the one place that all of them pass

    async def watched(self: PlainPosts, cycle: PlainCycle, headers: list[tuple[bytes, bytes]]) -> None:
        answered.append(cycle)
        await answer(self, cycle, headers)

    monkeypatch.setattr(PlainPosts, "_answer", watched)
    return answered


def post(body: object, *headers: str, version: str = "1.1", method: str = "POST", path: str = "/graphql") -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/{version}", "host: x", "content-type: application/json", *headers]
    return "\r\n".join([*lines, f"content-length: {len(data)}", "", ""]).encode() + data


async def answers(server: uvicorn.Server, *parts: bytes, number: int = 1) -> list[tuple[list[str], bytes]]:
    """Head lines and body of each answer to requests that are sent in these parts."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    found = []
    async with asyncio.timeout(10):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.005 if len(parts) > 1 else 0)
        for _ in range(number):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
            length = next(int(line.partition(":")[2]) for line in head if line.startswith("content-length:"))
            found.append((_same(head), await reader.readexactly(length)))
    writer.close()
    return found


def _same(head: list[str]) -> list[str]:
    """Without what differs from answer to answer."""
    return [re.sub(r"^(x-request-id|date): .*", r"\1", line) for line in head]


def _without_ids(body: bytes) -> bytes:
    return re.sub(rb"[0-9a-f]{32}", b"id", body)


async def test_whole_and_in_pieces_requests_have_the_same_answers(
    server: uvicorn.Server, plain: list[PlainCycle]
) -> None:
    for headers in HEADS:
        for body in [*BODIES, *RAW]:
            request = post(body, *headers)
            ((head, said),) = await answers(server, request)
            ((other_head, other_said),) = (
                await answers(server, request[:-1], request[-1:]) if body != b"" else [(head, said)]
            )
            assert (head, _without_ids(said)) == (other_head, _without_ids(other_said)), (body, headers)
    assert len(plain) > len(HEADS) * len(BODIES) / 2


async def test_a_request_split_anywhere_has_its_answer(server: uvicorn.Server, plain: list[PlainCycle]) -> None:
    request = post(HELLO, JSON)
    ((head, said),) = await answers(server, request)
    assert said == b'{"data":{"hello":"Hello, world"}}'
    places = range(1, len(request), 3)
    for at in places:
        assert await answers(server, request[:at], request[at:]) == [(head, said)], at
    in_head = [at for at in places if b"\r\n\r\n" not in request[:at]]
    assert 1 + len(in_head) <= len(plain) < len(places)


async def test_pipelined_requests_are_answered_in_order(server: uvicorn.Server, stub: Stub) -> None:
    late, soon = {"query": "{ items(first: 1) { late } }"}, HELLO
    plain_late, plain_soon = post(late, JSON), post(soon, JSON)
    ordinary_late, ordinary_soon = post(late, JSON, "origin: http://x"), post(soon, JSON, "x-forwarded-for: 1.2.3.4")
    for first in (plain_late, ordinary_late):
        for second in (plain_soon, ordinary_soon):
            stub.gate.clear()
            asking = asyncio.create_task(answers(server, first + second + plain_soon, number=3))
            await eventually(lambda: bool(stub.operations))
            stub.gate.set()
            bodies = [body for _, body in await asking]
            assert [b"at last" in body for body in bodies] == [True, False, False]
            assert bodies[1:] == [b'{"data":{"hello":"Hello, world"}}'] * 2
            stub.operations.clear()


NOT_PLAIN = {
    "a browser's": post(HELLO, JSON, "origin: http://x"),
    "by a proxy": post(HELLO, JSON, "x-forwarded-for: 1.2.3.4"),
    "accepts streams": post(HELLO, "accept: */*"),
    "accepts all": post(HELLO),
    "expects": post(HELLO, JSON, "expect: 100-continue"),
    "old": post(HELLO, JSON, version="1.0"),
    "last": post(HELLO, JSON, "connection: close"),
    "upgrades": post(HELLO, JSON, "connection: upgrade", "upgrade: h2c"),
    "two of a name": post(HELLO, JSON, JSON),
    "elsewhere": post(HELLO, JSON, path="/graphql?a=1"),
    "a PUT": post(HELLO, JSON, method="PUT"),
}


@pytest.mark.parametrize("name", NOT_PLAIN)
async def test_what_is_not_plain_is_uvicorns(server: uvicorn.Server, plain: list[PlainCycle], name: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    writer.write(NOT_PLAIN[name])
    async with asyncio.timeout(10):
        assert (await reader.readline()).startswith(b"HTTP/1.1 ")
    writer.close()
    assert plain == []


async def test_a_client_that_hangs_up_leaves_nothing_behind(server: uvicorn.Server, stub: Stub) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    writer.write(post({"query": "{ items(first: 1) { late } }"}, JSON))
    await eventually(lambda: bool(stub.operations))
    writer.transport.abort()
    await eventually(lambda: not server.server_state.connections)
    stub.gate.set()
    await eventually(lambda: not server.server_state.tasks)
    assert len(await answers(server, post(HELLO, JSON))) == 1


async def test_a_server_that_stops_answers_what_it_began_and_closes(server: uvicorn.Server, stub: Stub) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    writer.write(post({"query": "{ items(first: 1) { late } }"}, JSON))
    await eventually(lambda: bool(stub.operations))
    server.should_exit = True
    connections: Any = server.server_state.connections
    await eventually(lambda: any(not one.cycle.keep_alive for one in connections))
    stub.gate.set()
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    assert b"connection: close\r\n" in answer
    assert answer.endswith(b'{"data":{"items":[{"late":"at last"}]}}')


async def test_a_fault_of_the_program_closes_the_connection(
    server: uvicorn.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise LookupError("planted")

    monkeypatch.setattr("transport.asgi.RookeryGraphQL.answer_whole", broken)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    writer.write(post(HELLO, JSON))
    with heard("uvicorn.error") as lines:
        async with asyncio.timeout(10):
            assert await reader.read() == b""
    writer.close()
    assert [line for line in lines if "Exception in ASGI application" in line]


async def test_refusals_of_the_context_have_their_status(server: uvicorn.Server, stub: Stub) -> None:
    stub.refusal = UnauthenticatedError()
    ((head, said),) = await answers(server, post(HELLO, "accept: application/graphql-response+json"))
    assert head[0] == "HTTP/1.1 401 Unauthorized"
    assert b"UNAUTHENTICATED" in said


@contextmanager
def heard(name: str) -> Iterator[list[str]]:
    """The lines of a logger, as they come."""
    logger, found = logging.getLogger(name), list[str]()
    handler = logging.Handler()
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    yield found
    logger.removeHandler(handler)
    logger.setLevel(before)


async def test_the_access_log_has_the_same_line(server: uvicorn.Server) -> None:
    with heard("uvicorn.access") as lines:
        await answers(server, post(HELLO, JSON))
        await answers(server, post(HELLO, JSON)[:-1], post(HELLO, JSON)[-1:])
    plain, ordinary = [re.sub(r":\d+ -", ": -", line) for line in lines if "/graphql" in line]
    assert plain == ordinary
    assert plain.endswith('"POST /graphql HTTP/1.1" 200')
