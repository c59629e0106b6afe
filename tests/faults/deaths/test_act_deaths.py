"""Acts while API and worker processes are killed in the midst of their batches: each is done, counted and told once."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from tests.datastore.opened import indexed
from tests.support.people import sign_up
from tests.support.processes.api_processes import ApiProcesses, api_processes
from tests.support.processes.worker_processes import KilledProcesses, worker_processes
from tests.support.scenarios.acting_town import Town, Wish
from tests.support.scenarios.timelines.resuming_client import RetryingApi
from tests.support.service import NO_AUTHORITIES, running_service, settings_for
from tests.support.waiting import eventually
from tests.workers.compare_counts import compare, compare_people

pytestmark = pytest.mark.lengthy
TWEETS, AT_ONCE, POSTS_AT_ONCE = 6, 25, 2
ACTS, ACTORS, KILL_SECONDS = 2_000, 25, 2.0
DRAIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Stage:
    town: Town
    apis: ApiProcesses
    workers: KilledProcesses


@asynccontextmanager
async def staged(mongo_url: str, redis_url: str, seed: int, people: int) -> AsyncIterator[Stage]:
    await indexed(mongo_url)
    settings = settings_for(mongo_url, redis_url, rate_limit="off")
    async with (
        worker_processes(settings, 2) as workers,
        api_processes(settings, 2) as apis,
        running_service(settings, with_workers=False) as service,
        httpx.AsyncClient(timeout=10.0, verify=NO_AUTHORITIES) as http,
    ):
        everybody = [await sign_up(service, "person") for _ in range(people)]
        town = Town(service, RetryingApi(apis, service.stores, http), everybody, random.Random(seed))
        for author in range(TWEETS):
            await town.post_to_act_on(author)
        yield Stage(town, apis, workers)


async def test_each_act_is_done_counted_and_told_once_after_some_kills(mongo_url: str, redis_url: str) -> None:
    await play(mongo_url, redis_url, seed=1, kills_of_apis=2, kills_of_workers=4)


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 3])
async def test_each_act_is_done_counted_and_told_once_after_20_kills_of_apis_and_50_of_workers(
    mongo_url: str, redis_url: str, seed: int
) -> None:
    await play(mongo_url, redis_url, seed=seed, kills_of_apis=20, kills_of_workers=50)


@pytest.mark.long
async def test_no_act_is_refused_while_both_workers_are_killed_every_two_seconds(
    mongo_url: str, redis_url: str
) -> None:
    async with staged(mongo_url, redis_url, seed=4, people=ACTORS) as stage:
        town, is_over = stage.town, asyncio.Event()
        killing = asyncio.create_task(kill_both_until(is_over, stage.workers))
        turns = [town.dice.choices(list(town.wishes_of(who)), k=ACTS // ACTORS) for who in range(ACTORS)]
        await asyncio.gather(*[act_in_turn(town, wishes) for wishes in turns])
        is_over.set()
        await killing
        assert town.api.failures == 0
        await compare_all(town)


async def play(mongo_url: str, redis_url: str, *, seed: int, kills_of_apis: int, kills_of_workers: int) -> None:
    async with staged(mongo_url, redis_url, seed, people=8) as stage:
        kills = ["api"] * kills_of_apis + ["worker"] * kills_of_workers
        stage.town.dice.shuffle(kills)
        for killed in kills:
            await burst(stage, killed)
        await compare_all(stage.town)


async def burst(stage: Stage, killed: str) -> None:
    """Acts at once; the first answer shows that their batches are under way, and then a process dies."""
    town = stage.town
    town.acted.clear()
    everything = [wish for who in range(len(town.people)) for wish in town.wishes_of(who)]
    acts = [town.toggle(wish) for wish in town.dice.sample(everything, AT_ONCE)]
    posts = [town.post(town.dice.randrange(len(town.people))) for _ in range(POSTS_AT_ONCE)]

    async def kill() -> None:
        await town.acted.wait()
        if killed == "api":
            await stage.apis.kill(town.dice.randrange(2))
        else:
            stage.workers.kill(town.dice.randrange(2))

    await asyncio.gather(*acts, *posts, town.edit(), kill())


async def act_in_turn(town: Town, wishes: Sequence[Wish]) -> None:
    for wish in wishes:
        await town.toggle(wish)


async def kill_both_until(is_over: asyncio.Event, workers: KilledProcesses) -> None:
    while not is_over.is_set():
        try:
            await asyncio.wait_for(is_over.wait(), KILL_SECONDS)
        except TimeoutError:
            for _ in range(2):
                workers.kill(0)


async def compare_all(town: Town) -> None:
    await eventually(town.service.is_settled, within=DRAIN_SECONDS)
    await compare(town.service.stores)
    await compare_people(town.service.stores)
    await town.check()
