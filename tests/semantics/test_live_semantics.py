"""Under random acts, a client that follows events alone has the home timeline of the model."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

import hypothesis
import pytest
from hypothesis import HealthCheck, given

from tests.support.model import answers
from tests.support.model.acts import WEIGHTS, Act, Kind, Step, Story, stories
from tests.support.model.decisions import play_decision
from tests.support.model.items import Retweet
from tests.support.model.list_plans import ON_LISTS
from tests.support.model.play import play
from tests.support.model.stage import Stage, set_up
from tests.support.people import Person
from tests.support.scenarios.timelines.live_timeline import LiveTimeline, Shown, live_timeline
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

WATCHERS = 4
_ONLY_MARKS = (
    *(Kind.LIKE, Kind.UNLIKE, Kind.BOOKMARK, Kind.UNBOOKMARK, Kind.READ, Kind.PIN, Kind.UNPIN),
    *ON_LISTS,
)
ACTS: dict[Kind | Step, int] = {
    **{kind: weight for kind, weight in WEIGHTS.items() if isinstance(kind, Kind) and kind not in _ONLY_MARKS},
    Step.NOTHING: 1,
    Kind.UNRETWEET: 6,
    Kind.MUTE: 6,
    Kind.BLOCK: 5,
    Kind.PROTECT: 6,
    Kind.MUTE_WORDS: 5,
    Step.SUSPEND: 3,
    Step.LIMIT: 4,
    Step.REVOKE: 5,
}


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


@settings(2)
@given(story=stories(acts=50, weights=ACTS))
async def test_each_act_is_published_as_the_change_that_it_makes(shared_service: Service, story: Story) -> None:
    await run_story(shared_service, story, is_calm=True)


@settings(2)
@given(story=stories(acts=60, weights=ACTS))
async def test_acts_in_a_rush_lead_to_the_defined_timeline(shared_service: Service, story: Story) -> None:
    await run_story(shared_service, story, is_calm=False)


@pytest.mark.long
@settings(80)
@given(story=stories(acts=100, weights=ACTS))
async def test_each_of_many_acts_is_published_as_the_change_that_it_makes(
    shared_service: Service, story: Story
) -> None:
    await run_story(shared_service, story, is_calm=True)


@pytest.mark.long
@settings(80)
@given(story=stories(acts=150, weights=ACTS))
async def test_many_acts_in_a_rush_lead_to_the_defined_timeline(shared_service: Service, story: Story) -> None:
    await run_story(shared_service, story, is_calm=False)


async def run_story(service: Service, story: Story, *, is_calm: bool) -> None:
    """With `is_calm` each act is followed by a wait for its events, none of which may be out of place."""
    stage = await set_up(service, min(story.people, 8))
    async with AsyncExitStack() as stack:
        watching = [await stack.enter_async_context(live_timeline(person)) for person in stage.people[:WATCHERS]]
        for act in story.acts:
            if act.kind is Step.NOTHING:
                continue
            await play_live(stage, act, stage.people[:WATCHERS])
            if is_calm:
                await _compare(stage, watching)
        await _compare(stage, watching)
    for timeline in watching if is_calm else ():
        stage.agree(f"{timeline.log} to {timeline.person.handle}: out of place", timeline.wrong, [])


async def play_live(stage: Stage, act: Act, watchers: Sequence[Person]) -> None:
    """Watchers are not suspended, which would end their streams."""
    if isinstance(act.kind, Kind):
        await play(stage, act)
    else:
        await play_decision(stage, act, spared=[person.handle for person in watchers])


async def _compare(stage: Stage, watching: list[LiveTimeline]) -> None:
    await stage.service.settle()
    for timeline in watching:
        if timeline.person.handle in stage.model.people:
            expected = _expected(stage, timeline)
            try:
                await eventually(lambda: sorted(timeline.shown.values()) == expected)  # noqa: B023
            except AssertionError:
                title = f"what {timeline.person.handle} has by {timeline.log}"
                stage.agree(title, sorted(timeline.shown.values()), expected)


def _expected(stage: Stage, timeline: LiveTimeline) -> list[Shown]:
    entries = answers.home_timeline(stage.shown, timeline.person.handle)
    return sorted(_shown(stage, entry.item, entry.tweet) for entry in entries)


def _shown(stage: Stage, item: int, tweet: int) -> Shown:
    retweet = stage.model.retweets.get(item)
    return stage.tweet_ids[tweet], retweet.author if isinstance(retweet, Retweet) else ""
