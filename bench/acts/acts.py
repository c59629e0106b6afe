"""Acts by 25 people at once: processor time of every process, of this checkout and an older one in alternating rounds.

`python -m bench acts` measures this checkout alone; `ROOKERY_BENCH_OLD=FOLDER` adds another one. Each build has
an API process, a worker process, a MongoDB and a Redis of its own. A round ends when nothing is left to be done: when
the processes of the build use no more processor time than before it. Bare likes are measured beside a peer's.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple

import structlog
from pydantic import SecretStr

from bench.acts.act_requests import (
    FOLLOWERS,
    ON_PEOPLE,
    ON_TWEETS,
    PEOPLE,
    ROUNDS,
    ActRequests,
    acts_of,
    population_plan,
)
from bench.acts.acts_peer import BareLikes, like_peer
from bench.data.peer_dataset import tokens_of
from bench.data.population import store_population
from bench.deployment.stack import NO_ACT_LIMITS, ROOT, running_program, stack_environment, until_listening
from bench.harness.cpu import children
from bench.harness.figures import Figure
from bench.harness.load import Load, put_load
from bench.harness.settled_cpu import PARTS, SettledCpu
from core.settings import Settings, Switch
from datastore.admin.capacity.inputs import ACTS as PLANNED
from datastore.embedded.stores import embedded_stores, free_port
from datastore.mongo.client import open_mongo
from datastore.stores import Stores, open_stores

OLD = "ROOKERY_BENCH_OLD"
GOALS = {"post": 4.0, **dict.fromkeys((*ON_TWEETS, *ON_PEOPLE), 10.0)}


class Spent(NamedTuple):
    """One round of one build. `ms`: processor time of an act, by part."""

    load: Load
    ms: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.ms.values())


@dataclass(slots=True)
class Build:
    """A checkout that serves on stores of its own."""

    name: str
    settings: Settings
    port: int
    cpu: SettledCpu
    requests: ActRequests
    rounds: dict[str, list[Spent]] = field(default_factory=dict)

    async def measure(self, act: str, requests: Sequence[bytes]) -> None:
        async with self.cpu.measured() as spent:
            load = await put_load(self.port, iter(requests), seconds=600.0, connections=PEOPLE)
        ms = {part: one / len(load.ms) for part, one in spent.items()}
        self.rounds.setdefault(act, []).append(Spent(load, ms))


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    old = os.environ.get(OLD)
    async with AsyncExitStack() as stack:
        builds = [await stack.enter_async_context(_serving("this", ROOT))]
        if old:
            builds.insert(0, await stack.enter_async_context(_serving("old", Path(old))))
        peer = await stack.enter_async_context(like_peer(builds[-1].settings))
        bare = BareLikes(peer)
        for turn in range(ROUNDS):
            print(f"acts: round {turn + 1} of {ROUNDS}", flush=True)
            for act, requests in acts_of(turn):
                for build in reversed(builds) if turn % 2 else builds:
                    await build.measure(act, requests(build.requests))
            await bare.measure(builds[-1].port, builds[-1].requests.bare_likes(turn), is_reversed=bool(turn % 2))
    return [*[figure for act in builds[0].rounds for figure in _figures(act, builds)], *bare.figures()]


async def act_costs() -> dict[str, float]:
    """Microseconds of processor time of acts by this checkout, for the capacity planner."""
    sizes = dict[str, float]()
    async with _serving("this", ROOT) as build:
        for act, requests in acts_of(0):
            await build.measure(act, requests(build.requests))
            sizes[act] = await _like_bytes(build.settings)
    rounds = {act: build.rounds[act][0].ms for act in PLANNED}
    return {"like_disk_bytes": sizes["like"]} | {
        f"{name}_{act}_us": max(ms[part] * 1000, 0.01)
        for act, ms in rounds.items()
        for name, part in zip(("api", "worker", "mongo", "redis"), PARTS.values(), strict=True)
    }


async def _like_bytes(settings: Settings) -> float:
    """Bytes of a like with its indexes."""
    async with open_mongo(settings.mongo_url or "") as mongo:
        stats = await mongo.database.command("collStats", "likes")
        return float((stats["size"] + stats["totalIndexSize"]) / max(stats["count"], 1))


@asynccontextmanager
async def _serving(name: str, folder: Path) -> AsyncIterator[Build]:
    """The code of a folder, on stores that hold 25 actors, an author, 10 followers of each actor, and others."""
    before = children()
    async with embedded_stores(None) as urls:
        key = SecretStr(secrets.token_urlsafe(32))
        settings = Settings(
            mongo_url=urls.mongo, redis_url=urls.redis, secret_key=key, rate_limit=Switch.ON, **NO_ACT_LIMITS
        )
        async with open_stores(settings) as stores:
            people = await store_population(stores, population_plan(), lists_of=range(PEOPLE + 1 + FOLLOWERS))
            tokens = await tokens_of(stores, settings, people.ids[:PEOPLE])
            await _drop_indexes(stores)
        environment = stack_environment(settings)
        port = free_port()
        indexes = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "datastore", "indexes", cwd=folder, env=environment
        )
        assert await indexes.wait() == 0
        api = (sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning")
        async with (
            running_program(sys.executable, "-m", "workers", environment=environment, folder=folder),
            running_program(*api, environment=environment, folder=folder) as process,
        ):
            await until_listening(port, process)
            yield Build(name, settings, port, SettledCpu(children() - before), ActRequests(people, tokens))


async def _drop_indexes(stores: Stores) -> None:
    """Each build makes its own indexes."""
    for name in await stores.mongo.database.list_collection_names():
        await stores.mongo.collection(name).drop_indexes()


def _figures(act: str, builds: Sequence[Build]) -> Iterator[Figure]:
    for build in builds:
        rounds = build.rounds[act]
        parts = ", ".join(f"{part} {median(one.ms[part] for one in rounds):.2f}" for part in PARTS.values())
        rate = median(one.load.rate for one in rounds)
        p50, p99 = (median(one.load.percentile(percent) for one in rounds) for percent in (50, 99))
        wrong = sum(one.load.wrong for one in rounds)
        total = median(one.total for one in rounds)
        said = f"{total:.2f} ms ({parts}), {rate:.0f}/s, p50 {p50:.1f}, p99 {p99:.1f} ms" + f", {wrong} wrong" * bool(
            wrong
        )
        yield Figure("acts", f"{act}: {build.name}", said)
    if len(builds) == 2:
        old, new = builds
        cost = [b.total / a.total for a, b in zip(old.rounds[act], new.rounds[act], strict=True)]
        pace = [b.load.rate / a.load.rate for a, b in zip(old.rounds[act], new.rounds[act], strict=True)]
        yield Figure("acts", f"{act}: processor time, this to old", _each(cost), f"<= {1 / GOALS[act]:.2f}", _mid(cost))
        yield Figure("acts", f"{act}: acts a second, this to old", _each(pace), ">= 10", _mid(pace))


def _each(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


def _mid(values: Sequence[float]) -> str:
    return f"{median(values):.2f}"
