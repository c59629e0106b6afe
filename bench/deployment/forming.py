"""Makes one deployment of several servers, a Redis Cluster or a replica set; tells and changes who leads in it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from pymongo.errors import PyMongoError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bench.deployment.nodes import CONFIGURATION, MongoMember, RedisNode
from bench.harness.waiting import until
from datastore.embedded.servers import REPLICA_SET

SLOTS = 16_384
_FORMING_SECONDS = 60.0
_LOOK_SECONDS = 2.0
_STAY_DOWN_SECONDS = 10


async def form_cluster(shards: Sequence[Sequence[RedisNode]]) -> None:
    """The first node of each shard becomes its master, the others its replicas. Returns when all of it works."""
    nodes = [node for shard in shards for node in shard]
    async with AsyncExitStack() as stack:
        clients = {node.port: await stack.enter_async_context(node.connected()) for node in nodes}
        for number, shard in enumerate(shards):
            first, end = number * SLOTS // len(shards), (number + 1) * SLOTS // len(shards)
            await _told(clients[shard[0].port], "CLUSTER", "ADDSLOTSRANGE", first, end - 1)
        for number, node in enumerate(nodes):
            await _told(clients[node.port], "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            await _told(clients[nodes[0].port], "CLUSTER", "MEET", "127.0.0.1", node.port, node.bus_port)
        await _until_all(clients.values(), lambda client: _knows(client, len(nodes)))
        for master, *replicas in shards:
            name = await _told(clients[master.port], "CLUSTER", "MYID")
            for replica in replicas:
                await _told(clients[replica.port], "CLUSTER", "REPLICATE", name)
        await _until_all(clients.values(), _is_whole)


async def form_set(members: Sequence[MongoMember]) -> None:
    """Returns when it has a primary. Its timing is that of docker/mongo/replica-set.json."""
    settings = json.loads((CONFIGURATION / "mongo" / "replica-set.json").read_text())
    hosts = [{"_id": number, "host": member.address} for number, member in enumerate(members)]
    async with members[0].connected() as client:
        await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": hosts, "settings": settings})
    await until(lambda: _has_primary(members), within=_FORMING_SECONDS)


async def is_master(node: RedisNode) -> bool:
    """As it says of itself; False where it does not answer."""
    try:
        async with asyncio.timeout(_LOOK_SECONDS), node.connected() as client:
            role = await _told(client, "ROLE")
            return bool(role[0] == b"master")
    except (RedisError, OSError, TimeoutError):
        return False


async def hand_over(replica: RedisNode) -> None:
    """Its master lets it take over, losing nothing; returns before it has."""
    async with replica.connected() as client:
        await _told(client, "CLUSTER", "FAILOVER")


async def step_down(member: MongoMember) -> None:
    """The primary makes room for another; returns when it has."""
    async with member.connected() as client:
        await client.admin.command("replSetStepDown", _STAY_DOWN_SECONDS, secondaryCatchUpPeriodSecs=5)


async def is_primary(member: MongoMember) -> bool:
    """As it says of itself; False where it does not answer."""
    try:
        async with asyncio.timeout(_LOOK_SECONDS), member.connected() as client:
            return bool((await client.admin.command("hello"))["isWritablePrimary"])
    except (PyMongoError, OSError, TimeoutError):
        return False


async def is_secondary(member: MongoMember) -> bool:
    """Whether it follows a primary again."""
    try:
        async with asyncio.timeout(_LOOK_SECONDS), member.connected() as client:
            return bool((await client.admin.command("hello"))["secondary"])
    except (PyMongoError, OSError, TimeoutError):
        return False


async def follows_master(node: RedisNode) -> bool:
    """Whether it has all that its master has, or is a master itself in a cluster that is whole."""
    try:
        async with asyncio.timeout(_LOOK_SECONDS), node.connected() as client:
            return await _is_whole(client)
    except (RedisError, OSError, TimeoutError):
        return False


async def _has_primary(members: Sequence[MongoMember]) -> bool:
    return any([await is_primary(member) for member in members])


async def _knows(client: Redis, nodes: int) -> bool:
    return int((await _cluster_info(client))["cluster_known_nodes"]) == nodes


async def _is_whole(client: Redis) -> bool:
    replication = await client.info("replication")
    is_linked = replication["role"] == "master" or replication["master_link_status"] == "up"
    return is_linked and (await _cluster_info(client))["cluster_state"] == "ok"


async def _cluster_info(client: Redis) -> dict[str, str]:
    """Decoded here, since clients differ in what they make of it."""
    raw = await _told(client, "CLUSTER INFO")
    if isinstance(raw, dict):
        return {str(name): str(value) for name, value in raw.items()}
    return dict(line.split(":", 1) for line in raw.decode().split("\r\n") if ":" in line)


async def _until_all(clients: Iterable[Redis], check: Callable[[Redis], Awaitable[bool]]) -> None:
    for client in clients:
        await until(partial(check, client), within=_FORMING_SECONDS)


async def _told(client: Redis, *words: object) -> Any:  # noqa: ANN401 - whatever Redis replies
    return await client.execute_command(*words)  # type: ignore[no-untyped-call]
