"""Pages, user timelines and a mixed load: this checkout beside an older one, in alternating rounds of one run.

`python -m bench builds` measures this checkout alone; `ROOKERY_BENCH_OLD=FOLDER` adds another one. Each build has an
API process, a worker process, a MongoDB and a Redis of its own, and the same people, tweets and likes.
"""

import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median

from pydantic import SecretStr

from bench.comparisons.mixed import Requests
from bench.data.peer_dataset import store_dataset
from bench.deployment.measured_servers import LOAD_CORE, SERVERS_CORE, Server
from bench.deployment.stack import ROOT, Placement, running_program, stack_environment, until_listening
from bench.harness.cpu import children, pinned
from bench.harness.figures import Figure
from core.settings import Settings, Switch
from datastore.embedded.stores import embedded_stores, free_port
from datastore.stores import open_stores

OLD = "ROOKERY_BENCH_OLD"
ROUNDS = int(os.environ.get("ROOKERY_BENCH_ROUNDS", "5"))
SECONDS = 2.0
GOALS: Mapping[str, float | None] = {"page of 20": 0.35, "home page of 10": None, "user timeline": 0.17, "mixed": None}


@dataclass(slots=True)
class Build:
    """A checkout that serves on stores of its own; `measured` has a server with its rounds for each kind of work."""

    name: str
    port: int
    processes: frozenset[int]
    requests: Requests
    measured: dict[str, Server] = field(default_factory=dict)

    async def measure(self, work: str, turn: int) -> None:
        server = self.measured.setdefault(work, Server(self.name, "/graphql", self.port, self.processes))
        await server.measure(self._works(turn)[work], SECONDS)

    def _works(self, turn: int) -> dict[str, Callable[[], Iterator[bytes]]]:
        return {
            "page of 20": partial(cycle, self.requests.long_pages),
            "home page of 10": partial(cycle, self.requests.pages),
            "user timeline": partial(cycle, self.requests.profiles),
            "mixed": partial(self.requests.mixed, turn),
        }


async def run() -> list[Figure]:
    old = os.environ.get(OLD)
    async with AsyncExitStack() as stack:
        stack.enter_context(pinned(LOAD_CORE))
        builds = [await stack.enter_async_context(_serving("this", ROOT))]
        if old:
            builds.insert(0, await stack.enter_async_context(_serving("old", Path(old))))
        for turn in range(ROUNDS):
            print(f"builds: round {turn + 1} of {ROUNDS}", flush=True)
            for work in GOALS:
                for build in reversed(builds) if turn % 2 else builds:
                    await build.measure(work, turn)
    return [figure for work, goal in GOALS.items() for figure in _figures(work, goal, builds)]


@asynccontextmanager
async def _serving(name: str, folder: Path) -> AsyncIterator[Build]:
    async with embedded_stores(None) as urls:
        key = SecretStr(secrets.token_urlsafe(32))
        settings = Settings(mongo_url=urls.mongo, redis_url=urls.redis, secret_key=key, rate_limit=Switch.ON)
        async with open_stores(settings) as stores:
            requests = Requests(await store_dataset(stores, settings))
        environment, port = stack_environment(settings), free_port()
        api = (sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning")
        workers = (sys.executable, "-m", "workers")
        async with running_program(*workers, environment=environment, folder=folder):
            before, place = children(), Placement(SERVERS_CORE)
            async with running_program(*api, environment=environment, place=place, folder=folder) as process:
                await until_listening(port, process)
                yield Build(name, port, frozenset(children() - before), requests)


def _figures(work: str, goal: float | None, builds: Sequence[Build]) -> Iterator[Figure]:
    servers = [build.measured[work] for build in builds]
    yield from (Figure("builds", f"{work}: {server.name}", server.said) for server in servers)
    if len(servers) == 2:
        old, this = servers
        ratios = [mine / theirs for mine, theirs in zip(this.cpu_us, old.cpu_us, strict=True)]
        said = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        wanted = "" if goal is None else f"<= {goal:g}"
        yield Figure("builds", f"{work}: processor time, this to old", said, wanted, f"{median(ratios):.2f}")
