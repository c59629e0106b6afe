"""Origins whose pages may open a websocket and send requests."""

import httpx
import pytest

from tests.transport.stub import Stub, endpoint, http_client
from transport.request.origins import AllowedOrigins


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "rookery.test", True),
        ("https://rookery.test", "rookery.test", True),
        ("http://rookery.test", "rookery.test:80", True),
        ("http://rookery.test:8000", "rookery.test:8000", True),
        ("http://ROOKERY.test", "rookery.TEST", True),
        ("https://app.example", "rookery.test", True),
        ("https://app.example:443", "rookery.test", True),
        ("http://app.example", "rookery.test", False),
        ("https://app.example:8443", "rookery.test", False),
        ("http://rookery.test:8001", "rookery.test:8000", False),
        ("https://evil.example", "rookery.test", False),
        ("https://rookery.test.evil.example", "rookery.test", False),
        ("https://rookery.test@evil.example", "rookery.test", False),
        ("null", "rookery.test", False),
        ("", "rookery.test", False),
        ("https://rookery.test:port", "rookery.test", False),
        ("https://rookery.test", None, False),
    ],
)
def test_own_pages_and_listed_origins_are_allowed(origin: str | None, host: str | None, *, allowed: bool) -> None:
    assert AllowedOrigins(["https://app.example"]).allow(origin, host) is allowed


def test_a_star_allows_every_origin() -> None:
    assert AllowedOrigins(["*"]).allow("https://evil.example", "rookery.test")


PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,x-app-version",
}


def allowing(*origins: str) -> httpx.AsyncClient:
    return http_client(endpoint(Stub(), allowed_origins=origins))


@pytest.mark.parametrize(
    ("listed", "origin", "answered"),
    [
        (("https://app.example.org",), "https://app.example.org", "https://app.example.org"),
        (("https://App.Example.org",), "https://app.example.org", "https://app.example.org"),
        (("https://app.example.org",), "https://evil.example.org", None),
        (("https://app.example.org",), "null", None),
        ((), "https://app.example.org", None),
        (("*",), "https://app.example.org", "*"),
    ],
)
async def test_pages_of_listed_origins_may_ask_and_read_over_http(
    listed: tuple[str, ...], origin: str, answered: str | None
) -> None:
    client = allowing(*listed)
    preflight = await client.options("/graphql", headers={"origin": origin, **PREFLIGHT})
    answer = await client.post("/graphql", json={"query": "{ hello }"}, headers={"origin": origin})
    assert answer.status_code == 200
    for one in (preflight, answer):
        assert one.headers.get("access-control-allow-origin") == answered
        assert "access-control-allow-credentials" not in one.headers
    assert preflight.status_code == (200 if answered else 400)
    if answered:
        assert "x-app-version" in preflight.headers["access-control-allow-headers"]
        assert "retry-after" in answer.headers["access-control-expose-headers"].lower()
