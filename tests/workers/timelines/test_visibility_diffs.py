"""Items judged between two acts of a reader are told of right, though both were done before the job of one ran.

A live event, or a page, is judged as of the moment at which it is sent. So it may show, or leave out, what no viewpoint
before or after both acts does.
"""

from collections.abc import Awaitable, Callable
from itertools import permutations

import pytest
from msgspec import structs

from core.ids import UserId
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.jobs import Job, MergeTag, PublishEdit, PublishViewChange
from datastore.rebuild import build_timeline
from datastore.stores import Stores
from datastore.timelines.changes import ChangeKind, TimelineChange
from datastore.users.viewpoint_records import FollowChange
from tests.datastore.opened import delete_tweet, follow, new_tweet, new_user, unfollow
from workers.timelines import fanout
from workers.timelines.timelines import handle

Act = Callable[[Stores, UserId, UserId], Awaitable[Job]]


async def mute(stores: Stores, reader: UserId, other: UserId) -> Job:
    job = PublishViewChange(stores.ids(), reader, ViewChange(ViewChangeKind.MUTED, other))
    await stores.mongo.in_transaction(lambda session: stores.jobs.outbox.add(session, job))
    assert await stores.users.mutes.insert(job.act_id, reader, other)
    return job


async def unmute(stores: Stores, reader: UserId, other: UserId) -> Job:
    job = PublishViewChange(stores.ids(), reader, ViewChange(ViewChangeKind.UNMUTED, other))
    await stores.mongo.in_transaction(lambda session: stores.jobs.outbox.add(session, job))
    assert await stores.users.mutes.delete(reader, other)
    return job


async def mute_word(stores: Stores, reader: UserId, _: UserId) -> Job:
    job = await stores.users.muted_words.set(stores.ids(), reader, ["tweet"])
    assert job is not None
    return job


async def unmute_word(stores: Stores, reader: UserId, _: UserId) -> Job:
    job = await stores.users.muted_words.set(stores.ids(), reader, [])
    assert job is not None
    return job


async def follow_tag(stores: Stores, reader: UserId, _: UserId) -> Job:
    job = MergeTag(stores.ids(), reader, "nests")
    assert await stores.trends.hashtags.follow(job, "nests")
    return job


HIDDEN_FOR_A_MOMENT: dict[str, tuple[Act, ...]] = {
    "follow": (unfollow, follow),
    "mute": (mute, unmute),
    "words": (mute_word, unmute_word),
    "beside another": (unfollow, follow_tag, follow),
}
SHOWN_FOR_A_MOMENT: dict[str, tuple[Act, ...]] = {"follow": (follow, unfollow), "mute": (unmute, mute)}


async def started(stores: Stores, *acts: Act) -> tuple[UserId, UserId]:
    """Alice, who is live, and Carol, after finished acts of Alice."""
    alice, carol = [await new_user(stores, name) for name in ("alice", "carol")]
    for act in acts:
        await stores.jobs.outbox.finish(await act(stores, alice, carol))
    await new_tweet(stores, alice)
    assert await build_timeline(stores, alice)
    await stores.timelines.home_log.position(alice)
    return alice, carol


async def told(stores: Stores, reader: UserId, jobs: tuple[Job, ...]) -> list[TimelineChange]:
    """Changes that the log tells once all jobs ran, in this order."""
    head = await stores.timelines.home_log.position(reader)
    for job in jobs:
        await handle(stores, job)
        await stores.jobs.outbox.finish(job)
    return (await stores.timelines.home_log.range(reader, head, 100)).changes or []


@pytest.mark.parametrize("name", list(HIDDEN_FOR_A_MOMENT))
async def test_what_was_hidden_between_two_acts_is_read_again_in_whatever_order_their_jobs_run(
    opened: Stores, name: str
) -> None:
    acts = HIDDEN_FOR_A_MOMENT[name]
    for order in permutations(range(len(acts))):
        alice, carol = await started(opened, follow)
        tweet = await new_tweet(opened, carol)
        await opened.timelines.home.push([alice], tweet.id)
        jobs = [await act(opened, alice, carol) for act in acts]
        changes = await told(opened, alice, tuple(jobs[place] for place in order))
        assert [change.kind for change in changes] == [ChangeKind.RESET], order
        assert tweet.id in await opened.timelines.home.ids(alice)


@pytest.mark.parametrize("name", list(SHOWN_FOR_A_MOMENT))
async def test_what_was_shown_between_two_acts_is_taken_back_in_whatever_order_their_jobs_run(
    opened: Stores, name: str
) -> None:
    for order in ((0, 1), (1, 0)):
        alice, carol = await started(opened, *([follow, mute] if name == "mute" else []))
        show, hide = SHOWN_FOR_A_MOMENT[name]
        jobs = [await show(opened, alice, carol)]
        tweet = await new_tweet(opened, carol)
        await opened.timelines.home.push([alice], tweet.id)
        jobs.append(await hide(opened, alice, carol))
        changes = await told(opened, alice, tuple(jobs[place] for place in order))
        assert [change.kind for change in changes] == [ChangeKind.RESET], order


async def test_what_was_shown_between_two_acts_and_deleted_is_taken_back(opened: Stores) -> None:
    alice, carol = await started(opened)
    jobs: list[Job] = [await follow(opened, alice, carol)]
    tweet = await new_tweet(opened, carol)
    await opened.timelines.home.push([alice], tweet.id)
    jobs.append(await unfollow(opened, alice, carol))
    head = await opened.timelines.home_log.position(alice)
    await fanout.handle(opened, await delete_tweet(opened, tweet))
    changes = (await opened.timelines.home_log.range(alice, head, 10)).changes or []
    assert [(change.kind, change.item_id) for change in changes] == [(ChangeKind.REMOVED, tweet.id)]


async def test_what_an_edit_changed_for_a_moment_between_two_acts_is_read_again(opened: Stores) -> None:
    """Carol is followed, then a word of the tweet is muted, then it has the word no longer."""
    alice, carol = await started(opened)
    await follow(opened, alice, carol)
    await mute_word(opened, alice, carol)
    was = await new_tweet(opened, carol)
    await opened.timelines.home.push([alice], was.id)
    edit = PublishEdit(opened.ids(), was.id, carol)
    assert await opened.tweets.edits.edit(edit, was, structs.replace(was, text="another text"))
    head = await opened.timelines.home_log.position(alice)
    await fanout.handle(opened, edit)
    changes = (await opened.timelines.home_log.range(alice, head, 10)).changes or []
    assert [change.kind for change in changes] == [ChangeKind.RESET]


async def test_an_act_that_another_ones_job_tells_of_is_seen_by_whoever_judges_later(opened: Stores) -> None:
    """Its own process has not come to change the cached row: its job would find the act told of, and tell nothing."""
    alice, carol = await started(opened, follow)
    assert carol in (await opened.users.viewpoints.get(alice)).followees
    first = await unfollow(opened, alice, carol)
    await opened.users.viewpoints.follow_changed(alice, FollowChange.UNFOLLOWED, carol, first.act_id)
    assert carol not in (await opened.users.viewpoints.get(alice)).followees
    await follow(opened, alice, carol)
    await handle(opened, first)
    assert carol in (await opened.users.viewpoints.get(alice)).followees


async def test_a_reader_reads_again_after_very_many_acts(opened: Stores) -> None:
    """So many viewpoints are not compared."""
    alice, carol = await started(opened, follow)
    tweet = await new_tweet(opened, carol)
    await opened.timelines.home.push([alice], tweet.id)
    jobs = [await opened.users.muted_words.set(opened.ids(), alice, [f"word{number}"]) for number in range(20)]
    changes = await told(opened, alice, tuple(job for job in jobs if job is not None))
    assert [change.kind for change in changes] == [ChangeKind.RESET]
