"""Under random acts, a client that follows listEvents alone has the timeline of the model's list."""

from contextlib import AsyncExitStack

import pytest
from hypothesis import given

from tests.resolvers.graph.test_lists import ADD, CREATE
from tests.semantics.test_live_semantics import ACTS, play_live, settings
from tests.support.model import lists
from tests.support.model.acts import Kind, Step, Story, stories
from tests.support.model.items import Retweet
from tests.support.model.stage import Stage, set_up
from tests.support.people import Person
from tests.support.scenarios.timelines.live_timeline import LiveTimeline, Shown, live_timeline
from tests.support.service import Service
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

WATCHERS, MEMBERS = 3, 4
LIST_ACTS: dict[Kind | Step, int] = {**ACTS, Kind.ADD_TO_LIST: 6, Kind.REMOVE_FROM_LIST: 3, Kind.CHANGE_LIST: 1}


@settings(2)
@given(story=stories(acts=50, weights=LIST_ACTS))
async def test_each_act_leads_to_the_defined_timeline_of_the_list(shared_service: Service, story: Story) -> None:
    await run_story(shared_service, story, is_calm=True)


@settings(2)
@given(story=stories(acts=60, weights=LIST_ACTS))
async def test_acts_in_a_rush_lead_to_the_defined_timeline_of_the_list(shared_service: Service, story: Story) -> None:
    await run_story(shared_service, story, is_calm=False)


@pytest.mark.long
@settings(60)
@given(story=stories(acts=150, weights=LIST_ACTS))
async def test_many_acts_lead_to_the_defined_timeline_of_the_list(shared_service: Service, story: Story) -> None:
    await run_story(shared_service, story, is_calm=False)


async def run_story(service: Service, story: Story, *, is_calm: bool) -> None:
    stage = await set_up(service, min(story.people, 8))
    async with AsyncExitStack() as stack:
        watching: list[tuple[int, LiveTimeline]] = []
        for place, owner in enumerate(stage.people[:WATCHERS]):
            number = await _made(stage, owner, [*stage.people[place:], *stage.people[:place]][1 : 1 + MEMBERS])
            watching.append((number, await stack.enter_async_context(live_timeline(owner, stage.list_ids[number]))))
        for act in story.acts:
            if act.kind is Step.NOTHING:
                continue
            await play_live(stage, act, stage.people[:WATCHERS])
            if is_calm:
                await _compare(stage, watching)
        await _compare(stage, watching)


async def _made(stage: Stage, owner: Person, members: list[Person]) -> int:
    created = await owner.act(CREATE, input={"name": f"list {stage.model.now + 1}"})
    lists.create(stage.model, owner.handle, is_private=False)
    number = stage.model.now
    stage.list_ids[number] = created["list"]["id"]
    for member in members:
        await owner.act(ADD, id=stage.list_ids[number], userId=member.id)
        lists.add(stage.model, owner.handle, number, member.handle)
    stage.note(f"{owner.handle} makes list {number} of {[member.handle for member in members]}")
    return number


async def _compare(stage: Stage, watching: list[tuple[int, LiveTimeline]]) -> None:
    await stage.service.settle()
    for number, timeline in watching:
        if timeline.person.handle in stage.model.people:
            entries = lists.timeline(stage.shown, timeline.person.handle, number)[:100]
            expected = sorted(_shown(stage, entry.item, entry.tweet) for entry in entries)
            try:
                await eventually(lambda: sorted(timeline.shown.values()) == expected)  # noqa: B023
            except AssertionError:
                title = f"what {timeline.person.handle} has of list {number} by {timeline.log}"
                stage.agree(title, sorted(timeline.shown.values()), expected)


def _shown(stage: Stage, item: int, tweet: int) -> Shown:
    retweet = stage.model.retweets.get(item)
    return stage.tweet_ids[tweet], retweet.author if isinstance(retweet, Retweet) else ""
