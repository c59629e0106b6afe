"""Initiates a MongoDB replica set of members on loopback ports; asks and changes who is its primary."""

import asyncio
import json
from collections.abc import Sequence

from pymongo.errors import PyMongoError

from bench.deployment.store_servers import CONFIGURATION
from bench.harness.waiting import until
from datastore.embedded.servers import REPLICA_SET, mongo_at

_FORM_SECONDS = 60.0
_ANSWER_SECONDS = 2.0
_STAY_DOWN_SECONDS = 10


async def form_replica_set(ports: Sequence[int]) -> None:
    """Returns when the set has a primary. Its timing is that of docker/mongo/replica-set.json."""
    settings = json.loads((CONFIGURATION / "mongo" / "replica-set.json").read_text())
    hosts = [{"_id": number, "host": f"127.0.0.1:{port}"} for number, port in enumerate(ports)]
    async with mongo_at(ports[0]) as client:
        await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": hosts, "settings": settings})
    await until(lambda: _has_primary(ports), within=_FORM_SECONDS)


async def is_primary(port: int) -> bool:
    """Whether the member says so itself; False where it does not answer."""
    return await _hello(port, "isWritablePrimary")


async def is_secondary(port: int) -> bool:
    """Whether the member follows a primary; False where it does not answer."""
    return await _hello(port, "secondary")


async def step_down(port: int) -> None:
    """The primary makes room for another one. Returns when it has."""
    async with mongo_at(port) as client:
        await client.admin.command("replSetStepDown", _STAY_DOWN_SECONDS, secondaryCatchUpPeriodSecs=5)


async def _has_primary(ports: Sequence[int]) -> bool:
    return any([await is_primary(port) for port in ports])


async def _hello(port: int, field: str) -> bool:
    try:
        async with asyncio.timeout(_ANSWER_SECONDS), mongo_at(port) as client:
            return bool((await client.admin.command("hello"))[field])
    except (PyMongoError, OSError, TimeoutError):
        return False
