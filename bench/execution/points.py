"""Milliseconds of processor time a point: what operations take of API, workers and stores, beside what they cost.

`python -m bench points` reads and writes as one of 300 people who follow each other, with a history of 8,400 tweets.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bench.data.peer_dataset import tokens_of
from bench.data.population import Plan, Population, store_population
from bench.deployment.stack import running_stack
from bench.execution.priced_operations import Asked, Variables, operations
from bench.harness.cpu import children
from bench.harness.figures import Figure
from bench.harness.load import post_request, put_load
from bench.harness.settled_cpu import SettledCpu
from core.ids import TweetId, wall_ms
from core.text.entities import extract_entities
from datastore.mongo.bulk import ids_at, insert_new
from datastore.stores import Stores, open_stores
from datastore.tweets.factory import build_tweet
from datastore.tweets.factory import to_document as tweet_document
from schema.roots import build_schema
from schema.work import WORK
from transport.execution.compilation import graphql_schema
from transport.execution.operations import Preparation
from transport.limits.limits import DEFAULT_LIMITS
from transport.request.graphql_request import GraphQLRequest

PEOPLE, FOLLOWED, TWEETS_EACH, RECENT = 300, 40, 18, 3_000
CONNECTIONS = 4
GOAL = 5


class Measured(NamedTuple):
    name: str
    points: int
    ms: float
    parts: Mapping[str, float]

    @property
    def ms_a_point(self) -> float:
        return self.ms / self.points


async def run() -> list[Figure]:
    before = children()
    async with running_stack() as stack, open_stores(stack.settings) as stores:
        people = await store_population(stores, _plan(), lists_of=range(PEOPLE))
        recent = await _store_recent(stores, people)
        tokens = await tokens_of(stores, stack.settings, people.ids)
        cpu, port = SettledCpu(children() - before), int(stack.url.rpartition(":")[2])
        measured = [await _measure(cpu, port, tokens, asked) for asked in operations(people, recent)]
    by_price = sorted(measured, key=lambda one: one.ms_a_point)
    spread = by_price[-1].ms_a_point / by_price[0].ms_a_point
    return [*map(_figure, by_price), Figure("points", "dearest to cheapest point", f"{spread:.1f}", f"<= {GOAL}")]


async def _measure(cpu: SettledCpu, port: int, tokens: Sequence[str], asked: Asked) -> Measured:
    """Reads are asked once before, so that rows are in the caches; acts are not, which would then have been done."""
    requests = list(_requests(tokens, asked))
    is_read = not asked.document.startswith("mutation")
    first, rest = (requests, requests) if is_read else (requests[: CONNECTIONS * 2], requests[CONNECTIONS * 2 :])
    await put_load(port, iter(first), seconds=60.0, connections=CONNECTIONS)
    async with cpu.measured() as parts:
        load = await put_load(port, iter(rest), seconds=120.0, connections=CONNECTIONS)
    assert load.wrong == 0, (asked.name, load.wrong)
    each = {part: ms / len(rest) for part, ms in parts.items()}
    measured = Measured(asked.name, points_of(asked.document, asked.variables(0)), sum(each.values()), each)
    print(f"points: {asked.name}, {measured.ms:.2f} ms, {measured.points} points", flush=True)
    return measured


def points_of(document: str, variables: Variables) -> int:
    preparation = Preparation(
        graphql_schema(build_schema()), DEFAULT_LIMITS, introspection=True, suggestions=True, work=WORK
    )
    return preparation.prepare(GraphQLRequest(document, variables=dict(variables))).cost


def _requests(tokens: Sequence[str], asked: Asked) -> Iterator[bytes]:
    for number in range(asked.times + CONNECTIONS * 2):
        head = {"authorization": f"Bearer {tokens[number % PEOPLE]}"}
        yield post_request("/graphql", {"query": asked.document, "variables": asked.variables(number)}, head)


def _figure(one: Measured) -> Figure:
    parts = ", ".join(f"{part} {ms:.2f}" for part, ms in one.parts.items())
    said = f"{one.ms_a_point:.4f} ms a point: {one.ms:.2f} ms ({parts}), {one.points} points"
    return Figure("points", one.name, said)


def _plan() -> Plan:
    dice = random.Random(8)
    followees = [dice.sample([other for other in range(PEOPLE) if other != one], FOLLOWED) for one in range(PEOPLE)]
    return Plan(followees, [author for _ in range(TWEETS_EACH) for author in range(PEOPLE)])


async def _store_recent(stores: Stores, people: Population) -> list[TweetId]:
    """Tweets of the last hour, with a common word and a tag: searches and rankings look at new ones."""
    dice, began = random.Random(9), wall_ms() - 3_600_000
    ids = [TweetId(number) for number in ids_at(range(began, began + RECENT * 1_000, 1_000))]
    rows = []
    for number, tweet_id in enumerate(ids):
        text = f"Rook {number} flies over a quiet field #rooks {dice.choice(('home', 'away', 'south'))}"
        author = people.ids[number % PEOPLE]
        tweet = build_tweet(tweet_id, author, text, entities=extract_entities(text), mentioned_ids={})
        rows.append(tweet_document(tweet))
    assert await insert_new(stores.mongo.collection("tweets"), rows) == RECENT
    return ids
