"""Generated networks of any size, with popularity by a power law, each on its own stores and processes."""

import random
from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import accumulate, islice
from time import perf_counter
from typing import NamedTuple

from bench.data.population import PASSWORD, Plan, Population, store_population
from bench.deployment.stack import running_api, running_stores, running_workers
from bench.harness.client import Client, connected, sign_in
from bench.harness.cpu import children
from bench.harness.home_page import PAGE
from core.ids import UserId
from datastore.stores import Stores, open_stores

# FOLLOWEES is the mean; the most popular tenth of the people are the authors.
FOLLOWEES = 10
TWEETS_OF_AN_AUTHOR = 5
READERS = 6
_SAMPLE = 40
# The weight of the n-th in popularity, from 0, is 1 / (n + _SHIFT) ** _POWER.
_POWER, _SHIFT = 0.8, 4


class Author(NamedTuple):
    client: Client
    followers: Sequence[UserId]


@dataclass(frozen=True, slots=True)
class ScaledNetwork:
    """`median` and `star` are the authors with the median and the highest number of followers that are pushed to.

    `readers` are pairs of a person's number and their client.
    """

    people: Population
    stores: Stores
    processes: AbstractSet[int]
    readers: Sequence[tuple[int, Client]]
    median: Author
    star: Author

    async def wrong_lists(self) -> int:
        """The number of lists in a sample that differ from MongoDB."""
        wrong = 0
        for user_id in random.Random(0).sample(self.people.ids, _SAMPLE):
            view = await self.stores.users.viewpoints.current(user_id)
            right = await self.stores.timelines.candidates.newest_ids(view, self.stores.timelines.home.length)
            wrong += await self.stores.timelines.home.ids(user_id) != right
        return wrong


@asynccontextmanager
async def open_scaled_network(size: int) -> AsyncIterator[ScaledNetwork]:
    began = perf_counter()
    plan, others = _plan(size), children()
    async with running_stores() as settings, open_stores(settings) as stores, AsyncExitStack() as opened:
        people = await store_population(stores, plan, lists_of=range(size))
        await opened.enter_async_context(running_workers(settings))
        url = await opened.enter_async_context(running_api(settings))
        http = await opened.enter_async_context(connected(url))

        async def client_of(person: int) -> Client:
            return await sign_in(http, people.handle(person), PASSWORD)

        async def author(person: int) -> Author:
            return Author(await client_of(person), [people.ids[other] for other in people.followers[person]])

        readers = [(person, await client_of(person)) for person in _readers(people)]
        sizes = [(len(followers), person) for person, followers in enumerate(people.followers) if followers]
        known = sorted(some for some in sizes if some[0] <= stores.timelines.live_followers.limit)
        median, star = await author(known[len(known) // 2][1]), await author(known[-1][1])
        print(f"network_size: {size:,} people settled in {perf_counter() - began:.0f} s", flush=True)
        yield ScaledNetwork(people, stores, children() - others, readers, median, star)


def _plan(size: int) -> Plan:
    dice = random.Random(size)
    weights = list(accumulate(1 / (place + _SHIFT) ** _POWER for place in range(size)))
    followees = []
    for person in range(size):
        drawn = dice.choices(range(size), cum_weights=weights, k=dice.randint(1, 2 * FOLLOWEES))
        followees.append(sorted({*drawn} - {person}))
    authors = [author for author in range(size // 10) for _ in range(TWEETS_OF_AN_AUTHOR)]
    dice.shuffle(authors)
    return Plan(followees, authors)


def _readers(people: Population) -> list[int]:
    """Random people whose timeline fills a page."""
    anybody = random.Random(0).sample(range(len(people.ids)), len(people.ids))
    return list(islice((person for person in anybody if len(people.timeline(person)) > PAGE), READERS))
