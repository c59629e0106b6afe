"""Rolling restart of everything behind the load balancer, one process at a time; leaders hand over first."""

import signal
from collections.abc import Sequence
from functools import partial

from bench.deployment.cluster import Cluster
from bench.deployment.redis_cluster import fail_over_to, follows_master, is_master
from bench.deployment.replica_set import is_primary, is_secondary, step_down
from bench.harness.waiting import until
from datastore.embedded.process import StoreProcess

_BACK_SECONDS = 60.0


async def restart_everything(cluster: Cluster) -> None:
    for worker in cluster.workers:
        await worker.stop()
        await worker.start()
    for api in cluster.apis:
        await api.process.stop()
        await api.process.start()
        await cluster.until_balanced()
    for shard in cluster.stores.shards:
        for node in shard:
            await _restart_node(shard, node)
    await _restart(cluster.stores.jobs)
    for member in cluster.stores.mongo:
        await _restart_member(member)


async def _restart_node(shard: Sequence[StoreProcess], node: StoreProcess) -> None:
    """A master first hands over to one of its replicas."""
    port = node.server.port
    if await is_master(port):
        successor = next(other.server.port for other in shard if other is not node)
        await fail_over_to(successor)
        await until(partial(is_master, successor), within=_BACK_SECONDS)
    await _restart(node)
    await until(partial(follows_master, port), within=_BACK_SECONDS)


async def _restart_member(member: StoreProcess) -> None:
    """A primary first steps down."""
    port = member.server.port
    if await is_primary(port):
        await step_down(port)
    await _restart(member)
    await until(lambda: is_joined(port), within=_BACK_SECONDS)


async def is_joined(member_port: int) -> bool:
    """Whether the member takes part in its replica set again."""
    return await is_secondary(member_port) or await is_primary(member_port)


async def _restart(process: StoreProcess) -> None:
    """Shuts down by SIGTERM, which keeps what was written, and starts again."""
    process.send(signal.SIGTERM)
    await process.wait()
    await process.start()
