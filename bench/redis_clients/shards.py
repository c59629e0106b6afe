"""A cluster of three masters with a replica each, and the faults that clients have to survive."""

import signal
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.deployment.redis_cluster import Slots, move_slots, running_shards
from bench.redis_clients.client import Store
from core.network.redis_cluster_url import Address, parse_cluster_url
from datastore.embedded.process import StoreProcess
from datastore.embedded.servers import redis_at
from datastore.redis.cluster.topology import Topology

MASTERS, REPLICAS = 3, 1
_KEYS_AT_ONCE, _MIGRATE_MS = 100, 5_000


class BreakableCluster:
    """`store` names all nodes."""

    def __init__(self, processes: Sequence[StoreProcess]) -> None:
        self._processes = {Address("127.0.0.1", process.server.port): process for process in processes}
        self.store = Store(list(self._processes), is_cluster=True)

    async def master_of(self, slot: int) -> Address:
        return (await self._topology()).shard_of(slot).master

    async def kill_master(self, slot: int) -> None:
        """Returns when the process is gone."""
        await self._processes[await self.master_of(slot)].kill()

    async def freeze_master(self, slot: int) -> None:
        """Stops the process by SIGSTOP: its connections stay open, and it answers nothing."""
        self._processes[await self.master_of(slot)].send(signal.SIGSTOP)

    async def move(self, slot: int) -> None:
        """Moves the slot with its keys to another master."""
        topology = await self._topology()
        source, masters = topology.shard_of(slot).master, [shard.master for shard in topology.shards()]
        target = next(master for master in masters if master != source)
        target_id = await _ask(target, "CLUSTER MYID")
        await _ask(target, "CLUSTER SETSLOT", slot, "IMPORTING", await _ask(source, "CLUSTER MYID"))
        await _ask(source, "CLUSTER SETSLOT", slot, "MIGRATING", target_id)
        while keys := await _ask(source, "CLUSTER GETKEYSINSLOT", slot, _KEYS_AT_ONCE):
            await _ask(source, "MIGRATE", target.host, target.port, "", 0, _MIGRATE_MS, "KEYS", *keys)
        for master in dict.fromkeys([target, source, *masters]):
            await _ask(master, "CLUSTER SETSLOT", slot, "NODE", target_id)

    async def move_whole(self, slot: int) -> None:
        """As `move`, by CLUSTER MIGRATESLOTS."""
        topology = await self._topology()
        source = topology.shard_of(slot).master
        target = next(shard.master for shard in topology.shards() if shard.master != source)
        await move_slots(Slots(slot, slot), source.port, target.port)

    async def _topology(self) -> Topology:
        topology = Topology(parse_cluster_url(self.store.url))
        await topology.refresh()
        return topology


@asynccontextmanager
async def breakable_cluster() -> AsyncIterator[BreakableCluster]:
    """With the configuration of docker/: a master that is silent for two seconds is replaced."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        async with running_shards(Path(name), masters=MASTERS, replicas=REPLICAS) as shards:
            yield BreakableCluster([process for shard in shards for process in shard])


async def _ask(node: Address, *words: str | bytes | int) -> Any:  # noqa: ANN401 - whatever Redis replies
    async with redis_at(node.port) as client:
        return await client.execute_command(*words)  # type: ignore[no-untyped-call]
