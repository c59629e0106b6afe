"""Runs rows of the table on clusters of their own, round after round."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from bench.chaos.arena import Arena, Outcome
from bench.chaos.crowd import connected, settle_crowd
from bench.chaos.judge import Judge
from bench.chaos.load import under_load
from bench.chaos.rows import Row
from bench.chaos.scale import Scale
from bench.deployment.cluster import running_cluster
from datastore.stores import open_stores

_JUDGED = 12


class Result(NamedTuple):
    """`measured` is of all rounds, and `holds` where it is what must be."""

    row: Row
    rounds: int
    measured: str
    holds: bool


async def run_rows(rows: Sequence[Row], rounds: int | None) -> list[Result]:
    results = []
    for row in rows:
        async with open_arena(row.scale) as arena:
            outcomes: list[Outcome] = []
            for number in range(rounds or row.rounds):
                outcomes.append(await row.fault(arena))
                print(f"{row.name} {number + 1}: {outcomes[-1]}", flush=True)
        measured, holds = row.judge(outcomes)
        results.append(Result(row, len(outcomes), measured, holds))
        print(f"{row.name}: {measured} -> {'holds' if holds else 'DOES NOT HOLD'}", flush=True)
    return results


@asynccontextmanager
async def open_arena(scale: Scale) -> AsyncIterator[Arena]:
    """A cluster with a crowd of people in it, who post, read and watch until the end."""
    async with (
        running_cluster(replicas=scale.replicas, apis=scale.apis, workers=scale.workers) as cluster,
        open_stores(cluster.settings) as stores,
        connected(cluster.url) as http,
    ):
        crowd = await settle_crowd(stores, cluster.settings, http, people=scale.people, authors=scale.authors)
        async with under_load(
            crowd, writers=scale.writers, readers=scale.readers, watchers=scale.watchers, pace=scale.pace
        ) as load:
            sample = [*crowd.people[-2:], *crowd.people[-_JUDGED - 2 : -2]]
            yield Arena(cluster, scale, stores, load, Judge(crowd, stores, load.record, sample))
