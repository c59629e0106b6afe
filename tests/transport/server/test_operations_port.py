"""The operations port: what is on it, what the API's port serves beside it, and both of one life."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from datastore.embedded.stores import free_port
from tests.support.service import NO_AUTHORITIES, running_api, settings_for
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
APP = """
from starlette.applications import Starlette
from schema.health import alive_route, ready_route
from transport.server.operations_port import OperationsPort
from transport.server.uvicorn_protocols import ServedApp
async def stores():
    return {"mongo": True, "redis": False}
inside = OperationsPort(Starlette(routes=[ready_route(stores, lambda: True)]), "127.0.0.1", PORT)
app = ServedApp(Starlette(routes=[alive_route()]), grace_seconds=60, operations=inside)
"""
HEALTH, READINESS, METRICS = "/healthz", "/readyz", "/metrics"


async def statuses(url: str, *paths: str) -> list[int]:
    async with httpx.AsyncClient(base_url=url, verify=NO_AUTHORITIES) as client:
        return [(await client.get(path)).status_code for path in paths]


@pytest.mark.parametrize("env", ["dev", "prod"])
async def test_api_serves_neither_readiness_nor_metrics_where_they_have_a_port(
    mongo_url: str, redis_url: str, env: str
) -> None:
    inside = free_port()
    origins = ("https://example.org",)
    settings = settings_for(mongo_url, redis_url, env=env, allowed_origins=origins, operations_port=inside)
    async with running_api(settings) as url:
        asked = (HEALTH, READINESS, METRICS, "/graphql?query={__typename}", "/")
        assert await statuses(url, *asked) == [200, 404, 404, 200, 200]
        assert await statuses(url, "/./metrics", "/%6detrics", "/web/..%2fmetrics") == [404] * 3
        assert await statuses(f"http://127.0.0.1:{inside}", *asked) == [200, 200, 200, 404, 404]
    with pytest.raises(httpx.ConnectError):
        await statuses(f"http://127.0.0.1:{inside}", HEALTH)


async def test_without_the_setting_all_is_on_one_port(mongo_url: str, redis_url: str) -> None:
    async with running_api(settings_for(mongo_url, redis_url)) as url:
        assert await statuses(url, HEALTH, READINESS, METRICS) == [200, 200, 200]


@asynccontextmanager
async def serving(folder: Path, inside: int) -> AsyncIterator[tuple[Process, str]]:
    (folder / "two_ports_app.py").write_text(APP.replace("PORT", str(inside)))
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("uvicorn"), "two_ports_app:app"),
        *("--port", str(port), "--app-dir", str(folder)),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=PIPE,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def has_status(url: str, path: str, status: int) -> bool:
    try:
        return await statuses(url, path) == [status]
    except httpx.TransportError:
        return False


async def test_process_that_leaves_is_not_ready_on_its_operations_port(tmp_path: Path) -> None:
    inside = free_port()
    async with serving(tmp_path, inside) as (process, url):
        ready = f"http://127.0.0.1:{inside}"
        await eventually(lambda: has_status(ready, READINESS, 200), within=30.0)
        process.send_signal(signal.SIGTERM)
        await eventually(lambda: has_status(ready, READINESS, 503))
        assert await statuses(url, HEALTH) == [200]


async def test_port_that_is_taken_ends_the_start_and_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with serving(tmp_path, port) as (process, _), asyncio.timeout(30.0):
            _, told = await process.communicate()
    assert process.returncode == 3
    assert f"The operations port {port} of 127.0.0.1 can't be had: Address already in use".encode() in told
