"""Cost of searches, user timelines and trends by the number of stored tweets, with the words of real ones.

`python -m bench.scaling.corpus_size TWEETS ... --picture FILE` takes numbers and draws a chart. There are a fifth as
many people. Each corpus has stores of its own, one after the other, since all of them together would not fit.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic, perf_counter

import pymongo

from bench.data.search_corpus import store_corpus
from bench.data.vocabulary import Vocabulary, real_vocabulary
from bench.deployment.stack import running_stores
from bench.harness.command_line import argument_parser, run_and_print
from bench.harness.cpu import children, resident_mb
from bench.harness.figures import Figure, percentile
from bench.reads.page_costs import acting_as
from core.ids import UserId
from datastore.admin.capacity.charts import Axes, line_chart
from datastore.stores import Stores, open_stores
from resolvers.graph.user_search import search_people
from resolvers.search.top import top_tweets
from resolvers.search.tweets import latest_tweets, resolve_query
from resolvers.services import Services, open_services
from resolvers.timelines.pages import PageOrder
from resolvers.timelines.user import UserTimeline, user_timeline
from workers.trends.trends import TrendsWorker

NAME = "corpus_size"
SIZES = (100_000, 300_000, 1_000_000)
TWEETS_A_PERSON = 5
FIRST = 20
ASKED = 150
SNAPSHOTS = 5
_WORDS = 3_000
_STORE_SECONDS = 1_800.0


@dataclass(frozen=True, slots=True)
class Costs:
    """`loading` in seconds by phase, `ms` by what was asked, `megabytes` by what takes them."""

    tweets: int
    loading: dict[str, float]
    ms: dict[str, list[float]]
    megabytes: dict[str, float]


async def measure(sizes: Sequence[int]) -> list[Costs]:
    vocabulary = real_vocabulary()
    if vocabulary is None:
        raise SystemExit("there is no tweets-2009.csv in the folder of real data")
    return [await _measure_one(vocabulary, size) for size in sizes]


async def _measure_one(vocabulary: Vocabulary, size: int) -> Costs:
    people = size // TWEETS_A_PERSON
    async with running_stores() as chosen, open_stores(chosen) as stores, open_services(stores, chosen) as services:
        with pymongo.timeout(_STORE_SECONDS):
            loading = await store_corpus(stores, vocabulary, people=people, tweets=size)
        ms = await _asked(services, vocabulary, people)
        return Costs(size, loading, ms, await _megabytes(stores))


async def _asked(services: Services, vocabulary: Vocabulary, people: int) -> dict[str, list[float]]:
    """Each is asked once for each of some words and people, after a round of others that warms up."""
    dice = random.Random(7)
    words = _chosen_words(vocabulary, dice)
    ids = [UserId(dice.randrange(1, people + 1)) for _ in range(2 * ASKED)]
    trends = TrendsWorker(services.stores.trends, services.stores.users.accounts)
    query = partial(resolve_query, services.stores.users, None)

    async def latest(at: int) -> object:
        return await latest_tweets(services, None, await query(words[at]), FIRST, None)

    async def top(at: int) -> object:
        return await top_tweets(services, None, await query(words[at]), FIRST, None)

    async def people_found(at: int) -> object:
        return await search_people(services.stores.users, acting_as(ids[at]), words[at][:4], FIRST, None)

    async def timeline(at: int) -> object:
        wanted = UserTimeline(ids[at], with_replies=False, since=monotonic())
        return await user_timeline(services, None, wanted, PageOrder(FIRST))

    return {
        "search, LATEST": await _times(latest, ASKED),
        "search, TOP": await _times(top, ASKED),
        "search for people": await _times(people_found, ASKED),
        "a user timeline, cold": await _times(timeline, ASKED),
        "a snapshot of trends": await _times(lambda _: trends.publish_snapshot(), SNAPSHOTS),
    }


def _chosen_words(vocabulary: Vocabulary, dice: random.Random) -> list[str]:
    """Common words more often than rare ones."""
    ranked = [word for word, _ in Counter(filter(str.isalpha, vocabulary.words)).most_common(_WORDS)]
    return [ranked[round(_WORDS ** dice.random()) - 1] for _ in range(2 * ASKED)]


async def _times(act: Callable[[int], Awaitable[object]], count: int) -> list[float]:
    """Milliseconds of the second half of the calls."""
    found = []
    for at in range(2 * count):
        began = perf_counter()
        await act(at)
        found.append((perf_counter() - began) * 1_000)
    return found[count:]


async def _megabytes(stores: Stores) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in ("tweets", "users"):
        kept = await stores.mongo.database.command("collStats", name)
        found |= {f"{name} on disk": kept["storageSize"] / 1e6, f"indexes of {name}": kept["totalIndexSize"] / 1e6}
    return found | {"memory of the largest store": resident_mb(children())}


def figures(found: Sequence[Costs]) -> list[Figure]:
    return [figure for costs in found for figure in _figures(costs, found[0])]


def _figures(costs: Costs, least: Costs) -> list[Figure]:
    loading = ", ".join(f"{what} {seconds:.0f} s" for what, seconds in costs.loading.items())
    kept = ", ".join(f"{what} {size:,.0f} MB" for what, size in costs.megabytes.items())
    return [
        Figure(NAME, loading, ""),
        Figure(NAME, kept, ""),
        *(_figure(what, ms, least.ms[what]) for what, ms in costs.ms.items()),
    ]


def _figure(what: str, ms: Sequence[float], least: Sequence[float]) -> Figure:
    p50 = percentile(ms, 50)
    measured = f"{p50:.1f} / {percentile(ms, 99):.1f} ms"
    return Figure(NAME, f"  {what}, p50 / p99", measured, ratio=f"{p50 / percentile(least, 50):.2f}")


def picture(found: Sequence[Costs]) -> str:
    lines = {what: [(float(costs.tweets), percentile(costs.ms[what], 50)) for costs in found] for what in found[0].ms}
    return line_chart(Axes("What is asked of a corpus", "tweets", "ms, p50"), lines)


if __name__ == "__main__":
    parser = argument_parser("scaling.corpus_size", "Costs with these numbers of tweets.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="TWEETS", help="fewest first")
    chosen = parser.parse_args()
    run_and_print(measure(chosen.sizes), figures, picture, chosen.picture)
