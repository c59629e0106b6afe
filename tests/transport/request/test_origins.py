"""Origins whose pages may open a websocket and send requests."""

import httpx
import pytest
from structlog.testing import capture_logs

from tests.transport.stub import Stub, endpoint, http_client
from transport.request.origins import LOOPBACK, AllowedOrigins


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


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        *((f"http://localhost:{port}", True) for port in (80, 3000, 5173)),
        *((origin, True) for origin in ("http://127.0.0.1:8080", "https://[::1]:4200", "http://LOCALHOST:3000")),
        *((f"http://localhost{end}", False) for end in (".evil.example", ":3000@evil.example", "x:3000")),
        *((origin, False) for origin in ("http://127.0.0.2:3000", "ws://localhost:3000", "null")),
    ],
)
async def test_pages_of_this_machine_are_allowed_by_the_loopback_origins(origin: str, *, allowed: bool) -> None:
    assert AllowedOrigins(LOOPBACK).allow(origin, "rookery.test") is allowed
    async with allowing(*LOOPBACK) as client:
        answer = await client.post("/graphql", json={"query": "{ hello }"}, headers={"origin": origin})
    assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)


async def test_refused_origin_is_logged_once_with_the_setting() -> None:
    with capture_logs() as logs:
        async with allowing("https://app.example") as client:
            for origin in ("https://evil.example", "https://evil.example", "https://app.example", str(client.base_url)):
                await client.get("/graphql", params={"query": "{ hello }"}, headers={"origin": origin.rstrip("/")})
    refused = [log for log in logs if log["event"] == "origin refused"]
    assert [(log["origin"], log["setting"]) for log in refused] == [("https://evil.example", "ROOKERY_ALLOWED_ORIGINS")]


@pytest.mark.parametrize("origin", ["https://app.example", "https://evil.example", None])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_vary_names_each_header_once(method: str, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    sent = {"params": {"query": "{ hello }"}} if method == "GET" else {"json": {"query": "{ hello }"}}
    async with allowing("https://app.example") as client:
        answer = await client.request(method, "/graphql", headers=headers, **sent)  # type: ignore[arg-type]
    assert answer.headers.get_list("vary") == ["Accept, Authorization, Origin"]


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
