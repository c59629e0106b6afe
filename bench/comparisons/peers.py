"""A home timeline page from Rookery and from peer servers: alternating rounds in one run, all answers compared.

Rookery is the complete service on its own stores. The peers have no authentication, rules, limits or metrics.
"""

import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from bench.data.peer_dataset import PeerDataset, copy_to_peers, store_dataset
from bench.deployment.measured_servers import (
    HERE,
    LOAD_CORE,
    Peer,
    Server,
    node_peer,
    python_peer,
    ratios,
    running_peer,
    running_rookery,
)
from bench.deployment.stack import Stack, running_stack
from bench.harness.cpu import pinned
from bench.harness.figures import Figure
from bench.harness.load import fetch, post_request
from core.settings import Switch
from datastore.stores import open_stores
from tools.npm import NoPackagesError, installed

PAGE = 20
ROUNDS, SECONDS = 3, 3.0
PEERS_DATABASE = 1
OURS, IDIOMATIC, FLOOR = "Rookery", "Strawberry, idiomatic", "bare ASGI floor"
APOLLO, YOGA, YOGA_JIT = "Apollo Server", "Yoga", "Yoga with graphql-jit"
DATALOADER, LOADERS = "mercurius, DataLoader", "mercurius, loaders"
GOALS = {IDIOMATIC: 25.0, APOLLO: 4.0, YOGA: 3.0, YOGA_JIT: 3.0, DATALOADER: 1.3, LOADERS: 1.3, FLOOR: 0.7}


async def run() -> list[Figure]:
    with pinned(LOAD_CORE):
        async with running_stack(rate_limit=Switch.ON) as stack, open_stores(stack.settings) as stores:
            dataset = await store_dataset(stores, stack.settings)
            redis_url = f"{stack.settings.redis_url}/{PEERS_DATABASE}"
            await copy_to_peers(stores, dataset, redis_url)
            peers, skipped = _peers()
            async with _all_served(stack, peers, redis_url) as servers:
                await _measure(servers, dataset)
    return [*_figures(servers), *skipped]


def _peers() -> tuple[list[Peer], list[Figure]]:
    """The peers that can run here, and a figure that says why others are skipped."""
    peers = [python_peer(IDIOMATIC, "idiomatic:app"), python_peer(FLOOR, "floor:app")]
    try:
        modules = str(installed(HERE) / "node_modules")
    except NoPackagesError as missing:
        return peers, [Figure("peers", "servers on Node.js", f"skipped, for {missing}")]
    peers += [
        node_peer(APOLLO, "apollo.cjs", modules),
        node_peer(YOGA, "yoga.cjs", modules),
        node_peer(YOGA_JIT, "yoga.cjs", modules, JIT="1"),
        node_peer(DATALOADER, "mercurius.cjs", modules),
        node_peer(LOADERS, "mercurius.cjs", modules, LOADERS="1"),
    ]
    return peers, []


@asynccontextmanager
async def _all_served(stack: Stack, peers: Sequence[Peer], redis_url: str) -> AsyncIterator[list[Server]]:
    async with AsyncExitStack() as stopping:
        folder = Path(stopping.enter_context(tempfile.TemporaryDirectory(prefix="rookery-bench-")))
        log = stopping.enter_context((folder / "log").open("wb"))
        started = [running_rookery(OURS, stack.settings, log), *(running_peer(peer, redis_url, log) for peer in peers)]
        yield [await stopping.enter_async_context(server) for server in started]


async def _measure(servers: Sequence[Server], dataset: PeerDataset) -> None:
    requests = {server.name: _requests(server, dataset) for server in servers}
    await _check(servers, requests)
    for turn in range(ROUNDS):
        print(f"peers: round {turn + 1} of {ROUNDS}", flush=True)
        for server in reversed(servers) if turn % 2 else servers:
            await server.measure(partial(cycle, requests[server.name]), SECONDS)
    await _check(servers, requests)


def _requests(server: Server, dataset: PeerDataset) -> list[bytes]:
    """A request per viewer."""
    query = (HERE / "page.graphql").read_text()
    body = {"query": query, "variables": {"first": PAGE, "after": None}, "operationName": "Page"}
    if server.name == OURS:
        heads = [{"authorization": f"Bearer {token}"} for token in dataset.tokens]
    else:
        heads = [{"x-user": str(viewer)} for viewer in dataset.viewers]
    return [post_request(server.path, body, head) for head in heads]


async def _check(servers: Sequence[Server], requests: Mapping[str, Sequence[bytes]]) -> None:
    """Checks for some viewers that all answers are equal except for the format of ids and cursors."""
    for viewer in range(0, 100, 7):
        answers = {server.name: await fetch(server.port, requests[server.name][viewer]) for server in servers}
        shown = {name: list(_shown(msgspec.json.decode(answer))) for name, answer in answers.items()}
        assert len(shown[OURS]) == PAGE, answers[OURS]
        for name, page in shown.items():
            assert page == shown[OURS], (name, answers[name], answers[OURS])


def _shown(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for edge in answer["data"]["homeTimeline"]["edges"]:
        node = dict(edge["node"], author=dict(edge["node"]["author"]))
        del node["id"], node["author"]["id"]
        yield node


def _figures(servers: Sequence[Server]) -> list[Figure]:
    by_name = {server.name: server for server in servers}
    ours = by_name[OURS]
    figures = [Figure("peers", f"page of {PAGE}: {server.name}", server.said) for server in servers]
    figures += [_against(name, ratios(ours, by_name[name]), goal) for name, goal in GOALS.items() if name in by_name]
    if DATALOADER in by_name:
        best = max((by_name[DATALOADER], by_name[LOADERS]), key=lambda one: median(one.rates))
        p99 = f"{ours.ms(99):.1f} to {best.ms(99):.1f} ms"
        figures.append(Figure("peers", f"p99, Rookery to {best.name}", p99, "<= 1", f"{ours.ms(99) / best.ms(99):.2f}"))
    return figures


def _against(name: str, found: Sequence[float], goal: float) -> Figure:
    rounds = ", ".join(f"{ratio:.2f}" for ratio in found)
    return Figure("peers", f"pages/s, Rookery to {name}", rounds, f">= {goal:g}", f"{median(found):.2f}")
