"""Likes a second of this checkout beside mercurius with its compiler, on the same MongoDB, in alternating rounds.

The peer checks a token, inserts the edge and increments the count, and does nothing else.
"""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

from bench.comparisons.mixed_peer_data import peer_mongo_url
from bench.deployment.measured_servers import HERE, node_peer
from bench.deployment.stack import running_program, until_listening
from bench.harness.figures import Figure
from bench.harness.load import Load, put_load
from core.settings import Settings
from datastore.embedded.stores import free_port
from tools.npm import NoPackagesError, installed

CONNECTIONS, GOAL = 25, 1.5
PEER = "mercurius"


@dataclass(slots=True)
class BareLikes:
    """`peer` is the port of the peer; None where its packages are missing."""

    peer: int | None
    ours: list[Load] = field(default_factory=list)
    theirs: list[Load] = field(default_factory=list)

    async def measure(self, port: int, requests: Sequence[bytes], *, is_reversed: bool) -> None:
        if self.peer is None:
            return
        rounds = [(port, self.ours), (self.peer, self.theirs)]
        for one, loads in rounds[::-1] if is_reversed else rounds:
            loads.append(await put_load(one, iter(requests), seconds=600.0, connections=CONNECTIONS))

    def figures(self) -> list[Figure]:
        if self.peer is None:
            return [Figure("acts", f"bare likes beside {PEER}", "skipped, for its packages are missing")]
        pace = [mine.rate / other.rate for mine, other in zip(self.ours, self.theirs, strict=True)]
        said = ", ".join(f"{one:.2f}" for one in pace)
        return [
            *(Figure("acts", f"bare like: {name}", _said(loads)) for name, loads in self._named()),
            Figure("acts", f"bare likes a second, this to {PEER}", said, f">= {GOAL:g}", f"{median(pace):.2f}"),
        ]

    def _named(self) -> list[tuple[str, list[Load]]]:
        return [("this", self.ours), (PEER, self.theirs)]


def _said(loads: Sequence[Load]) -> str:
    rate = median(one.rate for one in loads)
    p50, p99 = (median(one.percentile(percent) for one in loads) for percent in (50, 99))
    wrong = sum(one.wrong for one in loads)
    return f"{rate:.0f}/s, p50 {p50:.1f}, p99 {p99:.1f} ms" + f", {wrong} wrong" * bool(wrong)


@asynccontextmanager
async def like_peer(settings: Settings) -> AsyncIterator[int | None]:
    """The port of the peer, on the MongoDB of these settings; None where its packages are missing."""
    try:
        modules = str(installed(HERE) / "node_modules")
    except NoPackagesError:
        yield None
        return
    key = settings.secret_key.get_secret_value() if settings.secret_key else ""
    peer = node_peer(PEER, "like.cjs", modules, MONGO_URL=peer_mongo_url(settings), SECRET_KEY=key)
    port, node = free_port(), shutil.which("node") or "node"
    environment = {**peer.environment, "PORT": str(port)}
    async with running_program(node, *peer.command[1:], environment=environment) as process:
        await until_listening(port, process)
        yield port
