"""The faults. Each runs one round under load and is repaired at its end."""

import asyncio
import random
import signal
import time
from collections.abc import Sequence

from bench.chaos.experiment import Experiment, Outcome, Span
from bench.chaos.faults.poison_jobs import enqueue_poison_jobs
from bench.chaos.faults.restoration import flush
from bench.chaos.faults.rolling_restart import is_joined, restart_everything
from bench.deployment import redis_cluster
from bench.deployment.cluster import SHARDS
from bench.deployment.redis_cluster import hold_back, is_master, upper_half
from bench.deployment.replica_set import step_down
from bench.harness.figures import percentile
from bench.harness.waiting import until
from datastore.embedded.process import StoreProcess

_BACK_SECONDS = 60.0
_TOMBSTONE_SECONDS = 3.5
_dice = random.Random(2)


async def kill_api(experiment: Experiment) -> Outcome:
    child = _dice.choice(experiment.cluster.apis).process

    async def fault() -> None:
        await child.kill()
        await asyncio.sleep(experiment.scale.dead_seconds / 4)
        await child.start()
        await experiment.cluster.until_balanced()

    return await experiment.run(fault)


async def kill_worker(experiment: Experiment) -> Outcome:
    child = _dice.choice(experiment.cluster.workers)

    async def fault() -> None:
        await child.kill()
        await asyncio.sleep(experiment.scale.dead_seconds / 4)
        await child.start()

    return await experiment.run(fault)


async def kill_redis_master(experiment: Experiment) -> Outcome:
    node = await experiment.cluster.stores.master(_dice.randrange(SHARDS))

    async def fault() -> None:
        await node.kill()
        await asyncio.sleep(experiment.scale.dead_seconds)
        await node.start()

    return await experiment.run(fault)


async def freeze_redis_master(experiment: Experiment) -> Outcome:
    node = await experiment.cluster.stores.master(_dice.randrange(SHARDS))

    async def fault() -> None:
        node.send(signal.SIGSTOP)
        try:
            await asyncio.sleep(experiment.scale.dead_seconds)
        finally:
            node.send(signal.SIGCONT)

    return await experiment.run(fault)


async def move_slots(experiment: Experiment) -> Outcome:
    """Half of a shard's slots move to another one, and back."""
    source, target = [(await experiment.cluster.stores.master(shard)).server.port for shard in (0, 1)]

    async def fault() -> None:
        slots = await upper_half(source)
        await redis_cluster.move_slots(slots, source, target)
        await asyncio.sleep(experiment.scale.dead_seconds / 2)
        await redis_cluster.move_slots(slots, target, source)

    return await experiment.run(fault)


async def promote_late(experiment: Experiment) -> Outcome:
    """A master is killed, and its replicas wait before one of them is promoted."""
    shard = experiment.cluster.stores.shards[_dice.randrange(SHARDS)]
    master = await experiment.cluster.stores.master(experiment.cluster.stores.shards.index(shard))
    replicas = [node.server.port for node in shard if node is not master]

    async def fault() -> None:
        await asyncio.gather(*[hold_back(port, is_held=True) for port in replicas])
        await master.kill()
        await asyncio.sleep(experiment.scale.dead_seconds)
        await asyncio.gather(*[hold_back(port, is_held=False) for port in replicas])

        async def is_promoted() -> bool:
            return any([await is_master(port) for port in replicas])

        await until(is_promoted, within=_BACK_SECONDS)
        await master.start()

    return await experiment.run(fault)


async def elect_primary(experiment: Experiment) -> Outcome:
    """The primary steps down while transactions are open."""
    primary = await experiment.cluster.stores.primary()

    async def fault() -> None:
        await step_down(primary.server.port)
        await asyncio.sleep(experiment.scale.dead_seconds / 2)

    return await experiment.run(fault)


async def kill_primary(experiment: Experiment) -> Outcome:
    member = await experiment.cluster.stores.primary()

    async def fault() -> None:
        await member.kill()
        await asyncio.sleep(experiment.scale.dead_seconds)
        await _start_members(experiment, [member])

    return await experiment.run(fault)


async def flush_redis(experiment: Experiment) -> Outcome:
    async def fault() -> None:
        await flush(experiment.cluster.stores.all_redis)

    return await experiment.run(fault)


async def redis_away(experiment: Experiment) -> Outcome:
    async def fault() -> None:
        await asyncio.gather(*[node.kill() for node in experiment.cluster.stores.all_redis])
        await asyncio.sleep(experiment.scale.away_seconds)
        await asyncio.gather(*[node.start() for node in experiment.cluster.stores.all_redis])

    return await experiment.run(fault)


async def mongo_away(experiment: Experiment) -> Outcome:
    """`refused_seconds` is the longest refused write before the members came back, who then elect a primary."""
    came_back = float("inf")

    async def fault() -> None:
        nonlocal came_back
        # A row is cached by a read after its last change, once the tombstone of the change has expired.
        async with experiment.workload.halted():
            await asyncio.sleep(_TOMBSTONE_SECONDS)
            await experiment.workload.read_all()
            await asyncio.gather(*[member.kill() for member in experiment.cluster.stores.mongo])
        await asyncio.sleep(experiment.scale.away_seconds)
        came_back = time.monotonic()
        await _start_members(experiment, experiment.cluster.stores.mongo)

    began = time.monotonic()
    outcome = await experiment.run(fault)
    tries = experiment.workload.history.tries_between(began, came_back)
    refused = [tried.ended - tried.began for tried in tries if tried.trouble is not None]
    return outcome.with_more(refused_seconds=max(refused, default=0.0))


async def rolling_restart(experiment: Experiment) -> Outcome:
    return await experiment.run(lambda: restart_everything(experiment.cluster))


async def _start_members(experiment: Experiment, members: Sequence[StoreProcess]) -> None:
    await asyncio.gather(*[member.start() for member in members])

    async def are_joined() -> bool:
        return all([await is_joined(member.server.port) for member in experiment.cluster.stores.mongo])

    await until(are_joined, within=_BACK_SECONDS)


async def drop_sockets(experiment: Experiment) -> Outcome:
    """Kills the load balancer and with it every socket; another one starts at once."""
    subscriptions = experiment.workload.history.subscriptions
    seconds = 0.0

    async def fault() -> None:
        nonlocal seconds
        before = [subscription.connected for subscription in subscriptions]
        began = time.monotonic()
        await experiment.cluster.balancer.kill()
        await experiment.cluster.balancer.start()

        async def are_back() -> bool:
            return all(now.connected > was for now, was in zip(subscriptions, before, strict=True))

        await until(are_back, within=_BACK_SECONDS)
        seconds = time.monotonic() - began

    outcome = await experiment.run(fault)
    return outcome.with_more(back_seconds=seconds)


async def poison_jobs(experiment: Experiment) -> Outcome:
    dead = 0

    async def fault() -> None:
        nonlocal dead
        dead = await enqueue_poison_jobs(experiment, 1)

    began = time.monotonic()
    outcome = await experiment.run(fault)
    delays = experiment.delivery_delays(Span(began, time.monotonic()))
    return outcome.with_more(poison=1, dead=dead, delay_p99=percentile(delays, 99))
