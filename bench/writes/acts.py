"""Acts by 25 people at once: processor time of every process, of this checkout and an older one in alternating rounds.

`python -m bench acts` measures this checkout alone; `ROOKERY_BENCH_OLD=FOLDER` adds another one. Each build has
an API process, a worker process, a MongoDB and a Redis of its own. A round ends when nothing is left to be done: when
the processes of the build use no more processor time than before it.
"""

import asyncio
import os
import random
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple

import structlog
from pydantic import SecretStr

from bench.data.peer_dataset import tokens_of
from bench.data.population import Plan, Population, store_population
from bench.deployment.stack import NO_ACT_LIMITS, ROOT, running_program, stack_environment, until_listening
from bench.harness.cpu import children
from bench.harness.figures import Figure
from bench.harness.load import Load, post_request, put_load
from bench.harness.settled_cpu import PARTS, SettledCpu
from core.settings import Settings, Switch
from datastore.embedded.stores import embedded_stores, free_port
from datastore.stores import Stores, open_stores
from schema.values.nodes import NodeType, global_id

OLD = "ROOKERY_BENCH_OLD"
PEOPLE, TWEETS, FOLLOWERS, PASSES = 25, 25, 10, 1
ROUNDS = 2
_ON_TWEETS = ("like", "unlike", "retweet", "unretweet")
_ON_PEOPLE = ("follow", "unfollow")
_TWEET = "{ tweet { id likeCount retweetCount viewerHasLiked viewerHasRetweeted } userErrors { message } }"
_USER = "{ user { id relationship { isFollowing } } userErrors { message } }"
GOALS = {"post": 4.0, **dict.fromkeys((*_ON_TWEETS, *_ON_PEOPLE), 10.0)}


class Spent(NamedTuple):
    """One round of one build. `ms`: processor time of an act, by part."""

    load: Load
    ms: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.ms.values())


@dataclass(slots=True)
class Build:
    """A checkout that serves on stores of its own."""

    name: str
    port: int
    cpu: SettledCpu
    people: Population
    tokens: Sequence[str]
    rounds: dict[str, list[Spent]] = field(default_factory=dict)

    async def measure(self, act: str, requests: Sequence[bytes]) -> None:
        async with self.cpu.measured() as spent:
            load = await put_load(self.port, iter(requests), seconds=600.0, connections=PEOPLE)
        ms = {part: one / len(load.ms) for part, one in spent.items()}
        self.rounds.setdefault(act, []).append(Spent(load, ms))


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    old = os.environ.get(OLD)
    async with AsyncExitStack() as stack:
        builds = [await stack.enter_async_context(_serving("this", ROOT))]
        if old:
            builds.insert(0, await stack.enter_async_context(_serving("old", Path(old))))
        for turn in range(ROUNDS):
            print(f"acts: round {turn + 1} of {ROUNDS}", flush=True)
            for act, requests in _acts(turn):
                for build in reversed(builds) if turn % 2 else builds:
                    await build.measure(act, requests(build))
    return [figure for act in builds[0].rounds for figure in _figures(act, builds)]


def _acts(turn: int) -> Iterator[tuple[str, Callable[[Build], list[bytes]]]]:
    """Documents of the acts; each undoing act follows its act."""
    for act in _ON_TWEETS:
        yield act, lambda build, act=act: _on_tweets(build, act, turn)  # type: ignore[misc]
    for act in _ON_PEOPLE:
        yield act, lambda build, act=act: _on_people(build, act, turn)  # type: ignore[misc]
    yield "post", lambda build: _posts(build, turn)


def _on_tweets(build: Build, act: str, turn: int) -> list[bytes]:
    """Each of the actors on each of 25 tweets, some passes over tweets that nobody has seen before."""
    query = f"mutation($id: ID!) {{ {act}(tweetId: $id) {_TWEET} }}"
    author = PEOPLE
    requests = []
    for a_pass in range(PASSES):
        first = (turn * PASSES + a_pass) * TWEETS
        tweets = build.people.tweets[author][first : first + TWEETS]
        pairs = [(person, tweet) for tweet in tweets for person in range(PEOPLE)]
        random.Random(a_pass).shuffle(pairs)
        requests += [_request(build, p, query, {"id": global_id(NodeType.TWEET, tweet)}) for p, tweet in pairs]
    return requests


def _on_people(build: Build, act: str, turn: int) -> list[bytes]:
    query = f"mutation($id: ID!) {{ {act}(userId: $id) {_USER} }}"
    first = PEOPLE + 1 + FOLLOWERS + turn * TWEETS
    pairs = [(person, other) for other in range(first, first + TWEETS) for person in range(PEOPLE)]
    random.Random(turn).shuffle(pairs)
    users = build.people.ids
    return [_request(build, p, query, {"id": global_id(NodeType.USER, users[other])}) for p, other in pairs]


def _posts(build: Build, turn: int) -> list[bytes]:
    query = "mutation($text: String!) { postTweet(input: {text: $text}) { tweet { id } userErrors { message } } }"
    texts = [f"Nest {turn} {number} stands in a tall elm" for number in range(PEOPLE * TWEETS)]
    return [_request(build, number % PEOPLE, query, {"text": text}) for number, text in enumerate(texts)]


def _request(build: Build, person: int, query: str, variables: Mapping[str, object]) -> bytes:
    head = {"authorization": f"Bearer {build.tokens[person]}"}
    return post_request("/graphql", {"query": query, "variables": variables}, head)


@asynccontextmanager
async def _serving(name: str, folder: Path) -> AsyncIterator[Build]:
    """The code of a folder, on stores that hold 25 actors, an author, 10 followers of each actor, and others."""
    before = children()
    async with embedded_stores(None) as urls:
        key = SecretStr(secrets.token_urlsafe(32))
        settings = Settings(
            mongo_url=urls.mongo, redis_url=urls.redis, secret_key=key, rate_limit=Switch.ON, **NO_ACT_LIMITS
        )
        async with open_stores(settings) as stores:
            people = await store_population(stores, _plan(), lists_of=range(PEOPLE + 1 + FOLLOWERS))
            tokens = await tokens_of(stores, settings, people.ids[:PEOPLE])
            await _drop_indexes(stores)
        environment = stack_environment(settings)
        port = free_port()
        indexes = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "datastore", "indexes", cwd=folder, env=environment
        )
        assert await indexes.wait() == 0
        api = (sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning")
        async with (
            running_program(sys.executable, "-m", "workers", environment=environment, folder=folder),
            running_program(*api, environment=environment, folder=folder) as process,
        ):
            await until_listening(port, process)
            yield Build(name, port, SettledCpu(children() - before), people, tokens)


def _plan() -> Plan:
    """Persons: 25 actors, an author of many tweets, 10 who follow every actor, and others to be followed."""
    author, followers = PEOPLE, range(PEOPLE + 1, PEOPLE + 1 + FOLLOWERS)
    others = ROUNDS * TWEETS
    followees: list[Sequence[int]] = [[author] for _ in range(PEOPLE)]
    followees += [[], *([*range(PEOPLE)] for _ in followers), *([] for _ in range(others))]
    return Plan(followees, [author] * (ROUNDS * PASSES * TWEETS))


async def _drop_indexes(stores: Stores) -> None:
    """Each build makes its own indexes."""
    for name in await stores.mongo.database.list_collection_names():
        await stores.mongo.collection(name).drop_indexes()


def _figures(act: str, builds: Sequence[Build]) -> Iterator[Figure]:
    for build in builds:
        rounds = build.rounds[act]
        parts = ", ".join(f"{part} {median(one.ms[part] for one in rounds):.2f}" for part in PARTS.values())
        rate = median(one.load.rate for one in rounds)
        p50, p99 = (median(one.load.percentile(percent) for one in rounds) for percent in (50, 99))
        wrong = sum(one.load.wrong for one in rounds)
        total = median(one.total for one in rounds)
        said = f"{total:.2f} ms ({parts}), {rate:.0f}/s, p50 {p50:.1f}, p99 {p99:.1f} ms" + f", {wrong} wrong" * bool(
            wrong
        )
        yield Figure("acts", f"{act}: {build.name}", said)
    if len(builds) == 2:
        old, new = builds
        cost = [b.total / a.total for a, b in zip(old.rounds[act], new.rounds[act], strict=True)]
        pace = [b.load.rate / a.load.rate for a, b in zip(old.rounds[act], new.rounds[act], strict=True)]
        yield Figure("acts", f"{act}: processor time, this to old", _each(cost), f"<= {1 / GOALS[act]:.2f}", _mid(cost))
        yield Figure("acts", f"{act}: acts a second, this to old", _each(pace), ">= 10", _mid(pace))


def _each(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


def _mid(values: Sequence[float]) -> str:
    return f"{median(values):.2f}"
