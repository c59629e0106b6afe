"""Faults that keep Redis from forgetting what somebody hides. Probes are judged during the fault and after it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.chaos.experiment import Experiment, Outcome
from bench.chaos.privacy import open_probes
from datastore.embedded.servers import redis_at


async def refuse_writes(experiment: Experiment) -> Outcome:
    """Every Redis answers reads and refuses writes, as a replica that was not promoted, or a full disk."""
    hidden, wrong = 0.0, 0
    async with open_probes(experiment) as probes:

        async def fault() -> None:
            nonlocal hidden, wrong
            async with _refusing_writes(experiment):
                await probes.hide()
                hidden = await probes.seconds_until_hidden()
                await asyncio.sleep(max(experiment.scale.away_seconds - hidden, 0.0))
                wrong += await probes.wrong_answers()

        outcome = await experiment.run(fault)
        wrong += await probes.wrong_answers()
    return outcome.with_more(hidden_seconds=hidden, wrong=wrong)


async def kill_before_forgetting(experiment: Experiment) -> Outcome:
    """All API processes die after they committed, before Redis took an invalidation; then Redis takes writes again.

    `hidden_seconds` count from the moment at which all are back.
    """
    hidden, wrong = 0.0, 0
    async with open_probes(experiment) as probes:

        async def fault() -> None:
            nonlocal hidden, wrong
            apis = [api.process for api in experiment.cluster.apis]
            async with _refusing_writes(experiment):
                await probes.hide()
                await asyncio.gather(*[api.kill() for api in apis])
            await asyncio.gather(*[api.start() for api in apis])
            await experiment.cluster.until_balanced()
            began = time.monotonic()
            await probes.seconds_until_hidden()
            hidden = time.monotonic() - began

        outcome = await experiment.run(fault)
        wrong += await probes.wrong_answers()
    return outcome.with_more(hidden_seconds=hidden, wrong=wrong)


@asynccontextmanager
async def _refusing_writes(experiment: Experiment) -> AsyncIterator[None]:
    try:
        await _set_replicas_to_write(experiment, 99)
        yield
    finally:
        await _set_replicas_to_write(experiment, 0)


async def _set_replicas_to_write(experiment: Experiment, count: int) -> None:
    for node in experiment.cluster.stores.all_redis:
        async with redis_at(node.server.port) as client:
            await client.config_set("min-replicas-to-write", count)
