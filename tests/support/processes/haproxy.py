"""HAProxy with the file of docker/, in front of one server of this machine."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from datastore.embedded.stores import free_port
from tests.support.service import NO_AUTHORITIES
from tests.support.waiting import eventually

FILE = Path(__file__).parents[3] / "docker" / "haproxy.cfg"

needs_haproxy = pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is not installed")


@asynccontextmanager
async def running_haproxy(port: int, ready_port: int) -> AsyncIterator[int]:
    """The port that it listens on. `ready_port` is where the server at `port` answers /readyz."""
    balanced, stats, nobody = free_port(), free_port(), free_port()
    places = {"BIND_API": f"127.0.0.1:{balanced}", "BIND_STATS": f"127.0.0.1:{stats}"}
    apis = {"API_1": f"127.0.0.1:{port}", "API_2": f"127.0.0.1:{nobody}", "API_3": f"127.0.0.1:{nobody}"}
    ready = {"READY_1": str(ready_port), "READY_2": str(nobody), "READY_3": str(nobody)}
    process = await asyncio.create_subprocess_exec(
        "haproxy", "-db", "-f", str(FILE), env={**os.environ, **places, **apis, **ready}
    )
    try:
        await eventually(lambda: _is_served(balanced), within=10.0)
        yield balanced
    finally:
        process.terminate()
        await process.wait()


async def _is_served(port: int) -> bool:
    async with httpx.AsyncClient(verify=NO_AUTHORITIES) as client:
        try:
            return (await client.get(f"http://127.0.0.1:{port}/graphql")).status_code == 200
        except httpx.HTTPError:
            return False
