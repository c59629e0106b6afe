"""2,000 acts by 25 people at once on two API processes, while both worker processes are killed every 2 seconds."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from bench.acts.act_requests import FOLLOWERS, PEOPLE, population_plan
from bench.data.peer_dataset import tokens_of
from bench.data.population import Population, store_population
from bench.deployment.stack import running_api, running_stores, running_workers
from bench.harness.figures import Figure, percentile
from bench.harness.load import Load, post_request, put_load
from core.settings import Settings, Switch
from datastore.stores import open_stores
from schema.values.nodes import NodeType, global_id

ACTS, APIS, WORKERS, KILL_SECONDS = 2_000, 2, 2, 2.0
GOAL_MS = 500
_ON_TWEETS, _ON_PEOPLE = ("like", "unlike", "retweet", "unretweet", "bookmark", "unbookmark"), ("follow", "unfollow")


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    async with running_stores(rate_limit=Switch.OFF) as settings, AsyncExitStack() as stack:
        async with open_stores(settings) as stores:
            people = await store_population(stores, population_plan(), lists_of=range(PEOPLE + 1 + FOLLOWERS))
            tokens = await tokens_of(stores, settings, people.ids[:PEOPLE])
        ports = [int((await stack.enter_async_context(running_api(settings))).rpartition(":")[2]) for _ in range(APIS)]
        async with _dying_workers(settings):
            loads = await asyncio.gather(*[_put(port, people, tokens, at) for at, port in enumerate(ports)])
    return _figures(loads)


async def _put(port: int, people: Population, tokens: Sequence[str], at: int) -> Load:
    requests = _requests(people, tokens, random.Random(at))
    return await put_load(port, requests, seconds=600.0, connections=PEOPLE // APIS + at)


def _requests(people: Population, tokens: Sequence[str], dice: random.Random) -> Iterator[bytes]:
    tweets, others = people.tweets[PEOPLE], people.ids[PEOPLE:]
    for number in range(ACTS // APIS):
        if number % 4:
            act, argument, target = dice.choice(_ON_TWEETS), "tweetId", global_id(NodeType.TWEET, dice.choice(tweets))
        else:
            act, argument, target = dice.choice(_ON_PEOPLE), "userId", global_id(NodeType.USER, dice.choice(others))
        query = f"mutation($id: ID!) {{ {act}({argument}: $id) {{ userErrors {{ message }} }} }}"
        head = {"authorization": f"Bearer {dice.choice(tokens)}"}
        yield post_request("/graphql", {"query": query, "variables": {"id": target}}, head)


@asynccontextmanager
async def _dying_workers(settings: Settings) -> AsyncIterator[None]:
    dying = [asyncio.create_task(_start_and_kill(settings)) for _ in range(WORKERS)]
    try:
        yield
    finally:
        for task in dying:
            task.cancel()
        await asyncio.gather(*dying, return_exceptions=True)


async def _start_and_kill(settings: Settings) -> None:
    while True:
        async with running_workers(settings) as worker:
            await asyncio.sleep(KILL_SECONDS)
            worker.kill()


def _figures(loads: Sequence[Load]) -> list[Figure]:
    ms, wrong = [one for load in loads for one in load.ms], sum(load.wrong for load in loads)
    said = f"p50 {percentile(ms, 50):.1f}, p99 {percentile(ms, 99):.1f} ms, {sum(load.rate for load in loads):.0f}/s"
    name = f"{ACTS:,} acts while both workers are killed every {KILL_SECONDS:g} s"
    return [
        Figure("acts_under_kills", name, said, f"p99 <= {GOAL_MS} ms"),
        Figure("acts_under_kills", "refused", str(wrong), "0"),
    ]
