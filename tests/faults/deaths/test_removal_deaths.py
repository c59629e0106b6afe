"""Workers killed while moderators remove tweets and give them back: live readers end with what the decisions say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import monotonic

import pytest

from tests.support.people import Person, sign_up
from tests.support.processes.worker_processes import KilledProcesses, worker_processes
from tests.support.scenarios.moderators import moderate, revoke, sign_up_moderator
from tests.support.scenarios.timelines.live_timeline import LiveTimeline, live_timeline
from tests.support.service import Service, running_service, settings_for
from tests.support.waiting import eventually

pytestmark = pytest.mark.lengthy
WITHIN_SECONDS, KILL_EVERY_SECONDS, WORKERS = 60.0, 0.4, 2
READERS, TWEETS, ROUNDS = 4, 4, 2


@pytest.fixture
async def world(service_database: str, redis_url: str) -> AsyncIterator[tuple[Service, KilledProcesses]]:
    settings = settings_for(service_database, redis_url, rate_limit="off")
    async with worker_processes(settings, WORKERS) as workers, running_service(settings, with_workers=False) as service:
        yield service, workers


async def test_removals_reach_live_readers_though_workers_die(world: tuple[Service, KilledProcesses]) -> None:
    service, workers = world
    alice, moderator = await sign_up(service, "alice"), await sign_up_moderator(service)
    readers = [await sign_up(service, "reader") for _ in range(READERS)]
    for reader in readers:
        await reader.follow(alice)
    tweets = [await alice.post(f"tweet {number}") for number in range(TWEETS)]
    await service.settle()
    async with AsyncExitStack() as stack:
        watching = [await stack.enter_async_context(live_timeline(reader)) for reader in readers]
        for _ in range(ROUNDS):
            decisions = [await moderate(moderator, tweet, "REMOVE") for tweet in tweets]
            await settle_with_deaths(service, workers)
            await all_show(watching, set())
            for decision in decisions:
                await revoke(moderator, decision)
            await settle_with_deaths(service, workers)
            await all_show(watching, set(tweets))
        assert [timeline.wrong for timeline in watching] == [[]] * READERS
    assert [await homes_of(reader) for reader in readers] == [tweets[::-1]] * READERS


async def homes_of(reader: Person) -> list[str]:
    return [edge["node"]["id"] for edge in (await reader.home())["edges"]]


async def all_show(watching: list[LiveTimeline], tweets: set[str]) -> None:
    async def do_show() -> bool:
        return all({tweet for tweet, _ in timeline.shown.values()} == tweets for timeline in watching)

    await eventually(do_show, within=WITHIN_SECONDS)


async def settle_with_deaths(service: Service, workers: KilledProcesses) -> None:
    """Kills one worker after the other until all is done, in time."""
    began, number = monotonic(), 0
    while not await service.is_settled():
        assert monotonic() - began < WITHIN_SECONDS
        await asyncio.sleep(KILL_EVERY_SECONDS)  # the fault itself: a death at some moment
        if number < WORKERS:
            workers.kill(number)
            number += 1
