"""Under random acts and their undoing, notifications of the real API equal those of the model."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from core.settings import Switch
from tests.support.model.acts import NUMBERS, Act, Kind, Step
from tests.support.model.decisions import play_decision
from tests.support.model.notifications import KINDS, NotificationModel, NotificationView
from tests.support.model.plans import has_equal_words, who_acts
from tests.support.model.play import play
from tests.support.model.stage import Stage, set_up
from tests.support.people import Person
from tests.support.processes.worker_processes import KilledProcesses, worker_processes
from tests.support.scenarios.notifications import NOTIFICATIONS, PREFER, READ, UNREAD
from tests.support.service import Service, running_service, settings_for

pytestmark = pytest.mark.lengthy
AUDIENCES = ("EVERYONE", "EVERYONE", "FOLLOWING", "NOBODY")
FILTERS = ("ALL", "MENTIONS", "UNREAD")
WORKERS = 2
# Their notifications do not depend on unfinished jobs.
_FREE = (
    *(Kind.POST, Kind.LIKE, Kind.UNLIKE, Kind.RETWEET, Kind.UNRETWEET, Kind.DELETE),
    *(Kind.MUTE_CONVERSATION, Kind.UNMUTE_CONVERSATION),
)
_WEIGHTS: dict[Kind | Step, int] = {
    Kind.POST: 26,
    Kind.EDIT: 12,
    Kind.LIKE: 24,
    Kind.RETWEET: 10,
    Kind.FOLLOW: 12,
    **dict.fromkeys((Kind.UNLIKE, Kind.DELETE, Kind.UNFOLLOW, Kind.REMOVE_FOLLOWER, Kind.ACCEPT, Kind.PROTECT), 4),
    **dict.fromkeys((Kind.UNRETWEET, Kind.BLOCK, Kind.MUTE, Kind.UNMUTE, Kind.MUTE_CONVERSATION), 4),
    **dict.fromkeys((Kind.REMOVE, Kind.RESTORE), 4),
    **dict.fromkeys((Kind.UNBLOCK, Kind.MUTE_WORDS, Kind.REJECT, Kind.UNMUTE_CONVERSATION), 2),
    **dict.fromkeys((Step.SUSPEND, Step.LIMIT, Step.REVOKE), 2),
    **dict.fromkeys((Kind.LEAVE, Step.NOTHING, Step.LOSE_REDIS, Step.KILL, Step.COMPARE), 1),
}


class Choice(StrEnum):
    """Acts of people on their own notifications."""

    READ_ALL = "reads all"
    READ_SOME = "reads up to one"
    PREFER = "chooses an audience"


@dataclass(frozen=True, slots=True)
class Choosing:
    choice: Choice
    act: Act


@dataclass(frozen=True, slots=True)
class Story:
    people: int
    page: int
    steps: tuple[Act | Choosing, ...]


def stories(length: int) -> st.SearchStrategy[Story]:
    kinds = st.sampled_from([kind for kind, weight in _WEIGHTS.items() for _ in range(weight)])
    number = st.integers(0, NUMBERS - 1)
    acts = st.builds(Act, kinds, number, number, number, st.integers(0, 511))
    choices = st.builds(Choosing, st.sampled_from(list(Choice)), acts)
    step = st.one_of(*[acts] * 7, choices)
    return st.builds(
        Story,
        people=st.sampled_from([4, 3, 5, 12]),
        page=st.sampled_from([3, 1, 5, 7, 13]),
        steps=st.lists(step, min_size=length, max_size=length).map(tuple),
    )


@pytest.fixture(autouse=True)
def _one_act_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is under way when a moderator decides, so that none is waited for."""
    monkeypatch.setattr("workers.moderation.people.UNDER_WAY_SECONDS", 0.0)


def settings(stories: int) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=stories,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@dataclass(frozen=True, slots=True, repr=False)
class World:
    service: Service
    workers: KilledProcesses | None = None


@pytest.fixture
async def world(service: Service) -> World:
    return World(service)


@pytest.fixture
async def mortal_world(service_database: str, redis_url: str) -> AsyncIterator[World]:
    """A world whose workers may be killed."""
    settings = settings_for(service_database, redis_url, rate_limit="off")
    async with (
        worker_processes(settings, WORKERS, is_one_at_a_time=True) as workers,
        running_service(settings, with_workers=False) as service,
    ):
        yield World(service, workers)


@settings(4)
@given(story=stories(100))
async def test_notifications_are_the_defined_ones_after_random_acts(world: World, story: Story) -> None:
    await run_story(world, story)


@pytest.mark.long
@settings(40)
@given(story=stories(150))
async def test_notifications_are_the_defined_ones_after_many_random_acts_and_deaths(
    mortal_world: World, story: Story
) -> None:
    await run_story(mortal_world, story)


async def run_story(world: World, story: Story) -> None:
    stage = await set_up(world.service, story.people)
    voices_count = world.service.settings.rate_limit is Switch.ON
    model = NotificationModel(stage.model, voices_count=voices_count)
    for step in story.steps:
        if isinstance(step, Choosing):
            await stage.service.settle()
            await _choose(stage, model, step)
        else:
            await _act(world, stage, model, step, story.page)
    for viewer in stage.active():
        await _compare(stage, model, viewer, story.page)


async def _act(world: World, stage: Stage, model: NotificationModel, act: Act, page: int) -> None:
    match act.kind:
        case Step.NOTHING:
            return
        case Step.COMPARE:
            await _compare(stage, model, who_acts(stage, act), page)
        case Step.LOSE_REDIS:
            stage.note("all that Redis holds is lost")
            await world.service.stores.redis.flushdb()
        case Step.KILL if world.workers is not None:
            stage.note("a worker is killed")
            world.workers.kill(act.which)
        case Step.SUSPEND | Step.LIMIT | Step.REVOKE | Kind():
            await _play(stage, model, act)


async def _play(stage: Stage, model: NotificationModel, act: Act) -> None:
    may_be_equal = has_equal_words(act) or act.kind is Kind.EDIT
    if act.kind not in _FREE or may_be_equal:
        await stage.service.settle()
    await (play(stage, act) if isinstance(act.kind, Kind) else play_decision(stage, act))
    model.catch_up()
    if may_be_equal:  # whether it tells anything depends on the posts that stand as its job runs
        await stage.service.settle()


async def _choose(stage: Stage, model: NotificationModel, choosing: Choosing) -> None:
    act, who = choosing.act, who_acts(stage, choosing.act)
    match choosing.choice:
        case Choice.PREFER:
            kind, audience = KINDS[act.which % len(KINDS)], AUDIENCES[act.how % len(AUDIENCES)]
            stage.note(f"{who.handle} wants notifications of {kind} by {audience}")
            model.audiences[who.handle, kind] = audience
            await who.act(PREFER, kind=kind, audience=audience)
        case Choice.READ_ALL:
            stage.note(f"{who.handle} has read all")
            await _read(stage, model, who, None, None)
        case Choice.READ_SOME:
            places = list(model.shown(who.handle))
            if places:
                place = act.which % len(places)
                cursor = (await _page(who, place + 1, None, "ALL"))["edges"][place]["cursor"]
                stage.note(f"{who.handle} has read up to {places[place]}")
                await _read(stage, model, who, places[place], cursor)


async def _read(stage: Stage, model: NotificationModel, who: Person, place: int | None, cursor: str | None) -> None:
    model.mark_read(who.handle, place)
    answer = await who.act(READ, upTo=cursor)
    stage.agree(f"unread of {who.handle}", answer["unreadCount"], model.unread_count(who.handle))


async def _compare(stage: Stage, model: NotificationModel, viewer: Person, page: int) -> None:
    await stage.service.settle()
    unread = model.unread_count(viewer.handle)
    stage.agree(f"unread of {viewer.handle}", (await viewer.ask(UNREAD))["viewer"]["unreadNotificationCount"], unread)
    for chosen in FILTERS:
        found: list[NotificationView] = []
        after, has_next = None, True
        while has_next:
            connection = await _page(viewer, page, after, chosen)
            stage.agree(f"unread of {viewer.handle} by {chosen}", connection["unreadCount"], unread)
            found += [_view(stage, edge["node"]) for edge in connection["edges"]]
            has_next, after = connection["pageInfo"]["hasNextPage"], connection["pageInfo"]["endCursor"]
        wanted = list(model.shown(viewer.handle, chosen).values())
        stage.agree(f"{chosen} notifications of {viewer.handle}", found, wanted)


async def _page(viewer: Person, first: int, after: str | None, chosen: str) -> dict[str, Any]:
    answer = await viewer.ask(NOTIFICATIONS, first=first, after=after, filter=chosen)
    connection: dict[str, Any] = answer["notifications"]
    assert len(connection["edges"]) <= first
    return connection


def _view(stage: Stage, node: dict[str, Any]) -> NotificationView:
    return NotificationView(
        node["kind"],
        tuple(actor["handle"] for actor in node["actors"]),
        node["actorCount"],
        None if node["tweet"] is None else stage.tweet_number(node["tweet"]["id"]),
        node["isRead"],
    )
