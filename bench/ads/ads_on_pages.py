"""Cost of advertisements on a warm page: two API processes on the same stores, with and without them."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter

import msgspec

from bench.data.population import PASSWORD, Plan, Population, store_population
from bench.deployment.stack import running_api, running_stack
from bench.harness.client import Client, connected, sign_in
from bench.harness.cpu import CpuTimer, children, in_ms
from bench.harness.figures import Figure, percentile
from core.auth.tokens import utc_now
from core.ids import CampaignId
from core.settings import Settings
from datastore.ads.campaigns import MILLICENTS, CampaignRecord
from datastore.stores import Stores, open_stores

PEOPLE, FOLLOWEES, TWEETS_EACH = 200, 100, 4
CAMPAIGNS = 50
PAGE = 20
ROUNDS, PAGES_A_ROUND = 40, 10
GOAL = 0.95
_HOME = """query { homeTimeline(first: 20) { state pageInfo { hasNextPage endCursor } edges { cursor reason node {
  __typename ... on Tweet { ...Shown } ... on Retweet { id user { handle } tweet { ...Shown } }
  ... on PromotedTweet { id impressionToken advertiser { handle } tweet { ...Shown } } } } } }
fragment Shown on Tweet {
  id text createdAt viewerHasLiked likeCount retweetCount replyCount quoteCount
  author { id handle name avatarUrl }
}"""


@dataclass(slots=True)
class Side:
    """One of two API processes under comparison."""

    client: Client
    processes: frozenset[int]
    ms: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def pages_a_second(self) -> float:
        return 1_000 * len(self.ms) / sum(self.ms)

    async def read(self, pages: int) -> int:
        """Reads pages and returns the number of advertisements on them."""
        ads = 0
        headers = {"authorization": f"Bearer {self.client.token}"}
        for _ in range(pages):
            began = perf_counter()
            response = await self.client.http.post("/graphql", json={"query": _HOME}, headers=headers)
            self.ms.append((perf_counter() - began) * 1_000)
            edges = msgspec.json.decode(response.content)["data"]["homeTimeline"]["edges"]
            assert len(edges) == PAGE, edges
            ads += sum(edge["reason"] == "PROMOTED" for edge in edges)
        return ads

    async def measure(self) -> int:
        watch = CpuTimer(self.processes)
        ads = await self.read(PAGES_A_ROUND)
        self.cpu += watch.ms_each(1) or 0.0
        return ads


async def run() -> list[Figure]:
    async with running_stack() as stack, open_stores(stack.settings) as stores:
        people = await store_population(stores, _plan(), lists_of=range(PEOPLE))
        await _advertise(stores, people)
        async with _side(stack.settings, people, 8) as on, _side(stack.settings, people, 0) as off:
            await _warm(on, off)
            ads = 0
            for turn in range(ROUNDS):  # the order alternates, so that neither gains by it
                for side in ((on, off), (off, on))[turn % 2]:
                    ads += await side.measure()
    return _figures(on, off, ads)


@asynccontextmanager
async def _side(settings: Settings, people: Population, spacing: int) -> AsyncIterator[Side]:
    """An API process with its own ad spacing, and a client of it."""
    before = children()
    async with (
        running_api(settings.model_copy(update={"ad_spacing": spacing})) as url,
        connected(url) as http,
    ):
        yield Side(await sign_in(http, people.handle(0), PASSWORD), frozenset(children() - before))


def _plan() -> Plan:
    dice = random.Random(0)
    followees = [sorted({*dice.sample(range(PEOPLE), FOLLOWEES)} - {person}) for person in range(PEOPLE)]
    authors = [author for author in range(PEOPLE) for _ in range(TWEETS_EACH)]
    dice.shuffle(authors)
    return Plan(followees, authors)


async def _advertise(stores: Stores, people: Population) -> None:
    """Campaigns without targets and limits, so that every slot is filled: the worst case."""
    now, dice = utc_now(), random.Random(1)
    for number in range(1, CAMPAIGNS + 1):
        campaign = CampaignRecord(
            id=CampaignId(number),
            advertiser_id=people.ids[number],
            tweet_id=people.tweets[number][0],
            bid_cents=dice.randint(100, 1_000),
            budget_cents=1_000_000,
            starts_at=now - timedelta(hours=1),
            ends_at=now + timedelta(days=1),
            hashtags=(),
            tags=frozenset(),
            devices=(),
            frequency_cap=100,
            is_paused=False,
            left=1_000_000 * MILLICENTS,
        )
        await stores.ads.campaigns.insert(campaign)


async def _warm(on: Side, off: Side) -> None:
    for side in (on, off):
        for _ in range(5):
            await side.read(PAGES_A_ROUND)
        side.ms.clear()


def _figures(on: Side, off: Side, ads: int) -> list[Figure]:
    pages = len(on.ms)
    ratio, cpu = on.pages_a_second / off.pages_a_second, on.cpu / max(off.cpu, 0.001)
    what = f"pages of {PAGE} with {ads / pages:.1f} advertisements, {CAMPAIGNS} campaigns"
    return [
        Figure("ads_on_pages", what, f"{on.pages_a_second:.1f} pages/s", f">= {GOAL}", f"{ratio:.3f}"),
        Figure("ads_on_pages", "  without", f"{off.pages_a_second:.1f} pages/s"),
        Figure("ads_on_pages", "  p50 with and without", _both(on.ms, off.ms)),
        Figure("ads_on_pages", "  processor time of the API with", in_ms(on.cpu / pages), "", f"{cpu:.3f}"),
        Figure("ads_on_pages", "  processor time of the API without", in_ms(off.cpu / pages)),
    ]


def _both(on: Sequence[float], off: Sequence[float]) -> str:
    return f"{percentile(on, 50):.1f} and {percentile(off, 50):.1f} ms"
