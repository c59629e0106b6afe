"""Pages past the end of the home list, and first pages without a list; the number of followees must not matter."""

import random
from collections import Counter
from dataclasses import dataclass
from time import perf_counter

from bench.data.population import PASSWORD, Plan, Population, store_population
from bench.deployment.stack import running_stack
from bench.harness.client import Client, connected, sign_in
from bench.harness.figures import Figure, percentile
from bench.harness.home_page import PAGE, HomePage, read_page
from bench.harness.store_calls import CallCounts, most_common_counts, queries_of
from bench.harness.waiting import until
from core.ids import TweetId, UserId
from datastore.mongo.bulk import insert_new
from datastore.rebuild import rebuild_timelines
from datastore.stores import Stores, open_stores

FOLLOWED = (10, 100, 1_000)
# Tweets of each of the first ten authors, the next ninety and the others: those of ten fill all pages.
TWEETS = {10: 160, 100: 10, 1_000: 3}
RETWEETS = 500
PAGES = 25
RETURNS = 10
READERS = range(2 * len(FOLLOWED))
AUTHORS = range(len(READERS), len(READERS) + FOLLOWED[-1])
RETWEETER, STRANGER = AUTHORS[-1] + 1, AUTHORS[-1] + 2
GOAL_QUERIES = 2
GOAL_FIRST_MS = 300
GOAL_READY_MS = 1_000
_LONGEST_PAGE = 100
# Keys that are no cache: jobs and worker id leases.
_KEPT = (b"jobs:", b"ids:", b"sweep")


@dataclass(frozen=True, slots=True)
class Depth:
    """Pages past the list. `wrong` counts items of all pages that are missing, duplicated or out of place."""

    who: str
    ms: list[float]
    queries: list[Counter[str]]
    wrong: int


@dataclass(frozen=True, slots=True)
class Return:
    """Milliseconds to the first page and until the list is rebuilt; `is_right` says whether both are correct."""

    first_ms: float
    ready_ms: float
    is_right: bool


async def run() -> list[Figure]:
    async with running_stack() as stack, open_stores(stack.settings) as stores, connected(stack.url) as http:
        print(f"deep_pages: settling {FOLLOWED[-1]:,} authors and {len(READERS)} readers", flush=True)
        people = await store_population(stores, _plan(), lists_of=())
        await _retweet(stores, people)
        await rebuild_timelines(stores, [people.ids[reader] for reader in READERS], lambda _: None)
        clients = [await sign_in(http, people.handle(reader), PASSWORD) for reader in READERS]
        depths = [await _walk(stores, people, reader, clients[reader]) for reader in READERS]
        returns = [await _return(stores, people, READERS[-1], clients[-1]) for _ in range(RETURNS)]
    return [*(figure for depth in depths for figure in _figures_of_depth(depth)), *_figures_of_returns(returns)]


def _plan() -> Plan:
    """Readers do not post, and half of them also follow the person who retweets; all others follow nobody."""
    readers = [[*AUTHORS[:count], *sharers] for sharers in ((), (RETWEETER,)) for count in FOLLOWED]
    tweets = [author for place, author in enumerate(AUTHORS) for _ in range(_tweets_of(place))]
    random.Random(1).shuffle(tweets)
    return Plan([*readers, *(() for _ in range(len(readers), STRANGER + 1))], [STRANGER] * RETWEETS + tweets)


def _tweets_of(place: int) -> int:
    return next(tweets for end, tweets in TWEETS.items() if place < end)


async def _retweet(stores: Stores, people: Population) -> None:
    """Retweets of the stranger's tweets, spread evenly over the authors' tweets."""
    shown = people.tweets[STRANGER]
    tweets = sorted(tweet for author in AUTHORS for tweet in people.tweets[author])
    ids = [TweetId(tweet_id + 1) for tweet_id in tweets[:: len(tweets) // RETWEETS][:RETWEETS]]
    rows = [
        {
            "_id": retweet_id,
            "author": people.ids[RETWEETER],
            "retweet_of": tweet_id,
            "retweet_of_author": people.ids[STRANGER],
        }
        for retweet_id, tweet_id in zip(ids, shown, strict=True)
    ]
    assert await insert_new(stores.mongo.collection("tweets"), rows) == RETWEETS
    people.tweets[RETWEETER].extend(ids)


async def _walk(stores: Stores, people: Population, reader: int, client: Client) -> Depth:
    """Reads to the end of the list by the longest pages, then continues by ordinary ones that nobody has read."""
    await _forget(stores, but=(*_KEPT, b"home:"))
    seen: list[int] = []
    end = None
    while len(seen) < stores.timelines.home.length:
        page = await read_page(client, first=_LONGEST_PAGE, after=end)
        seen, end = seen + page.items, page.end
    pages: list[HomePage] = []
    queries: list[Counter[str]] = []
    for _ in range(PAGES):

        async def read(after: str | None = end) -> None:
            pages.append(await read_page(client, after=after))

        queries.append(await queries_of(stores.mongo, read))
        seen, end = seen + pages[-1].items, pages[-1].end
    right = people.timeline(reader)[: stores.timelines.home.length + PAGES * PAGE]
    wrong = sum(one != other for one, other in zip(seen, right, strict=True))
    return Depth(_who(reader), [page.ms for page in pages], queries, wrong)


def _who(reader: int) -> str:
    shared = " and who retweets" if reader >= len(FOLLOWED) else ""
    return f"{FOLLOWED[reader % len(FOLLOWED)]:,} followed{shared}"


async def _return(stores: Stores, people: Population, reader: int, client: Client) -> Return:
    """Reads a first page after everything cached is deleted: list, viewpoint, tweets, people, session."""
    user_id, right = people.ids[reader], people.timeline(reader)
    await _forget(stores, but=_KEPT)
    began = perf_counter()
    page = await read_page(client)
    await until(lambda: _is_whole(stores, user_id))
    ready_ms = (perf_counter() - began) * 1000
    again = await read_page(client)
    is_right = (page.items, page.state) == (right[:PAGE], "REBUILDING")
    is_right &= (again.items, again.state) == (right[:PAGE], "READY")
    is_right &= await stores.timelines.home.ids(user_id) == right[: stores.timelines.home.length]
    return Return(page.ms, ready_ms, is_right)


async def _is_whole(stores: Stores, user_id: UserId) -> bool:
    return len(await stores.timelines.home.ids(user_id)) == stores.timelines.home.length


async def _forget(stores: Stores, *, but: tuple[bytes, ...]) -> None:
    cached = [key async for key in stores.redis.scan_iter(count=1_000) if not key.startswith(but)]
    if cached:
        await stores.redis.delete(*cached)


def _figures_of_depth(depth: Depth) -> list[Figure]:
    asked = most_common_counts(depth.queries)
    most = max(sum(one.values()) for one in depth.queries)
    return [
        Figure("deep_pages", f"page past the list, {depth.who}, p50", f"{percentile(depth.ms, 50):.1f} ms"),
        Figure("deep_pages", "  queries to MongoDB", _counted(asked, most), f"<= {GOAL_QUERIES}"),
        Figure("deep_pages", "  items missing, twice or out of place from the newest down", str(depth.wrong), "0"),
    ]


def _counted(asked: CallCounts, most: int) -> str:
    return f"{asked} (in {asked.share:.0%} of pages, {most} at most)"


def _figures_of_returns(returns: list[Return]) -> list[Figure]:
    first, ready = [one.first_ms for one in returns], [one.ready_ms for one in returns]
    wrong = sum(not one.is_right for one in returns)
    return [
        Figure("deep_pages", f"first page without a list, {_who(READERS[-1])}, p50", f"{percentile(first, 50):.0f} ms"),
        Figure("deep_pages", f"  slowest of {RETURNS}", f"{max(first):.0f} ms", f"<= {GOAL_FIRST_MS} ms"),
        Figure("deep_pages", "  until the list is there, p50", f"{percentile(ready, 50):.0f} ms"),
        Figure("deep_pages", f"  slowest of {RETURNS}", f"{max(ready):.0f} ms", f"<= {GOAL_READY_MS} ms"),
        Figure("deep_pages", "  pages or lists that are wrong", str(wrong), "0"),
    ]
