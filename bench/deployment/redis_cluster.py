"""Runs nodes on loopback ports and makes one Redis Cluster of them; asks and changes their roles."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bench.deployment.store_servers import cluster_node
from bench.harness.waiting import until
from datastore.embedded.process import StoreProcess
from datastore.embedded.programs import find_valkey
from datastore.embedded.servers import redis_at
from datastore.redis.cluster.slots import SLOTS

_FORM_SECONDS = 60.0
_ANSWER_SECONDS = 2.0
_POLL_SECONDS = 0.05
# The place of a node's flags in a line of CLUSTER NODES.
_FLAGS: Final = 2


@asynccontextmanager
async def running_shards(
    folder: Path, *options: str, masters: int, replicas: int = 0
) -> AsyncIterator[Sequence[Sequence[StoreProcess]]]:
    """A cluster of its own, shard by shard, the first master in front. `options` are those of valkey-server."""
    program = find_valkey()
    shards = [
        [
            StoreProcess(cluster_node(program, folder / f"node-{number}-{copy}", *options), is_ephemeral=True)
            for copy in range(replicas + 1)
        ]
        for number in range(masters)
    ]
    processes = [process for shard in shards for process in shard]
    try:
        await asyncio.gather(*[process.start() for process in processes])
        await form_cluster([[process.server.port for process in shard] for shard in shards])
        yield shards
    finally:
        await asyncio.gather(*[process.stop() for process in processes])


async def form_cluster(shards: Sequence[Sequence[int]]) -> None:
    """Forms a cluster of the nodes at these ports: the first of each shard is its master, the others its replicas.

    Returns when all nodes agree and all replicas are linked. Raises TimeoutError where that takes over a minute.
    """
    ports = [port for shard in shards for port in shard]
    async with asyncio.timeout(_FORM_SECONDS):
        # Epochs of their own, or the masters would spend seconds on telling themselves apart.
        await asyncio.gather(*[_ask(port, "CLUSTER SET-CONFIG-EPOCH", epoch) for epoch, port in enumerate(ports, 1)])
        await asyncio.gather(*[_take_slots(shard[0], number, len(shards)) for number, shard in enumerate(shards)])
        for port in ports[1:]:
            await _ask(ports[0], "CLUSTER MEET", "127.0.0.1", port, await _bus_port(port))
        await asyncio.gather(*[_until(port, cluster_known_nodes=len(ports)) for port in ports])
        replicas = [(replica, shard[0]) for shard in shards for replica in shard[1:]]
        await asyncio.gather(*[_replicate(replica, master) for replica, master in replicas])
        await asyncio.gather(*[_until(port, cluster_state="ok", cluster_size=len(shards)) for port in ports])
        await asyncio.gather(*[_until_true(partial(follows_master, port)) for port in ports])


async def is_master(port: int) -> bool:
    """Whether the node says so itself; False where it does not answer."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            return bool((await _ask(port, "ROLE"))[0] == b"master")
    except (RedisError, OSError, TimeoutError):
        return False


async def follows_master(port: int) -> bool:
    """Whether the node is linked to its master, or is a master itself, in a cluster without a gap."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            replication = _fields(await _ask(port, "INFO", "replication"))
            is_linked = replication["role"] == "master" or replication["master_link_status"] == "up"
            return is_linked and _fields(await _ask(port, "CLUSTER INFO"))["cluster_state"] == "ok"
    except (RedisError, OSError, TimeoutError):
        return False


async def fail_over_to(replica_port: int) -> None:
    """The replica's master hands over to it without losing a write. Returns before it has."""
    await _ask(replica_port, "CLUSTER FAILOVER")


class Slots(NamedTuple):
    """An unbroken range, both ends included."""

    first: int
    last: int


async def upper_half(master_port: int) -> Slots:
    """The upper half of the slots that the master serves last, for `move_slots`."""
    nodes = (await _ask(master_port, "CLUSTER NODES")).decode().splitlines()
    own = next(line.split() for line in nodes if "myself" in line.split()[_FLAGS])
    first, _, last = own[-1].partition("-")
    return Slots((int(first) + int(last) + 1) // 2, int(last))


async def move_slots(slots: Slots, source_port: int, target_port: int) -> None:
    """Moves them whole, with their keys, from one master to another. Returns once the target serves them."""
    target = await _ask(target_port, "CLUSTER MYID")
    await _ask(source_port, "CLUSTER MIGRATESLOTS", "SLOTSRANGE", *slots, "NODE", target)

    async def is_moved() -> bool:
        served = [shard for shard in await _ask(target_port, "CLUSTER SLOTS") if shard[0] <= slots.last <= shard[1]]
        return bool(served) and served[0][2][2] == target

    await _until_true(is_moved)


async def hold_back(replica_port: int, *, is_held: bool) -> None:
    """Keeps a replica from being promoted by itself, or lets it."""
    await _ask(replica_port, "CONFIG SET", "cluster-replica-no-failover", "yes" if is_held else "no")


async def _take_slots(port: int, number: int, masters: int) -> None:
    first, end = SLOTS * number // masters, SLOTS * (number + 1) // masters
    await _ask(port, "CLUSTER ADDSLOTSRANGE", first, end - 1)


async def _bus_port(port: int) -> int:
    """The cluster bus port that the node was given; 10,000 above its port where it was given none."""
    async with redis_at(port) as client:
        given = (await client.config_get("cluster-port"))["cluster-port"]
    return int(given or 0) or port + 10_000


async def _until(port: int, **wanted: int | str) -> None:
    """Waits until the node's CLUSTER INFO has these values."""

    async def has_them() -> bool:
        info = _fields(await _ask(port, "CLUSTER INFO"))
        return all(info[name] == str(value) for name, value in wanted.items())

    await _until_true(has_them)


async def _replicate(replica_port: int, master_port: int) -> None:
    """Waits until the replica knows its master by name: a node that it still shakes hands with has another one."""
    master = await _ask(master_port, "CLUSTER MYID")

    async def is_known() -> bool:
        return master in await _ask(replica_port, "CLUSTER NODES")

    await _until_true(is_known)
    await _ask(replica_port, "CLUSTER REPLICATE", master)


async def _until_true(check: Callable[[], Awaitable[bool]]) -> None:
    await until(check, within=_FORM_SECONDS, poll_seconds=_POLL_SECONDS)


async def _ask(port: int, *words: str | bytes | int) -> Any:  # noqa: ANN401 - whatever Redis replies
    async with _connected(port) as client:
        return await client.execute_command(*words)  # type: ignore[no-untyped-call]


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[Redis]:
    """A client that returns replies as they came, since drivers differ in what they make of them."""
    async with redis_at(port) as client:
        client.response_callbacks.clear()
        yield client


def _fields(reply: bytes) -> Mapping[str, str]:
    return dict(line.split(":", 1) for line in reply.decode().splitlines() if ":" in line)
