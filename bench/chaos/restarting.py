"""A rolling restart of all that stands behind the load balancer, as somebody careful does it: one after the other."""

from collections.abc import Sequence
from functools import partial

from bench.deployment.cluster import Cluster
from bench.deployment.forming import follows_master, hand_over, is_master, is_primary, is_secondary, step_down
from bench.deployment.nodes import MongoMember, RedisNode, Running
from bench.harness.waiting import until

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
    await cluster.stores.jobs.end()
    await cluster.stores.jobs.start()
    for member in cluster.stores.mongo:
        await _restart_member(member)


async def _restart_node(shard: Sequence[Running[RedisNode]], node: Running[RedisNode]) -> None:
    """A master first hands over to one of its replicas."""
    if await is_master(node.server):
        heir = next(other.server for other in shard if other is not node)
        await hand_over(heir)
        await until(partial(is_master, heir), within=_BACK_SECONDS)
    await node.end()
    await node.start()
    await until(partial(follows_master, node.server), within=_BACK_SECONDS)


async def _restart_member(member: Running[MongoMember]) -> None:
    """A primary first steps down."""
    if await is_primary(member.server):
        await step_down(member.server)
    await member.end()
    await member.start()
    await until(lambda: _is_back(member.server), within=_BACK_SECONDS)


async def _is_back(member: MongoMember) -> bool:
    return await is_secondary(member) or await is_primary(member)
