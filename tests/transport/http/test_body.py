"""Reading of request bodies: media type, size, time, disconnects."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.requests import Request

from core.runtime.deadlines import Deadlines
from transport.http import body
from transport.http.body import read_body
from transport.limits.limits import Limits
from transport.request.graphql_request import RequestError

LIMITS = Limits(body_bytes=10)
JSON = ("content-type", "application/json")


def request_of(*headers: tuple[str, str], chunks: Sequence[bytes] = (b"{}",), ends: bool = True) -> Request:
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages += [{"type": "http.request", "body": b"", "more_body": False} if ends else {"type": "http.disconnect"}]
    incoming = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(incoming)

    raw = [(name.encode(), value.encode()) for name, value in headers]
    return Request({"type": "http", "method": "POST", "headers": raw}, receive)


async def refusal_of(request: Request) -> RequestError:
    with pytest.raises(RequestError) as refused:
        await read_body(request, LIMITS)
    return refused.value


async def test_a_body_in_chunks_is_joined_up_to_the_limit() -> None:
    assert await read_body(request_of(JSON, chunks=[b"12345", b"67890"]), LIMITS) == b"1234567890"


async def test_a_body_over_the_limit_is_413_whatever_its_length_claims() -> None:
    for headers in ([JSON], [JSON, ("content-length", "3")], [JSON, ("content-length", "x")]):
        refusal = await refusal_of(request_of(*headers, chunks=[b"12345", b"678901"]))
        assert (refusal.status, refusal.headers) == (413, {"connection": "close"})


@pytest.mark.parametrize("length", ["11", "9" * 13, "9" * 5_000])
async def test_a_length_over_the_limit_is_413_before_the_body_is_read(length: str) -> None:
    refusal = await refusal_of(request_of(JSON, ("content-length", length), ends=False))
    assert refusal.status == 413


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "Application/JSON;charset=UTF8", 'application/json; charset="utf-8"; a=b'],
)
async def test_json_in_utf_8_is_read(content_type: str) -> None:
    assert await read_body(request_of(("content-type", content_type)), LIMITS) == b"{}"


@pytest.mark.parametrize(
    ("headers", "names_accept"),
    [
        ([], True),
        ([("content-type", "text/plain")], True),
        ([("content-type", "application/json; charset=latin-1")], False),
        ([("content-type", "application/json; charset=\0")], False),
        ([JSON, ("content-encoding", "gzip")], False),
    ],
)
async def test_anything_else_is_415(headers: list[tuple[str, str]], *, names_accept: bool) -> None:
    refusal = await refusal_of(request_of(*headers))
    assert (refusal.status, "accept" in refusal.headers) == (415, names_accept)


async def test_a_disconnect_is_400() -> None:
    assert (await refusal_of(request_of(JSON, ends=False))).status == 400


async def test_a_slow_body_is_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "_reading", Deadlines(0.01))

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}
    refusal = await refusal_of(Request(scope, receive))
    assert (refusal.status, refusal.headers) == (408, {"connection": "close"})
