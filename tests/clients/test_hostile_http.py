"""Hostile requests over a real connection: each gets an error with a code at once, without internal details."""

import asyncio
import gzip
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
import pytest

from core.errors import ErrorCode
from tests.support.service import NO_AUTHORITIES
from tests.transport.limits.test_cost import HOSTILE

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODES = {code.value for code in ErrorCode}
INTERNALS = re.compile(r"Traceback|mongodb://|redis://|\.py\b|site-packages|object at 0x|NoneType", re.IGNORECASE)
FIRST = "query ($n: Int!) { items(first: $n) { number } }"
FIND = "query ($w: String!) { find(query: {words: [$w]}) }"
SLOWEST_SECONDS = 0.25
"""Five times what is wanted on a quiet machine, for the tests share theirs."""


@dataclass(frozen=True)
class Case:
    name: str
    content: bytes = b""
    method: str = "POST"
    query_string: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


def ask(name: str, query: str, **more: object) -> Case:
    return Case(name, json.dumps({"query": query, **more}).encode())


def bodies() -> Iterator[Case]:
    for name, content in {
        "no JSON": b"{nope",
        "nothing": b"",
        "a number": b"5",
        "a string": b'"{ hello }"',
        "a batch": json.dumps([{"query": "{ hello }"}] * 1000).encode(),
        "no query": b"{}",
        "a malformed hash": b'{"extensions":{"persistedQuery":{"version":1,"sha256Hash":[]}}}',
        "UTF-16": json.dumps({"query": "{ hello }"}).encode("utf-16"),
        "NUL": b"\0" * 1000,
        "digits without end": b'{"query":"{ hello }","variables":{"n":' + b"9" * 90_000 + b"}}",
        "keys without end": b'{"query":"{ hello }",' + b",".join(b'"%d":1' % n for n in range(9000)),
        "nested 45,000 deep": b'{"query":"{ hello }","variables":{"a":' + b"[" * 45_000 + b"]" * 45_000 + b"}}",
    }.items():
        yield Case(name, content)
    packed = {"content-type": "application/json", "content-encoding": "gzip"}
    yield Case("gzip that is none", b'{"query":"x"}', headers=packed)
    yield Case("a gzip bomb", gzip.compress(b'{"query":"' + b" " * 50_000_000 + b'"}'), headers=packed)


def methods_and_types() -> Iterator[Case]:
    bump = json.dumps({"query": "mutation { bump }"}).encode()
    for content_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "a/b;" * 99,
    ):
        yield Case(f"a mutation as {content_type[:20]}", bump, headers={"content-type": content_type})
    yield Case("a mutation by GET", method="GET", query_string="query=" + quote("mutation { bump }"))
    yield Case("GET with broken variables", method="GET", query_string="query=%7Bhello%7D&variables=%7B")
    yield Case("GET with broken escapes", method="GET", query_string="query=%ff%fe%zz")
    for method in ("PUT", "DELETE", "PATCH"):
        yield Case(method, b"{}", method)


def values() -> Iterator[Case]:
    numbers: list[object] = [2**31, 1.5, "10", True, None, [], {}]
    for number in numbers:
        yield ask(f"first: {number!r}", FIRST, variables={"n": number})
    yield ask("a list of 15,000", "query ($i: [ID!]!) { nodes(ids: $i) { number } }", variables={"i": ["x"] * 15_000})
    yield ask("5,000 wrong values", "query ($i: [ID!]!) { nodes(ids: $i) { number } }", variables={"i": [{}] * 5000})
    yield ask("an operator of a database", FIND, variables={"w": {"$ne": None}})
    yield ask("an unknown operation", "{ hello }", operationName="other")
    yield ask("an operation named by a number", "{ hello }", operationName=5)
    yield ask("two roots in a subscription", "subscription { a: ticks b: ticks }")


CASES = [*bodies(), *methods_and_types(), *(ask(name, text) for name, text in HOSTILE.items()), *values()]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_a_hostile_request_is_refused_at_once(address: str, case: Case) -> None:
    async with httpx.AsyncClient(timeout=10, verify=NO_AUTHORITIES) as client:
        await client.get(f"{address}?query={{hello}}")
        seconds = []
        for _ in range(3):
            started = time.perf_counter()
            answer = await client.request(
                case.method, f"{address}?{case.query_string}", content=case.content, headers=case.headers
            )
            seconds.append(time.perf_counter() - started)
            assert 400 <= answer.status_code < 500
            assert {error["extensions"]["code"] for error in answer.json()["errors"]} <= CODES
            assert "data" not in answer.json()
            assert not INTERNALS.search(answer.text)
    assert min(seconds) < SLOWEST_SECONDS


async def test_a_body_of_20_mb_is_not_read(address: str) -> None:
    content = json.dumps({"query": "{ hello }", "variables": {"z": "x" * 20_000_000}}).encode()
    url = httpx.URL(address)
    head = f"POST {url.path} HTTP/1.1\r\nhost: {url.host}\r\ncontent-type: application/json\r\n"
    reader, writer = await asyncio.open_connection(url.host, url.port)
    started = time.perf_counter()
    # The answer comes before most of the body was sent.
    writer.write(f"{head}content-length: {len(content)}\r\n\r\n".encode() + content[:1_000])
    assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    assert time.perf_counter() - started < 1
    writer.close()


@pytest.mark.parametrize("word", ["", "\0", "x" * 50_000, "(.*a){30}$", '"' * 5000, "🐦", "a OR " * 5000])
async def test_strange_text_is_just_text(address: str, word: str) -> None:
    async with httpx.AsyncClient(timeout=10, verify=NO_AUTHORITIES) as client:
        answer = await client.post(address, json={"query": FIND, "variables": {"w": word}})
    assert answer.json() == {"data": {"find": word}}
