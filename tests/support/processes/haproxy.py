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

_SERVERS = 3
FILE = Path(__file__).parents[3] / "docker" / "haproxy.cfg"

needs_haproxy = pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is not installed")


@asynccontextmanager
async def running_haproxy(port: int, ready_port: int, *, times: int = 1) -> AsyncIterator[int]:
    """The port that it listens on. `ready_port` is where the server at `port` answers /readyz.

    The server stands for the first `times` of its three; nobody answers for the others.
    """
    balanced, stats, nobody = free_port(), free_port(), free_port()
    places = {"BIND_API": f"127.0.0.1:{balanced}", "BIND_STATS": f"127.0.0.1:{stats}"}
    numbers = range(1, _SERVERS + 1)
    apis = {f"API_{number}": f"127.0.0.1:{port if number <= times else nobody}" for number in numbers}
    ready = {f"READY_{number}": str(ready_port if number <= times else nobody) for number in numbers}
    process = await asyncio.create_subprocess_exec(
        "haproxy", "-db", "-f", str(FILE), env={**os.environ, **places, **apis, **ready}
    )
    try:
        await eventually(lambda: _is_served(balanced))
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
