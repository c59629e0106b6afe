"""A warm home page with compiled execution and without: two API processes of the whole service on the same stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

from bench.ads.ads_on_pages import Side
from bench.data.population import PASSWORD, Plan, Population, store_population
from bench.deployment.stack import running_api, running_stack
from bench.harness.client import connected, sign_in
from bench.harness.cpu import children, in_ms
from bench.harness.figures import Figure, percentile
from core.settings import Settings, Switch
from datastore.stores import open_stores

PEOPLE, FOLLOWEES, TWEETS_EACH = 40, 30, 10
ROUNDS, WARM_PAGES = 30, 60
GOAL = 25


async def run() -> list[Figure]:
    async with running_stack() as stack, open_stores(stack.settings) as stores:
        people = await store_population(stores, plan_of_people(), lists_of=range(PEOPLE))
        async with _side(stack.settings, people, Switch.ON) as on, _side(stack.settings, people, Switch.OFF) as off:
            for side in (on, off):
                await side.read(WARM_PAGES)
                side.ms.clear()
            ratios = [await _ratio_of_a_round(on, off, turn) for turn in range(ROUNDS)]
    return _figures(on, off, ratios)


async def _ratio_of_a_round(on: Side, off: Side, turn: int) -> float:
    before = {id(side): side.cpu for side in (on, off)}
    for side in ((on, off), (off, on))[turn % 2]:  # the order alternates, so that neither gains by it
        await side.measure()
    return (off.cpu - before[id(off)]) / (on.cpu - before[id(on)])


def plan_of_people() -> Plan:
    followees = [[(person + 1 + step) % PEOPLE for step in range(FOLLOWEES)] for person in range(PEOPLE)]
    return Plan(followees, [person for _ in range(TWEETS_EACH) for person in range(PEOPLE)])


@asynccontextmanager
async def _side(settings: Settings, people: Population, engine: Switch) -> AsyncIterator[Side]:
    before = children()
    own = settings.model_copy(update={"engine": engine, "ad_spacing": 0})
    async with running_api(own) as url, connected(url) as http:
        processes = frozenset(children() - before)
        yield Side(await sign_in(http, people.handle(0), PASSWORD), processes)


def _figures(on: Side, off: Side, ratios: list[float]) -> list[Figure]:
    pages = len(on.ms)
    spread = f"{percentile(ratios, 10):.2f}-{percentile(ratios, 90):.2f}"
    return [
        Figure("engine", "page of 20 with the engine, p50", f"{percentile(on.ms, 50):.2f} ms"),
        Figure("engine", "  p99", f"{percentile(on.ms, 99):.2f} ms"),
        Figure("engine", "  processor time of the API", in_ms(on.cpu / pages)),
        Figure("engine", "the same without it, p50", f"{percentile(off.ms, 50):.2f} ms"),
        Figure("engine", "  p99", f"{percentile(off.ms, 99):.2f} ms"),
        Figure("engine", "  processor time of the API", in_ms(off.cpu / pages)),
        Figure(
            "engine",
            "without to with, processor time, median of the rounds",
            spread,
            f">= {GOAL}",
            f"{median(ratios):.2f}",
        ),
    ]
