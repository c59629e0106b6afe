"""Runs scenarios, each on its own cluster, round after round."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from bench.chaos.checker import Checker
from bench.chaos.experiment import Experiment, Outcome
from bench.chaos.load.profile import LoadProfile
from bench.chaos.load.users import connected, create_users
from bench.chaos.load.workload import under_load
from bench.chaos.scenarios import Scenario
from bench.deployment.cluster import running_cluster
from datastore.stores import open_stores

_SAMPLED_HOMES = 12


class Result(NamedTuple):
    """`measured` summarizes all rounds; `holds` says whether the requirement was met."""

    scenario: Scenario
    rounds: int
    measured: str
    holds: bool


async def run_scenarios(scenarios: Sequence[Scenario], rounds: int | None) -> list[Result]:
    results = []
    for scenario in scenarios:
        async with open_experiment(scenario.scale) as experiment:
            outcomes: list[Outcome] = []
            for number in range(rounds or scenario.rounds):
                outcomes.append(await scenario.fault(experiment))
                print(f"{scenario.name} {number + 1}: {outcomes[-1]}", flush=True)
        measured, holds = scenario.evaluate(outcomes)
        results.append(Result(scenario, len(outcomes), measured, holds))
        print(f"{scenario.name}: {measured} -> {'holds' if holds else 'DOES NOT HOLD'}", flush=True)
    return results


@asynccontextmanager
async def open_experiment(scale: LoadProfile) -> AsyncIterator[Experiment]:
    """A cluster whose users post, read and subscribe until the end of the context."""
    async with (
        running_cluster(replicas=scale.replicas, apis=scale.apis, workers=scale.workers) as cluster,
        open_stores(cluster.settings) as stores,
        connected(cluster.url) as http,
    ):
        users = await create_users(stores, cluster.settings, http, people=scale.people, authors=scale.authors)
        async with under_load(
            users, writers=scale.writers, readers=scale.readers, watchers=scale.watchers, pace=scale.pace
        ) as workload:
            sample = [*users.people[-2:], *users.people[-_SAMPLED_HOMES - 2 : -2]]
            yield Experiment(cluster, scale, stores, workload, Checker(users, stores, workload.history, sample))
