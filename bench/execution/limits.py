"""A warm home page with all limits and without: two API processes of the whole service on the same stores.

Both run on one core, by turns, each time with more to do than it can: so pages a second tell the processor time of a
page, which the system counts too roughly. Stores and load have the other core.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import repeat
from statistics import median

from redis.asyncio import Redis

from bench.data.population import PASSWORD, Population, store_population
from bench.deployment.measured_servers import LOAD_CORE, SERVERS_CORE
from bench.deployment.stack import Placement, running_api, running_stack
from bench.execution.engine import PEOPLE, plan_of_people
from bench.harness.client import connected, sign_in
from bench.harness.cpu import pinned
from bench.harness.figures import Figure, percentile
from bench.harness.home_page import HOME
from bench.harness.load import post_request, put_load
from core.settings import Settings, Switch
from datastore.redis import keys
from datastore.stores import open_stores

ROUNDS, WARM_ROUNDS, SECONDS, CONNECTIONS = 36, 4, 2.0, 8
GOAL = 1.02
_DEFAULTS = {name: field.default for name, field in Settings.model_fields.items() if name.startswith("limit_")}


@dataclass(slots=True)
class Side:
    """One of the two processes. `seconds` is the time in which it gave so many pages."""

    port: int
    request: bytes
    pages: int = 0
    seconds: float = 0.0

    @property
    def us(self) -> float:
        """A page."""
        return 1_000_000 * self.seconds / self.pages


async def run() -> list[Figure]:
    with pinned(LOAD_CORE):
        async with running_stack() as stack, open_stores(stack.settings) as stores:
            people = await store_population(stores, plan_of_people(), lists_of=range(PEOPLE))
            limited = stack.settings.model_copy(update={"rate_limit": Switch.ON, **_DEFAULTS})
            points = keys.rate(f"user:{people.ids[0]}")
            async with _side(limited, people) as on, _side(stack.settings, people) as off:
                ratios = [await _ratio_of_a_round(on, off, turn, (stores.redis, points)) for turn in _turns(on, off)]
    return _figures(on, off, ratios[WARM_ROUNDS:])


def _turns(*sides: Side) -> Iterator[int]:
    """The first rounds warm up, and do not count."""
    yield from range(WARM_ROUNDS)
    for side in sides:
        side.pages, side.seconds = 0, 0.0
    yield from range(ROUNDS)


async def _ratio_of_a_round(on: Side, off: Side, turn: int, points: tuple[Redis, str]) -> float:
    """The reader gets new points before each reading; at this speed they would soon have none left."""
    us = {}
    for side in ((on, off), (off, on))[turn % 2]:  # the order alternates, so that neither gains by it
        redis, key = points
        await redis.delete(key)
        load = await put_load(side.port, repeat(side.request), seconds=SECONDS, connections=CONNECTIONS)
        assert load.wrong == 0, load.wrong
        side.pages, side.seconds = side.pages + len(load.ms), side.seconds + load.seconds
        us[id(side)] = 1_000_000 / load.rate
    return us[id(on)] / us[id(off)]


@asynccontextmanager
async def _side(settings: Settings, people: Population) -> AsyncIterator[Side]:
    place = Placement(SERVERS_CORE)
    async with running_api(settings.model_copy(update={"ad_spacing": 0}), place) as url, connected(url) as http:
        token = (await sign_in(http, people.handle(0), PASSWORD)).token
        request = post_request(
            "/graphql", {"query": HOME, "variables": {"first": 20}}, {"authorization": f"Bearer {token}"}
        )
        yield Side(int(url.rpartition(":")[2]), request)


def _figures(on: Side, off: Side, ratios: list[float]) -> list[Figure]:
    spread = f"{percentile(ratios, 10):.3f}-{percentile(ratios, 90):.3f}"
    return [
        Figure("limits", "page of 20 with all limits, one core full", f"{on.us:.0f} us ({on.pages:,} pages)"),
        Figure("limits", "the same without", f"{off.us:.0f} us ({off.pages:,} pages)"),
        Figure("limits", "with to without, all rounds", "", f"<= {GOAL}", f"{on.us / off.us:.3f}"),
        Figure("limits", "  median of the rounds", spread, "", f"{median(ratios):.3f}"),
    ]
