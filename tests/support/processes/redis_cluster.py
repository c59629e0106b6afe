"""A real Redis Cluster of three masters with a replica each: tests use it, break it, and move slots in it."""

import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bench.deployment.redis_cluster import Slots, move_slots, running_shards
from core.network.redis_cluster_url import Address, parse_cluster_url
from datastore.embedded.process import StoreProcess
from datastore.redis.cluster.slots import Shard
from datastore.redis.cluster.topology import Topology

MASTERS = 3
# Unlike in the deployment, a failover begins after one second, and a lost shard makes the others refuse requests.
_OPTIONS = ("--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "yes")


class Cluster:
    def __init__(self, processes: Sequence[StoreProcess]) -> None:
        self._processes = {Address("127.0.0.1", process.server.port): process for process in processes}
        self.url = "redis+cluster://" + ",".join(map(str, self._processes))

    async def ask(self, node: Address, *words: Any) -> Any:
        async with Redis(host=node.host, port=node.port, socket_timeout=5.0) as client:
            return await client.execute_command(*words)  # type: ignore[no-untyped-call]

    async def shards(self) -> Sequence[Shard]:
        topology = Topology(parse_cluster_url(self.url))
        await topology.refresh()
        return topology.shards()

    async def shard_of(self, slot: int) -> Shard:
        topology = Topology(parse_cluster_url(self.url))
        await topology.refresh()
        return topology.shard_of(slot)

    async def flush(self) -> None:
        for shard in await self.shards():
            await self.ask(shard.master, "FLUSHALL")

    async def kill(self, node: Address) -> None:
        await self._processes[node].kill()

    def pause(self, node: Address) -> None:
        self._processes[node].send(signal.SIGSTOP)

    def resume(self, node: Address) -> None:
        self._processes[node].send(signal.SIGCONT)

    async def begin_move(self, slot: int, source: Address, target: Address) -> None:
        """The source redirects requests for keys of the slot that it does not have."""
        await self.ask(target, "CLUSTER SETSLOT", slot, "IMPORTING", await self._name(source))
        await self.ask(source, "CLUSTER SETSLOT", slot, "MIGRATING", await self._name(target))

    async def move_key(self, key: str, source: Address, target: Address) -> None:
        await self.ask(source, "MIGRATE", target.host, target.port, key, 0, 5_000)

    async def end_move(self, slot: int, source: Address, target: Address) -> None:
        """Moves the remaining keys and announces the new owner to all masters."""
        while keys := await self.ask(source, "CLUSTER GETKEYSINSLOT", slot, 100):
            await self.ask(source, "MIGRATE", target.host, target.port, "", 0, 5_000, "KEYS", *keys)
        name = await self._name(target)
        for node in (target, source, *[shard.master for shard in await self.shards()]):
            await self.ask(node, "CLUSTER SETSLOT", slot, "NODE", name)

    async def move_whole(self, slot: int, source: Address, target: Address) -> None:
        """Moves the slot with its keys at once, as Valkey 9 can."""
        await move_slots(Slots(slot, slot), source.port, target.port)

    async def _name(self, node: Address) -> str:
        return str((await self.ask(node, "CLUSTER MYID")).decode())


@asynccontextmanager
async def running_cluster(folder: Path) -> AsyncIterator[Cluster]:
    async with running_shards(folder, *_OPTIONS, masters=MASTERS, replicas=1) as shards:
        yield Cluster([process for shard in shards for process in shard])
