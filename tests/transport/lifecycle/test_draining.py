"""Graceful shutdown: after SIGTERM the process is not ready, and serves until the grace period is over."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from datastore.embedded.stores import free_port
from tests.support.service import NO_AUTHORITIES
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
APP = """
from starlette.applications import Starlette
from schema.health import alive_route, ready_route
from transport.server.uvicorn_protocols import ServedApp
async def stores():
    return {"mongo": True, "redis": False}
app = ServedApp(Starlette(routes=[alive_route(), ready_route(stores, lambda: True)]), grace_seconds=SECONDS)
"""


@asynccontextmanager
async def serving(folder: Path, seconds: float) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    (folder / "leaving_app.py").write_text(APP.replace("SECONDS", str(seconds)))
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("uvicorn"), "leaving_app:app", "--port", str(port), "--app-dir", str(folder)),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=DEVNULL,
        stdout=DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", verify=NO_AUTHORITIES) as client:
            await eventually(lambda: is_ready(client), within=30)
            yield process, client
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def test_after_sigterm_the_process_is_not_ready_and_serves_for_the_grace_period(tmp_path: Path) -> None:
    async with serving(tmp_path, seconds=1.0) as (process, client):
        process.send_signal(signal.SIGTERM)

        async def is_leaving() -> bool:
            answer = await client.get("/readyz")
            return (answer.status_code, answer.json()) == (503, {"leaving": True})

        await eventually(is_leaving)
        assert (await client.get("/healthz")).text == "ok\n"
        async with asyncio.timeout(10):
            assert await process.wait() in {0, -signal.SIGTERM}


async def test_a_second_sigterm_ends_the_process_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path, seconds=60.0) as (process, client):
        process.send_signal(signal.SIGTERM)

        async def is_leaving() -> bool:
            return (await client.get("/readyz")).status_code == 503

        await eventually(is_leaving)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await process.wait() in {0, -signal.SIGTERM}


async def test_without_a_grace_period_the_process_ends_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path, seconds=0.0) as (process, _):
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await process.wait() in {0, -signal.SIGTERM}
