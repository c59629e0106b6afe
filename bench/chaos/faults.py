"""What is broken, each a round: under load, and mended in the end."""

import asyncio
import random
import signal
import time
from collections.abc import Sequence

from bench.chaos.arena import Arena, Outcome, Span
from bench.chaos.poison import feed
from bench.chaos.restarting import is_joined, restart_everything
from bench.deployment.cluster import SHARDS
from bench.harness.figures import percentile
from bench.harness.waiting import until
from datastore.embedded.process import StoreProcess
from datastore.embedded.servers import redis_at

_BACK_SECONDS = 60.0
_MARKED_SECONDS = 3.5
_dice = random.Random(2)


async def kill_api(arena: Arena) -> Outcome:
    child = _dice.choice(arena.cluster.apis).process

    async def fault() -> None:
        await child.kill()
        await asyncio.sleep(arena.scale.dead_seconds / 4)
        await child.start()
        await arena.cluster.until_balanced()

    return await arena.round(fault)


async def kill_worker(arena: Arena) -> Outcome:
    child = _dice.choice(arena.cluster.workers)

    async def fault() -> None:
        await child.kill()
        await asyncio.sleep(arena.scale.dead_seconds / 4)
        await child.start()

    return await arena.round(fault)


async def kill_redis_master(arena: Arena) -> Outcome:
    node = await arena.cluster.stores.master(_dice.randrange(SHARDS))

    async def fault() -> None:
        await node.kill()
        await asyncio.sleep(arena.scale.dead_seconds)
        await node.start()

    return await arena.round(fault)


async def freeze_redis_master(arena: Arena) -> Outcome:
    node = await arena.cluster.stores.master(_dice.randrange(SHARDS))

    async def fault() -> None:
        node.send(signal.SIGSTOP)
        try:
            await asyncio.sleep(arena.scale.dead_seconds)
        finally:
            node.send(signal.SIGCONT)

    return await arena.round(fault)


async def kill_primary(arena: Arena) -> Outcome:
    member = await arena.cluster.stores.primary()

    async def fault() -> None:
        await member.kill()
        await asyncio.sleep(arena.scale.dead_seconds)
        await _start_members(arena, [member])

    return await arena.round(fault)


async def flush_redis(arena: Arena) -> Outcome:
    async def fault() -> None:
        for node in arena.cluster.stores.all_redis:
            async with redis_at(node.server.port) as client:
                if (await client.info("replication"))["role"] == "master":
                    await client.flushall()

    return await arena.round(fault)


async def redis_away(arena: Arena) -> Outcome:
    async def fault() -> None:
        await asyncio.gather(*[node.kill() for node in arena.cluster.stores.all_redis])
        await asyncio.sleep(arena.scale.away_seconds)
        await asyncio.gather(*[node.start() for node in arena.cluster.stores.all_redis])

    return await arena.round(fault)


async def mongo_away(arena: Arena) -> Outcome:
    """`refused_seconds` is the longest refusal before the members came back, which then elect a primary."""
    came_back = float("inf")

    async def fault() -> None:
        nonlocal came_back
        # Cached is what was read after it last changed; that is known a moment after the change.
        async with arena.load.halted():
            await asyncio.sleep(_MARKED_SECONDS)
            await arena.load.read_all()
            await asyncio.gather(*[member.kill() for member in arena.cluster.stores.mongo])
        await asyncio.sleep(arena.scale.away_seconds)
        came_back = time.monotonic()
        await _start_members(arena, arena.cluster.stores.mongo)

    began = time.monotonic()
    outcome = await arena.round(fault)
    tries = arena.load.record.tries_between(began, came_back)
    refused = [tried.ended - tried.began for tried in tries if tried.trouble is not None]
    return outcome.with_more(refused_seconds=max(refused, default=0.0))


async def rolling_restart(arena: Arena) -> Outcome:
    return await arena.round(lambda: restart_everything(arena.cluster))


async def _start_members(arena: Arena, members: Sequence[StoreProcess]) -> None:
    await asyncio.gather(*[member.start() for member in members])

    async def are_joined() -> bool:
        return all([await is_joined(member.server.port) for member in arena.cluster.stores.mongo])

    await until(are_joined, within=_BACK_SECONDS)


async def drop_sockets(arena: Arena) -> Outcome:
    """The load balancer dies, and with it every socket; another takes its place at once."""
    watches = arena.load.record.watches
    seconds = 0.0

    async def fault() -> None:
        nonlocal seconds
        before = [watched.connected for watched in watches]
        began = time.monotonic()
        await arena.cluster.balancer.kill()
        await arena.cluster.balancer.start()

        async def are_back() -> bool:
            return all(now.connected > was for now, was in zip(watches, before, strict=True))

        await until(are_back, within=_BACK_SECONDS)
        seconds = time.monotonic() - began

    outcome = await arena.round(fault)
    return outcome.with_more(back_seconds=seconds)


async def poison_jobs(arena: Arena) -> Outcome:
    laid_aside = 0

    async def fault() -> None:
        nonlocal laid_aside
        laid_aside = await feed(arena, 1)

    began = time.monotonic()
    outcome = await arena.round(fault)
    ways = arena.ways(Span(began, time.monotonic()))
    return outcome.with_more(fed=1, laid_aside=laid_aside, delay_p99=percentile(ways, 99))
