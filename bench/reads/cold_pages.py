"""Pages whose rows the process does not have, beside warm ones: 5,000 viewers of 100,000 tweets read in turn."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from bench.data.peer_dataset import tokens_of
from bench.data.population import Plan, store_population
from bench.deployment.measured_servers import HERE, LOAD_CORE, Server, running_rookery
from bench.deployment.stack import running_stores
from bench.harness.cpu import CpuTimer, pinned
from bench.harness.figures import Figure
from bench.harness.load import post_request, put_load
from core.settings import Switch
from datastore.stores import open_stores

VIEWERS, AUTHORS, TWEETS_EACH, FOLLOWED = 5_000, 2_000, 50, 12
PAGE, WARM_VIEWERS, AT_ONCE, ROUNDS = 20, 100, 1_000, 5
WARM_SECONDS, LONGEST_SECONDS = 2.0, 120.0
GOAL = 2.5


async def run() -> list[Figure]:
    with pinned(LOAD_CORE), tempfile.TemporaryDirectory(prefix="rookery-bench-") as folder:
        async with running_stores(Switch.ON) as settings:
            print("cold_pages: storing the network", flush=True)
            async with open_stores(settings) as stores:
                people = await store_population(stores, _plan(), lists_of=range(VIEWERS))
                tokens = await tokens_of(stores, settings, people.ids[:VIEWERS])
            with (Path(folder) / "log").open("wb") as log:
                async with running_rookery("Rookery", settings, log) as server:
                    return await _measured(server, [_request(token) for token in tokens])


def _plan() -> Plan:
    """The viewers follow authors at random, whose tweets alternate."""
    dice = random.Random(7)
    authors = range(VIEWERS, VIEWERS + AUTHORS)
    followees: list[Sequence[int]] = [dice.sample(authors, FOLLOWED) for _ in range(VIEWERS)]
    return Plan([*followees, *([] for _ in authors)], [author for _ in range(TWEETS_EACH) for author in authors])


def _request(token: str) -> bytes:
    query = (HERE / "page.graphql").read_text()
    variables = {"first": PAGE, "after": None}
    return post_request("/graphql", {"query": query, "variables": variables}, {"authorization": f"Bearer {token}"})


async def _measured(server: Server, requests: list[bytes]) -> list[Figure]:
    random.Random(3).shuffle(requests)
    some = requests[:WARM_VIEWERS]
    await _cold(server, iter(requests[-WARM_VIEWERS:]))  # compiles the document
    never = [await _cold(server, iter(requests[at : at + AT_ONCE])) for at in range(0, VIEWERS, AT_ONCE)]
    turns, cold, warm = cycle(requests), list[float](), list[float]()
    for turn in range(ROUNDS):
        print(f"cold_pages: round {turn + 1} of {ROUNDS}", flush=True)
        cold.append(await _cold(server, islice(turns, AT_ONCE)))
        await server.measure(partial(cycle, some), WARM_SECONDS)
        warm.append(server.cpu_us[-1])
    ratios = [one / other for one, other in zip(cold, warm, strict=True)]
    first = [median(never) / median(warm)]
    title = f"page of {PAGE}, processor time of the API"
    return [
        Figure("cold_pages", f"{title}: warm", f"{median(warm):.0f} us"),
        Figure("cold_pages", f"{title}: rows in Redis alone", f"{median(cold):.0f} us", f"<= {GOAL}", _ratio(ratios)),
        Figure("cold_pages", f"{title}: rows in MongoDB alone", f"{median(never):.0f} us", "", _ratio(first)),
    ]


async def _cold(server: Server, requests: Iterator[bytes]) -> float:
    """Microseconds of a page, each by another viewer."""
    watch = CpuTimer(server.processes)
    load = await put_load(server.port, requests, seconds=LONGEST_SECONDS)
    if load.wrong:
        raise RuntimeError(f"{load.wrong} answers are wrong")
    return (watch.ms_each(len(load.ms)) or 0.0) * 1000


def _ratio(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} of warm"
