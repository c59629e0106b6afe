"""Servers measured side by side: each has one core to itself, the load and the stores share the other."""

import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import IO, NamedTuple

from bench.deployment.stack import ROOT, Placement, running_api, running_program, until_listening
from bench.harness.cpu import CpuTimer, children, resident_mb
from bench.harness.load import Load, put_load
from core.settings import Settings
from datastore.embedded.stores import free_port

HERE = ROOT / "bench" / "peers"
SERVERS_CORE, LOAD_CORE = 0, 1
WARM_SECONDS = 2.0


class Peer(NamedTuple):
    """`environment` is in addition to PORT, REDIS_URL and PATH."""

    name: str
    path: str
    command: Sequence[str]
    environment: Mapping[str, str]


@dataclass(slots=True)
class Server:
    """A running server. `loads` and `cpu_us`, processor time per answer, have an entry per round."""

    name: str
    path: str
    port: int
    processes: frozenset[int]
    loads: list[Load] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    mb: float = 0.0

    async def measure(self, requests: Callable[[], Iterator[bytes]], seconds: float) -> None:
        await put_load(self.port, requests(), seconds=WARM_SECONDS)
        watch = CpuTimer(self.processes)
        load = await put_load(self.port, requests(), seconds=seconds)
        self.loads.append(load)
        self.cpu_us.append((watch.ms_each(len(load.ms)) or 0.0) * 1000)
        self.mb = max(self.mb, resident_mb(self.processes))

    @property
    def rates(self) -> list[float]:
        return [load.rate for load in self.loads]

    @property
    def wrong(self) -> int:
        return sum(load.wrong for load in self.loads)

    @property
    def said(self) -> str:
        """Medians of the rounds in one line."""
        rounds = ", ".join(f"{rate:.0f}" for rate in self.rates)
        times = f"p50 {self.ms(50):.1f}, p99 {self.ms(99):.1f} ms"
        wrong = f", {self.wrong} wrong" if self.wrong else ""
        processor = f"{median(self.cpu_us):.0f} us"
        return f"{median(self.rates):.0f}/s ({rounds}), {processor}, {times}, {self.mb:.0f} MB{wrong}"

    def ms(self, percent: int) -> float:
        return median(load.percentile(percent) for load in self.loads)


def python_peer(name: str, app: str) -> Peer:
    options = ("--app-dir", str(HERE), "--lifespan", "off", "--no-access-log", "--log-level", "warning")
    return Peer(name, "/", (sys.executable, "-m", "uvicorn", app, *options), {})


def node_peer(name: str, script: str, modules: str, **environment: str) -> Peer:
    node = shutil.which("node") or "node"
    own = {"NODE_PATH": modules, "NODE_ENV": "production", **environment}
    return Peer(name, "/graphql", (node, str(HERE / script)), own)


@asynccontextmanager
async def running_rookery(name: str, settings: Settings, log: IO[bytes]) -> AsyncIterator[Server]:
    """An API process on the measured core."""
    before = children()
    async with running_api(settings, Placement(SERVERS_CORE, log)) as url:
        yield Server(name, "/graphql", int(url.rpartition(":")[2]), frozenset(children() - before))


@asynccontextmanager
async def running_peer(peer: Peer, redis_url: str, log: IO[bytes]) -> AsyncIterator[Server]:
    before, port = children(), free_port()
    command = [*peer.command, "--port", str(port)] if peer.command[0] == sys.executable else peer.command
    environment = {"PATH": os.environ["PATH"], "REDIS_URL": redis_url, "PORT": str(port), **peer.environment}
    async with running_program(*command, environment=environment, place=Placement(SERVERS_CORE, log)) as process:
        await until_listening(port, process)
        yield Server(peer.name, peer.path, port, frozenset(children() - before))


def ratios(ours: Server, other: Server) -> list[float]:
    """The ratio of answers per second in each round."""
    return [mine / theirs for mine, theirs in zip(ours.rates, other.rates, strict=True)]
