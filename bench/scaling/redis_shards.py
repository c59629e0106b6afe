"""Cost of home lists with several shards of Redis and without a cluster, in alternating rounds.

All deployments share one machine, whose cores limit the gain; the overhead of a cluster shows in processor time.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from time import perf_counter, process_time

from bench.harness.command_line import argument_parser, run_and_print
from bench.harness.cpu import redis_seconds
from bench.harness.figures import Figure
from bench.scaling.celebrity_fanout import running_cluster
from core.ids import UserId
from core.runtime.tasks import for_each
from core.settings import Settings
from datastore.admin.capacity.charts import Axes, line_chart
from datastore.embedded.stores import embedded_stores
from datastore.mongo.bulk import chunked
from datastore.redis import keys
from datastore.redis.client import send_all
from datastore.stores import Stores, open_stores
from workers.timelines.fanout_targets import page_size

SHARDS = (0, 1, 2, 3)
"""0: one server, no cluster."""
LISTS, LENGTH, ROUNDS, FOLLOWERS, WINDOW = 8_000, 800, 7, 75, 20


@dataclass(frozen=True, slots=True)
class Found:
    """Entries per round: the rate per second, and microseconds of this process and of Redis per act."""

    rates: list[float] = field(default_factory=list)
    ours_us: list[float] = field(default_factory=list)
    theirs_us: list[float] = field(default_factory=list)

    @property
    def us(self) -> float:
        return median(ours + theirs for ours, theirs in zip(self.ours_us, self.theirs_us, strict=True))

    @property
    def said(self) -> str:
        return f"{median(self.rates):,.0f}/s, {median(self.ours_us):.1f} + {median(self.theirs_us):.1f} us"


@dataclass(frozen=True, slots=True)
class Deployment:
    shards: int
    stores: Stores
    readers: Sequence[UserId]
    found: Mapping[str, Found]

    @property
    def name(self) -> str:
        return f"cluster of {self.shards}" if self.shards else "one server, no cluster"

    @property
    def acts(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Acts that reach all lists once: wide pushes, narrow pushes, and reads of a page."""
        return {
            WIDE: partial(self._push, page_size(self.stores), at_once=2),
            NARROW: partial(self._push, FOLLOWERS, at_once=16),
            READ: lambda: for_each(self.readers, self._read, at_once=32),
        }

    async def _push(self, size: int, at_once: int) -> None:
        item = self.stores.ids()
        await for_each(
            chunked(self.readers, size), lambda some: self.stores.timelines.home.push(some, item), at_once=at_once
        )

    async def _read(self, reader: UserId) -> None:
        await self.stores.timelines.home.range(reader, WINDOW)


WIDE, NARROW, READ = f"pushes to {LISTS:,} lists", f"pushes to {FOLLOWERS} at a time", f"windows of {WINDOW} read"


async def run() -> list[Figure]:
    return figures(await measure())


async def measure() -> list[Deployment]:
    async with AsyncExitStack() as opened:
        deployments = [await opened.enter_async_context(_deployment(shards)) for shards in SHARDS]
        for turn in range(ROUNDS + 1):
            print(f"redis_shards: round {turn} of {ROUNDS}", flush=True)
            for deployment in deployments:
                for what, act in deployment.acts.items():
                    await _note(deployment, Found() if turn == 0 else deployment.found[what], act)
        return deployments


async def _note(deployment: Deployment, found: Found, act: Callable[[], Awaitable[None]]) -> None:
    theirs, ours, began = await redis_seconds(deployment.stores.redis), process_time(), perf_counter()
    await act()
    found.rates.append(LISTS / (perf_counter() - began))
    found.ours_us.append(1e6 * (process_time() - ours) / LISTS)
    found.theirs_us.append(1e6 * (await redis_seconds(deployment.stores.redis) - theirs) / LISTS)


@asynccontextmanager
async def _deployment(shards: int) -> AsyncIterator[Deployment]:
    """Each has a MongoDB of its own, which stays unused."""
    async with embedded_stores(None) as urls, AsyncExitStack() as opened:
        url = await opened.enter_async_context(running_cluster(shards)) if shards else urls.redis
        settings = Settings(mongo_url=urls.mongo, redis_url=url)
        stores = await opened.enter_async_context(open_stores(settings))
        readers = [UserId(stores.ids()) for _ in range(LISTS)]
        full = [str(stores.ids()) for _ in range(LENGTH)]
        for some in chunked(readers, 100):
            await send_all(stores.redis, [("RPUSH", keys.home(reader), *reversed(full)) for reader in some])
        found = {what: Found() for what in (WIDE, NARROW, READ)}
        yield Deployment(shards, stores, readers, found)


def figures(deployments: Sequence[Deployment]) -> list[Figure]:
    return [
        Figure(
            "redis_shards", f"{what}, {one.name}", found.said, ratio=f"{found.us / deployments[0].found[what].us:.2f}"
        )
        for one in deployments
        for what, found in one.found.items()
    ]


def picture(deployments: Sequence[Deployment]) -> str:
    """A chart of processor time by number of shards; 0 is the server without a cluster."""
    lines = {
        name: [(float(one.shards), one.found[what].us) for one in deployments]
        for name, what in (("a push, wide", WIDE), ("a push to 75", NARROW), ("a window read", READ))
    }
    axes = Axes("What lists cost", "shards of Redis; 0: one server, no cluster", "us of processor time", by_steps=True)
    return line_chart(axes, lines)


if __name__ == "__main__":
    run_and_print(
        measure(),
        figures,
        picture,
        argument_parser("scaling.redis_shards", "Shards side by side.").parse_args().picture,
    )
