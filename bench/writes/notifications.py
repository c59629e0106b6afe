"""Notifications: their cost for the acting user, the rate of a worker, and a page of them."""

from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

import structlog

from bench.data.population import PASSWORD, Plan, Population, store_population
from bench.deployment.stack import Stack, running_stack
from bench.harness.client import Client, connected, sign_in
from bench.harness.figures import Figure, percentile
from bench.harness.waiting import until
from core.ids import TweetId, UserId
from datastore.jobs.queue import JobQueue, enqueue
from datastore.jobs.routing import NOTIFICATIONS
from datastore.stores import Stores, open_stores
from datastore.tweets.likes import like_notice

PEOPLE = 600
PAIRS = 150
ACTS = 600
PAGES = 100
MOST_ADDED = 1.25
_PATIENCE_SECONDS = 60.0
_PAGE = """{ notifications(first: 20) { unreadCount headCursor
  edges { cursor node { id kind actorCount isRead updatedAt actors { handle } tweet { text } } } } }"""


class Measured(NamedTuple):
    """Milliseconds of answers; acts that a worker handles per second."""

    plain: list[float]
    mentioning: list[float]
    hot: float
    spread: float
    pages: list[float]


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    async with running_stack(NOTIFICATIONS) as stack, open_stores(stack.settings) as stores:
        people = await store_population(stores, Plan([[] for _ in range(PEOPLE)], list(range(PEOPLE))), lists_of=())
        return _figures(await _measure(stack, stores, people))


async def _measure(stack: Stack, stores: Stores, people: Population) -> Measured:
    tweets = [tweets[0] for tweets in people.tweets]
    async with connected(stack.url) as http:
        author = await sign_in(http, people.handle(1), PASSWORD)
        plain, mentioning = await _posted(author, people)
        await until(lambda: _is_idle(stores), within=_PATIENCE_SECONDS)
        hot = await _rate(stores, people.ids, [tweets[0]] * ACTS)
        spread = await _rate(stores, people.ids, [tweets[-1 - number % PEOPLE] for number in range(ACTS)])
        reader = await sign_in(http, people.handle(2), PASSWORD)
        pages = [await _page(reader) for _ in range(PAGES)]
    return Measured(plain, mentioning, hot, spread, pages)


async def _posted(author: Client, people: Population) -> tuple[list[float], list[float]]:
    """Measures both in turn, so that other load on the machine affects both."""
    plain, mentioning = [], []
    for number in range(PAIRS):
        plain.append(await _post(author, f"nobody is named here {number}"))
        mentioning.append(await _post(author, f"for @{people.handle(2)} and @{people.handle(3 + number)}"))
    return plain, mentioning


async def _post(author: Client, text: str) -> float:
    began = perf_counter()
    await author.post(text)
    return (perf_counter() - began) * 1000


async def _rate(stores: Stores, people: Sequence[UserId], tweets: Sequence[TweetId]) -> float:
    """Makes all likes first; then a worker gets all their jobs at once."""
    jobs = [like_notice(stores.ids(), person, tweet) for person, tweet in zip(people, tweets, strict=True)]
    for job in jobs:
        await stores.tweets.likes.like(job.act_id, job.actor_id, TweetId(job.target))
    began = perf_counter()
    await enqueue(stores.jobs.redis, *jobs)
    await until(lambda: _is_idle(stores), within=_PATIENCE_SECONDS)
    return len(tweets) / (perf_counter() - began)


async def _is_idle(stores: Stores) -> bool:
    if (await JobQueue(stores.jobs.redis, NOTIFICATIONS).lag()).open_jobs:
        return False
    return not await stores.mongo.collection("likes").count_documents({"untold": {"$gt": 0}}, limit=1)


async def _page(reader: Client) -> float:
    began = perf_counter()
    answer = await reader.http.post(
        "/graphql", json={"query": _PAGE}, headers={"authorization": f"Bearer {reader.token}"}
    )
    ms = (perf_counter() - began) * 1000
    assert len(answer.json()["data"]["notifications"]["edges"]) == 20
    return ms


def _figures(measured: Measured) -> list[Figure]:
    plain, mentioning = percentile(measured.plain, 50), percentile(measured.mentioning, 50)
    return [
        Figure("notifications", f"a post that names nobody, p50 of {PAIRS}", f"{plain:.1f} ms"),
        Figure(
            "notifications",
            "  one that names two",
            f"{mentioning:.1f} ms",
            f"<= {MOST_ADDED}",
            f"{mentioning / plain:.2f}",
        ),
        Figure("notifications", f"{ACTS} likes of one tweet told by one worker", f"{measured.hot:.0f} acts/s"),
        Figure("notifications", f"  of {ACTS} people's tweets", f"{measured.spread:.0f} acts/s"),
        Figure("notifications", "a page of 20 with the unread count, p50", f"{percentile(measured.pages, 50):.1f} ms"),
        Figure("notifications", "  p99", f"{percentile(measured.pages, 99):.1f} ms"),
    ]
