"""Thousands of sockets on one process that all receive an event every 100 ms: Rookery beside Node's graphql-ws.

The measured process has one core to itself; the load, and for Rookery the stores, the workers and the API process that
takes the posts, have the other one. Rookery's events are tweets of an author whom all subscribers follow: posted
through the API, fanned out by the worker, appended to each viewer's event log, and checked by the visibility rules when
they are pushed. Node's events are made in the process itself, the same for everybody.
"""

import asyncio
import os
import resource
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from bench.comparisons.steady_posts import SteadyPosts
from bench.data.peer_dataset import tokens_of
from bench.data.population import Plan, Population, store_population
from bench.deployment.measured_servers import HERE, LOAD_CORE, SERVERS_CORE
from bench.deployment.stack import ROOT, Placement, Stack, running_api, running_program, running_stack, until_listening
from bench.harness.cpu import CpuTimer, children, pinned, resident_mb
from bench.harness.figures import Figure, percentile
from bench.harness.subscribers import Admitted, Received
from core.settings import Settings, Switch
from datastore.embedded.stores import free_port
from datastore.mongo.bulk import chunked
from datastore.stores import open_stores
from tools.npm import NoPackagesError, installed

SIZES = (500, 2_000)
SOCKETS_EACH = 5
EVERY_MS, SECONDS, ADMIT_SECONDS, WARM_SECONDS = 100, 6.0, 20.0, 2.0
PEOPLE, OTHERS, FRIENDS = max(SIZES), 100, 20
OURS, EACH, NODE = "Rookery, 5 sockets a person", "Rookery, a person each", "Node's graphql-ws"
CPU_GOAL, ADMIT_GOAL, KB_GOAL, PUSH_GOAL_MS = 0.6, 10.0, 40.0, 250.0
_FILES = 20_000
_AT_ONCE = 500


Events = Callable[[], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Target:
    """A running server, with the access tokens of the subscribers."""

    name: str
    port: int
    processes: frozenset[int]
    tokens: Sequence[str] = ()


@dataclass(slots=True)
class Result:
    name: str
    sockets: int
    admitted: Admitted
    received: Received
    cpu_us: float
    kb: float

    @property
    def rate(self) -> float:
        return self.received.messages / self.received.seconds


async def run() -> list[Figure]:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(_FILES, most), most))
    results: list[Result] = []
    posts = SteadyPosts(EVERY_MS)
    with pinned(LOAD_CORE), tempfile.TemporaryFile() as log:
        async with running_stack(rate_limit=Switch.ON) as stack, open_stores(stack.settings) as stores:
            people = await store_population(stores, _plan(), lists_of=range(1, 1 + PEOPLE))
            viewers = people.ids[1 : 1 + PEOPLE]
            tokens = await tokens_of(stores, stack.settings, viewers)
            for some in chunked(viewers, _AT_ONCE):  # a page read before subscribing has the same effect
                await stores.users.viewpoints.get_many(some)
            results += await _rookery(stack, people, tokens, log, posts)
        node, skipped = await _node(log)
    return [
        *_figures([*results, *node]),
        *skipped,
        *[Figure("sockets", "a post failed", one) for one in posts.failed[:3]],
    ]


def _plan() -> Plan:
    """All subscribers follow person 0, and some others who never post."""
    others = range(1 + PEOPLE, 1 + PEOPLE + OTHERS)
    followees = [[0, *[others[(person + step) % OTHERS] for step in range(FRIENDS)]] for person in range(PEOPLE)]
    return Plan([[], *followees, *([] for _ in others)], [0, *others])


async def _rookery(
    stack: Stack, people: Population, tokens: Sequence[str], log: IO[bytes], posts: SteadyPosts
) -> list[Result]:
    found = []
    unlimited: Settings = stack.settings.model_copy(update={"rate_limit": Switch.OFF})
    async with running_api(unlimited) as posting_url:
        for size in SIZES:
            for name, people_wanted in ((OURS, size // SOCKETS_EACH), (EACH, size)):
                before = children()
                async with running_api(stack.settings, Placement(SERVERS_CORE, log)) as url:
                    processes = frozenset(children() - before)
                    target = Target(name, int(url.rpartition(":")[2]), processes, tokens[:people_wanted])
                    found.append(await _measured(target, size, lambda: posts.running(posting_url, people.handle(0))))
    return found


async def _node(log: IO[bytes]) -> tuple[list[Result], list[Figure]]:
    try:
        modules = str(installed(HERE) / "node_modules")
    except NoPackagesError as missing:
        return [], [Figure("sockets", NODE, f"skipped, for {missing}")]
    found = []
    for size in SIZES:
        before, port = children(), free_port()
        environment = {"PATH": os.environ["PATH"], "NODE_PATH": modules, "NODE_ENV": "production"}
        environment |= {"PORT": str(port), "EVERY_MS": str(EVERY_MS)}
        command = ("node", str(HERE / "sockets.cjs"))
        async with running_program(*command, environment=environment, place=Placement(SERVERS_CORE, log)) as process:
            await until_listening(port, process)
            target = Target(NODE, port, frozenset(children() - before))
            found.append(await _measured(target, size, _by_itself))
    return found, []


@asynccontextmanager
async def _by_itself() -> AsyncIterator[None]:
    yield


async def _measured(target: Target, sockets: int, events: Events) -> Result:
    print(f"sockets: {target.name}, {sockets}", flush=True)
    empty_mb = resident_mb(target.processes)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rookery-bench-")))
        tokens = folder / "tokens"
        tokens.write_text("\n".join(target.tokens))
        process = await _subscribers(target, sockets, tokens)
        assert process.stdout is not None
        assert process.stdin is not None
        admitted = msgspec.json.decode(await process.stdout.readline(), type=Admitted)
        await stack.enter_async_context(events())
        await asyncio.sleep(WARM_SECONDS)
        kb = (resident_mb(target.processes) - empty_mb) * 1024 / sockets
        watch = CpuTimer(target.processes)
        process.stdin.write(b"go\n")
        received = msgspec.json.decode(await process.stdout.readline(), type=Received)
        cpu_us = (watch.ms_each(received.messages or 1) or 0.0) * 1000
        process.kill()
        await process.wait()
    if received.complaints:
        print(f"sockets: {target.name} was unexpected: {received.complaints}", flush=True)
    return Result(target.name, sockets, admitted, received, cpu_us, kb)


async def _subscribers(target: Target, sockets: int, tokens: Path) -> asyncio.subprocess.Process:
    words = ["-m", "bench.harness.subscribers", "--port", str(target.port), "--sockets", str(sockets)]
    words += ["--seconds", str(SECONDS), "--admit-seconds", str(ADMIT_SECONDS)]
    words += ["--document", str(HERE / "events.graphql"), *(("--tokens", str(tokens)) if target.tokens else ())]
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdin=PIPE, stdout=PIPE, limit=1 << 24
    )


def _figures(results: Sequence[Result]) -> list[Figure]:
    figures = [figure for result in results for figure in _measures(result)]
    for size in SIZES:
        of_size = {result.name: result for result in results if result.sockets == size}
        if NODE in of_size:
            figures += [figure for name in (OURS, EACH) for figure in _against(of_size[name], of_size[NODE])]
    return figures


def _measures(result: Result) -> list[Figure]:
    title, full = f"{result.sockets} sockets: {result.name}", result.sockets * 1000 / EVERY_MS
    admitted = f"{result.admitted.sockets} in {result.admitted.seconds:.1f} s"
    times = result.received.from_event or [0.0, 0.0]
    found = [
        Figure("sockets", f"{title}, admitted", admitted, f"all in {ADMIT_GOAL:.0f} s"),
        Figure("sockets", f"{title}, messages/s", f"{result.rate:.0f} of {full:.0f}"),
        Figure("sockets", f"{title}, processor", f"{result.cpu_us:.1f} us a message"),
        Figure(
            "sockets",
            f"{title}, event to arrival",
            f"p50 {percentile(times, 50):.0f}, p99 {percentile(times, 99):.0f} ms",
        ),
        Figure("sockets", f"{title}, memory", f"{result.kb:.0f} kB a socket", f"<= {KB_GOAL:.0f} kB"),
    ]
    if result.name != NODE and result.received.from_sending:
        goal = f"p99 < {PUSH_GOAL_MS:.0f} ms"
        found.append(Figure("sockets", f"{title}, post to push", _ms(result.received.from_sending), goal))
    return found


def _ms(times: Sequence[float]) -> str:
    return f"p50 {percentile(times, 50):.0f}, p99 {percentile(times, 99):.0f} ms"


def _against(ours: Result, node: Result) -> list[Figure]:
    title = f"{ours.sockets} sockets: {ours.name} to {NODE}"
    p99 = [percentile(result.received.from_event or [0.0, 0.0], 99) for result in (ours, node)]
    cpu, of_cpu = f"{ours.cpu_us:.1f} to {node.cpu_us:.1f} us", f"{ours.cpu_us / node.cpu_us:.2f}"
    late, of_late = f"{p99[0]:.0f} to {p99[1]:.0f} ms", f"{p99[0] / max(p99[1], 1):.2f}"
    return [
        Figure("sockets", f"{title}, processor a message", cpu, f"<= {CPU_GOAL}", of_cpu),
        Figure("sockets", f"{title}, p99", late, "<= 1", of_late),
    ]
