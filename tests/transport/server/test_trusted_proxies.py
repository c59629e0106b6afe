"""The address of a client: forged headers, trusted proxies, and a client behind HAProxy with the file of docker/."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from datastore.embedded.stores import free_port
from tests.support.service import NO_AUTHORITIES
from tests.support.waiting import eventually
from transport.server.uvicorn_protocols import ServedApp

HAPROXY = Path(__file__).parents[3] / "docker" / "haproxy.cfg"
FORGED, OTHER = "203.0.113.9", "127.0.0.5"


async def tell(request: Request) -> Response:
    return PlainTextResponse(f"{request.client and request.client.host} {request.url.scheme}")


@asynccontextmanager
async def serving(trusted: Sequence[str]) -> AsyncIterator[int]:
    routes = [Route("/graphql", tell), Route("/readyz", tell)]
    app = ServedApp(Starlette(routes=routes), trusted_proxies=trusted)
    server = uvicorn.Server(uvicorn.Config(app, port=free_port(), log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started or task.done())
        yield server.config.port
    finally:
        server.should_exit = True
        await task


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


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is not installed")
async def test_a_forged_header_does_not_pass_haproxy() -> None:
    async with serving(["127.0.0.1"]) as port:
        balanced, stats, nobody = free_port(), free_port(), f"127.0.0.1:{free_port()}"
        places = {"BIND_API": f"127.0.0.1:{balanced}", "BIND_STATS": f"127.0.0.1:{stats}"}
        apis = {"API_1": f"127.0.0.1:{port}", "API_2": nobody, "API_3": nobody}
        process = await asyncio.create_subprocess_exec(
            "haproxy", "-db", "-f", str(HAPROXY), env={**os.environ, **places, **apis}
        )
        try:
            await eventually(lambda: _is_served(balanced), within=10.0)
            assert await told(balanced, source=OTHER) == f"{OTHER} http"
            for forged in (FORGED, f"{FORGED}, 127.0.0.1", "127.0.0.1"):
                assert await told(balanced, source=OTHER, x_forwarded_for=forged) == f"{OTHER} http"
            assert await told(balanced, source=OTHER, x_forwarded_proto="https") == f"{OTHER} http"
        finally:
            process.terminate()
            await process.wait()


async def _is_served(port: int) -> bool:
    try:
        return OTHER in await told(port, source=OTHER)
    except httpx.HTTPError:
        return False
