"""A warm home page with all limits and without: two API processes of the whole service on the same stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

from bench.ads.ads_on_pages import Side
from bench.data.population import PASSWORD, Population, store_population
from bench.deployment.stack import running_api, running_stack
from bench.execution.engine import PEOPLE, plan_of_people
from bench.harness.client import connected, sign_in
from bench.harness.cpu import CpuTimer, children
from bench.harness.figures import Figure, percentile
from core.settings import Settings, Switch
from datastore.redis import keys
from datastore.stores import open_stores

ROUNDS, PAGES, WARM_ROUNDS = 60, 100, 6
GOAL = 1.02
_DEFAULTS = {name: field.default for name, field in Settings.model_fields.items() if name.startswith("limit_")}


async def run() -> list[Figure]:
    async with running_stack() as stack, open_stores(stack.settings) as stores:
        people = await store_population(stores, plan_of_people(), lists_of=range(PEOPLE))
        limited = stack.settings.model_copy(update={"rate_limit": Switch.ON, **_DEFAULTS})
        points = keys.rate(f"user:{people.ids[0]}")
        async with _side(limited, people) as on, _side(stack.settings, people) as off:
            ratios = list[float]()
            for turn in range(-WARM_ROUNDS, ROUNDS):
                await stores.redis.delete(points)  # a reader at this speed would soon have none left
                ratios.append(await _ratio_of_a_round(on, off, turn))
                if turn < 0:
                    _forget(on, off, ratios)
    return _figures(on, off, ratios)


def _forget(on: Side, off: Side, ratios: list[float]) -> None:
    """After a round that only warms up."""
    ratios.clear()
    for side in (on, off):
        side.ms.clear()
        side.cpu = 0.0


async def _ratio_of_a_round(on: Side, off: Side, turn: int) -> float:
    spent = {}
    for side in ((on, off), (off, on))[turn % 2]:  # the order alternates, so that neither gains by it
        watch = CpuTimer(side.processes)
        await side.read(PAGES)
        spent[id(side)] = watch.ms_each(1) or 0.0
        side.cpu += spent[id(side)]
    return spent[id(on)] / spent[id(off)]


@asynccontextmanager
async def _side(settings: Settings, people: Population) -> AsyncIterator[Side]:
    before = children()
    async with running_api(settings.model_copy(update={"ad_spacing": 0})) as url, connected(url) as http:
        yield Side(await sign_in(http, people.handle(0), PASSWORD), frozenset(children() - before))


def _figures(on: Side, off: Side, ratios: list[float]) -> list[Figure]:
    pages, spread = ROUNDS * PAGES, f"{percentile(ratios, 10):.3f}-{percentile(ratios, 90):.3f}"
    return [
        Figure("limits", "page of 20 with all limits, p50", f"{percentile(on.ms, 50):.2f} ms"),
        Figure("limits", "  processor time of the API", f"{on.cpu / pages * 1_000:.0f} us"),
        Figure("limits", "the same without, p50", f"{percentile(off.ms, 50):.2f} ms"),
        Figure("limits", "  processor time of the API", f"{off.cpu / pages * 1_000:.0f} us"),
        Figure("limits", "with to without, all rounds", "", f"<= {GOAL}", f"{on.cpu / off.cpu:.3f}"),
        Figure("limits", "  median of the rounds", spread, "", f"{median(ratios):.3f}"),
    ]
