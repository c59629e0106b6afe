"""Mixed load on Rookery and on mercurius, with the same semantics and on the same stores.

60 % home pages of 10, 30 % user timelines, 10 % posts, which a worker of each server fans out.
"""

import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median

import msgspec

from bench.comparisons.mixed_peer_data import PEER_REDIS, copy_to_peer, peer_mongo_url
from bench.data.peer_dataset import PeerDataset, store_dataset
from bench.deployment.measured_servers import HERE, LOAD_CORE, Server, node_peer, ratios, running_peer, running_rookery
from bench.deployment.stack import Placement, Stack, running_program, running_stack
from bench.harness.cpu import pinned
from bench.harness.figures import Figure, percentile
from bench.harness.load import fetch, post_request, put_load
from core.settings import Switch
from datastore.stores import open_stores
from tools.npm import NoPackagesError, installed

ROUNDS, SECONDS, PAGE, LONG_PAGE = 5, 4.0, 10, 20
PAGES, PROFILES = 0.6, 0.3
GOAL_RATIO, GOAL_MB = 1.6, 120
OURS, PEER = "Rookery", "mercurius"
WARM_SECONDS = 6.0
_OWN = {"id", "cursor", "endCursor"}


async def run() -> list[Figure]:
    try:
        modules = str(installed(HERE) / "node_modules")
    except NoPackagesError as missing:
        return [Figure("mixed", "60 % pages, 30 % user timelines, 10 % posts", f"skipped, for {missing}")]
    with pinned(LOAD_CORE):
        async with running_stack(rate_limit=Switch.ON) as stack, open_stores(stack.settings) as stores:
            dataset = await store_dataset(stores, stack.settings)
            await copy_to_peer(stack.settings, stores, dataset)
            async with _both(stack, modules) as servers:
                await _measure(servers, dataset)
    return _figures(*servers)


@asynccontextmanager
async def _both(stack: Stack, modules: str) -> AsyncIterator[tuple[Server, Server]]:
    """The peer's worker runs on the core of the stores, as Rookery's workers do."""
    settings = stack.settings
    redis_url = f"{settings.redis_url}/{PEER_REDIS}"
    mongo_url = peer_mongo_url(settings)
    key = settings.secret_key.get_secret_value() if settings.secret_key else ""
    peer = node_peer(PEER, "mixed.cjs", modules, MONGO_URL=mongo_url, SECRET_KEY=key)
    worker = {**peer.environment, "REDIS_URL": redis_url}
    node = shutil.which("node") or "node"
    with tempfile.TemporaryDirectory(prefix="rookery-bench-") as folder, (Path(folder) / "log").open("wb") as log:
        async with (
            running_program(node, str(HERE / "fanout.cjs"), environment=worker, place=Placement(LOAD_CORE, log)),
            running_rookery(OURS, settings, log) as ours,
            running_peer(peer, redis_url, log) as theirs,
        ):
            yield ours, theirs


async def _measure(servers: Sequence[Server], dataset: PeerDataset) -> None:
    requests = Requests(dataset)
    await _compare(servers, requests)
    for server in servers:
        await _check(server, requests)
        await put_load(server.port, requests.mixed(ROUNDS), seconds=WARM_SECONDS)  # Node compiles what it runs often
    for turn in range(ROUNDS):
        print(f"mixed: round {turn + 1} of {ROUNDS}", flush=True)
        for server in reversed(servers) if turn % 2 else servers:
            await server.measure(partial(requests.mixed, turn), SECONDS)
    for server in servers:
        await _check(server, requests)


class Requests:
    """Encoded requests, the same for both servers."""

    def __init__(self, dataset: PeerDataset) -> None:
        self._heads = [{"authorization": f"Bearer {token}"} for token in dataset.tokens]
        self.pages = [self._request("home", viewer, {"first": PAGE}) for viewer in range(len(self._heads))]
        self.long_pages = [
            self._request("page", viewer, {"first": LONG_PAGE, "after": None}) for viewer in range(len(self._heads))
        ]
        handles = [dataset.people.handle(person) for person in range(len(dataset.people.ids))]
        self.profiles = [
            self._request("profile", at % len(self._heads), {"handle": handle})
            for at, handle in enumerate(handles[len(self._heads) :])
        ]

    def post(self, number: int, viewer: int) -> bytes:
        return self._request("post", viewer, {"text": f"Nest {number} stands in a tall elm by the old road"})

    def mixed(self, seed: int) -> Iterator[bytes]:
        """An endless random mix of requests."""
        dice = random.Random(seed)
        number = 0
        while True:
            chance = dice.random()
            if chance < PAGES:
                yield dice.choice(self.pages)
            elif chance < PAGES + PROFILES:
                yield dice.choice(self.profiles)
            else:
                number += 1
                yield self.post(number, dice.randrange(len(self._heads)))

    def _request(self, name: str, viewer: int, variables: Mapping[str, object]) -> bytes:
        query = (HERE / f"{name}.graphql").read_text()
        return post_request("/graphql", {"query": query, "variables": variables}, self._heads[viewer])


async def _compare(servers: Sequence[Server], requests: Requests) -> None:
    """Checks that both servers answer pages and user timelines alike, but for ids and cursors."""
    for request in (*requests.pages[::10], *requests.profiles[::20]):
        found = [_shown(msgspec.json.decode(await fetch(server.port, request))["data"]) for server in servers]
        assert found[0] == found[1], found


def _shown(value: object) -> object:
    if isinstance(value, dict):
        return {name: _shown(one) for name, one in value.items() if name not in _OWN}
    return [_shown(one) for one in value] if isinstance(value, list) else value


async def _check(server: Server, requests: Requests) -> None:
    """Checks that each of the three operations gets a complete answer."""
    page = msgspec.json.decode(await fetch(server.port, requests.pages[0]))["data"]["homeTimeline"]
    assert len(page["edges"]) == PAGE, page
    profile = msgspec.json.decode(await fetch(server.port, requests.profiles[0]))["data"]["user"]
    assert profile["tweets"]["edges"][0]["node"]["author"]["handle"] == profile["handle"], profile
    posted = msgspec.json.decode(await fetch(server.port, requests.post(0, 0)))["data"]["postTweet"]
    assert posted["tweet"], posted


def _figures(ours: Server, theirs: Server) -> list[Figure]:
    found = ratios(ours, theirs)
    cost = [mine / other for mine, other in zip(ours.cpu_us, theirs.cpu_us, strict=True)]
    reads = _ms(ours, 99, writes=False) / _ms(theirs, 99, writes=False)
    return [
        *(Figure("mixed", f"60 % pages, 30 % profiles, 10 % posts: {one.name}", _said(one)) for one in (ours, theirs)),
        Figure("mixed", f"processor time an answer, {OURS} to {PEER}", _each(cost), "", f"{median(cost):.2f}"),
        Figure("mixed", f"answers/s, {OURS} to {PEER}", _each(found), f">= {GOAL_RATIO:g}", f"{median(found):.2f}"),
        Figure("mixed", f"p99 of reads, {OURS} to {PEER}", "", "<= 1", f"{reads:.2f}"),
        Figure("mixed", f"memory of a process: {OURS}", f"{ours.mb:.0f} MB", f"<= {GOAL_MB} MB"),
    ]


def _said(server: Server) -> str:
    """Processor time first, which depends least on other work of the machine."""
    times = ", ".join(
        f"{what} p50 {_ms(server, 50, writes=writes):.1f}, p99 {_ms(server, 99, writes=writes):.1f} ms"
        for what, writes in (("reads", False), ("posts", True))
    )
    rates = ", ".join(f"{rate:.0f}" for rate in server.rates)
    return f"{median(server.cpu_us):.0f} us, {median(server.rates):.0f}/s ({rates}), {times}, {server.mb:.0f} MB"


def _ms(server: Server, percent: int, *, writes: bool) -> float:
    """Median of the rounds."""
    return median(percentile(load.write_ms if writes else load.read_ms, percent) for load in server.loads)


def _each(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)
