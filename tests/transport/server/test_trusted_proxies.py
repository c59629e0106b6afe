"""The address of a client: forged headers, trusted proxies, and a client behind HAProxy with the file of docker/."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from datastore.embedded.stores import free_port
from tests.support.processes.haproxy import needs_haproxy, running_haproxy
from tests.support.service import NO_AUTHORITIES, serving_app
from transport.server.uvicorn_protocols import ServedApp

FORGED, OTHER = "203.0.113.9", "127.0.0.5"


async def tell(request: Request) -> Response:
    return PlainTextResponse(f"{request.client and request.client.host} {request.url.scheme}")


@asynccontextmanager
async def serving(trusted: Sequence[str]) -> AsyncIterator[int]:
    routes = [Route("/graphql", tell), Route("/readyz", tell)]
    port = free_port()
    async with serving_app(ServedApp(Starlette(routes=routes), trusted_proxies=trusted), port):
        yield port


async def told(port: int, *, source: str = "127.0.0.1", **headers: str) -> str:
    transport = httpx.AsyncHTTPTransport(local_address=source, verify=NO_AUTHORITIES)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(transport=transport) as client:
        return (await client.get(f"http://127.0.0.1:{port}/graphql", headers=named)).text


async def test_without_trusted_proxies_nobody_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    async with serving([]) as port:
        assert await told(port, x_forwarded_for=FORGED, x_forwarded_proto="https") == "127.0.0.1 http"


async def test_named_proxies_alone_are_believed() -> None:
    async with serving(["127.0.0.4/31", "192.0.2.0/24"]) as port:
        assert await told(port, source=OTHER, x_forwarded_for=FORGED, x_forwarded_proto="https") == f"{FORGED} https"
        assert await told(port, source=OTHER, x_forwarded_for=f"{FORGED}, 192.0.2.7") == f"{FORGED} http"
        assert await told(port, source=OTHER, x_forwarded_for=f"{FORGED}, 198.51.100.1") == "198.51.100.1 http"
        assert await told(port, x_forwarded_for=FORGED) == "127.0.0.1 http"


@needs_haproxy
async def test_a_forged_header_does_not_pass_haproxy() -> None:
    async with serving(["127.0.0.1"]) as port, running_haproxy(port, port) as balanced:
        assert await told(balanced, source=OTHER) == f"{OTHER} http"
        for forged in (FORGED, f"{FORGED}, 127.0.0.1", "127.0.0.1"):
            assert await told(balanced, source=OTHER, x_forwarded_for=forged) == f"{OTHER} http"
        assert await told(balanced, source=OTHER, x_forwarded_proto="https") == f"{OTHER} http"
