"""Headers of answers: none comes twice, whatever was asked and however."""

import pytest

from tests.support.people import sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTML, JSON, STREAM = {"accept": "text/html"}, {"content-type": "application/json"}, {"accept": "text/event-stream"}
FOREIGN, OWN = {"origin": "https://other.example"}, {"origin": "http://localhost:3000"}
QUERY, BAD = b'{"query": "{ __typename }"}', b'{"query": "{"}'
NO_VIEWER = b'{"query": "{ notifications { unreadCount } }"}'
STRICT = {**JSON, "accept": "application/graphql-response+json"}
COUNTS = b'{"query": "subscription { trendUpdates(first: 1) { hashtag { name } } }"}'
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
ASKED = [
    ("GET", "/graphql?query={__typename}", {}, None, 200),
    ("GET", "/graphql?query={__typename}", OWN, None, 200),
    ("GET", "/graphql", HTML, None, 200),
    ("POST", "/graphql", JSON, QUERY, 200),
    ("POST", "/graphql", {**JSON, **OWN}, QUERY, 200),
    ("POST", "/graphql", {**JSON, **FOREIGN}, QUERY, None),
    ("POST", "/graphql", STRICT, BAD, 400),
    ("POST", "/graphql", STRICT, NO_VIEWER, 401),
    ("POST", "/graphql", {**JSON, "accept-encoding": "gzip"}, QUERY, 200),
    ("POST", "/graphql", {"content-type": "text/plain"}, QUERY, None),
    ("OPTIONS", "/graphql", {**OWN, **PREFLIGHT}, None, None),
    ("PUT", "/graphql", {}, None, None),
    ("GET", "/", HTML, None, 200),
    ("GET", "/icon.png", {"accept-encoding": "gzip"}, None, 200),
    ("GET", "/push.js", {"accept-encoding": "gzip"}, None, 200),
    ("GET", "/nothing", HTML, None, 404),
    ("GET", "/nothing", {}, None, 404),
    ("GET", "/healthz", {}, None, 200),
    ("GET", "/readyz", {}, None, 200),
    ("GET", "/schema.graphql", OWN, None, 200),
]  # fmt: skip


async def test_no_header_comes_twice(shared_service: Service) -> None:
    for method, path, headers, body, status in ASKED:
        answer = await shared_service.http.request(method, path, headers=headers, content=body)
        names = [name for name, _ in answer.headers.multi_items()]
        assert (method, path, sorted(set(names))) == (method, path, sorted(names))
        assert (method, path, headers, answer.status_code) == (method, path, headers, status or answer.status_code)


async def test_no_header_of_a_stream_comes_twice(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    headers = {**JSON, **STREAM, **OWN, "authorization": f"Bearer {alice.token}"}
    async with shared_service.http.stream("POST", "/graphql", headers=headers, content=COUNTS) as answer:
        names = [name for name, _ in answer.headers.multi_items()]
        assert answer.status_code == 200
    assert sorted(set(names)) == sorted(names)


async def test_vary_of_a_get_names_each_header_once(shared_service: Service) -> None:
    for headers in ({}, OWN, HTML):
        answer = await shared_service.http.get("/graphql", params={"query": "{ __typename }"}, headers=headers)
        varied = [name.strip().lower() for name in answer.headers.get("vary", "").split(",")]
        assert sorted(set(varied)) == sorted(varied)
        assert "origin" in varied
