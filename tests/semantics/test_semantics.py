"""Under random acts, with workers killed in between, every answer of the real API equals that of the model."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import hypothesis
import pytest
from hypothesis import HealthCheck, given

from tests.support.model.acts import MODERATED, Act, Step, Story, stories
from tests.support.model.compare.facts import (
    compare_ancestors,
    compare_gone,
    compare_own,
    compare_people,
    compare_retweets,
    compare_tweets,
)
from tests.support.model.compare.homes import compare_home, glance
from tests.support.model.compare.lists import compare_lists
from tests.support.model.compare.member_lists import compare_member_lists, compare_own_lists
from tests.support.model.compare.profiles import look_at_profile
from tests.support.model.decisions import play_decision
from tests.support.model.plans import who_acts
from tests.support.model.play import play
from tests.support.model.stage import Stage, set_up
from tests.support.people import Person
from tests.support.processes.worker_processes import KilledProcesses, worker_processes
from tests.support.service import Service, running_service, settings_for

pytestmark = pytest.mark.lengthy
# So small that stories often exceed the list, and the limit above which authors are merged at read.
TIMELINE_LENGTH = 6
FANOUT_LIMIT = 3
WORKERS = 2


@dataclass(frozen=True, slots=True, repr=False)
class World:
    service: Service
    workers: KilledProcesses


@pytest.fixture
async def world(service_database: str, redis_url: str) -> AsyncIterator[World]:
    settings = settings_for(
        service_database, redis_url, timeline_length=TIMELINE_LENGTH, fanout_limit=FANOUT_LIMIT, rate_limit="off"
    )
    async with (
        worker_processes(settings, WORKERS, is_one_at_a_time=True) as workers,
        running_service(settings, with_workers=False) as service,
    ):
        yield World(service, workers)


def settings(stories: int) -> hypothesis.settings:
    # All stories of a test share stores and workers; each has its own people.
    return hypothesis.settings(
        max_examples=stories,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@settings(3)
@given(story=stories(acts=200, weights=MODERATED))
async def test_every_answer_is_the_defined_one_after_random_acts(world: World, story: Story) -> None:
    await run_story(world, story)


@pytest.mark.long
@settings(115)
@given(story=stories(acts=200, weights=MODERATED))
async def test_every_answer_is_the_defined_one_after_many_random_acts(world: World, story: Story) -> None:
    await run_story(world, story)


async def run_story(world: World, story: Story) -> None:
    """Plays the acts, compares some answers in between and all of them at the end."""
    stage = await set_up(world.service, story.people)
    for act in story.acts:
        await _step(world, stage, act, story.page)
    await _compare(stage, stage.active(), story.page)


async def _step(world: World, stage: Stage, act: Act, page: int) -> None:
    match act.kind:
        case Step.NOTHING:
            return
        case Step.COMPARE:
            stage.note("some answers are compared")
            await _compare(stage, [who_acts(stage, act)], page)
        case Step.GLANCE:
            await glance(stage, who_acts(stage, act), page)
        case Step.LOSE_LIST:
            await _lose_list(stage, who_acts(stage, act))
        case Step.LOSE_REDIS:
            stage.note("all that Redis holds is lost")
            await world.service.stores.redis.flushdb()
        case Step.KILL:
            stage.note("a worker is killed")
            world.workers.kill(act.which)
        case Step.SUSPEND | Step.LIMIT | Step.REVOKE | Step.EXPIRE:
            await play_decision(stage, act)
        case _:
            await play(stage, act)
            await look_at_profile(stage, act, page)


async def _lose_list(stage: Stage, person: Person) -> None:
    """Drops the home list, as after a month of absence."""
    stage.note(f"the home list of {person.handle} is dropped")
    number = (await stage.service.stores.users.accounts.ids_by_handle([person.handle.lower()]))[person.handle.lower()]
    await stage.service.stores.timelines.home.drop(number)


async def _compare(stage: Stage, viewers: list[Person], page: int) -> None:
    await stage.service.settle()
    for place, viewer in enumerate(viewers):
        await compare_home(stage, viewer, page)
        await compare_tweets(stage, viewer)
        if place % 3 == 0:
            await compare_people(stage, viewer)
            await compare_own(stage, viewer)
            await compare_lists(stage, viewer, place * 5 + len(stage.log), page)
            await compare_ancestors(stage, viewer, place)
            await compare_own_lists(stage, viewer)
            await compare_member_lists(stage, viewer, page, place)
            await compare_retweets(stage, stage.active()[-1 - place // 3], viewer)
    await compare_tweets(stage, None)
    await compare_people(stage, None)
    await compare_member_lists(stage, None, page)
    await compare_gone(stage)
