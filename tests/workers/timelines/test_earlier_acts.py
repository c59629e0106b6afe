"""Acts on a tweet in the moment before its author is suspended, limited or protected are told of, whichever job runs
first.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from msgspec import structs

from core.ids import TweetId, UserId
from core.moderation import ModerationAction
from datastore.jobs.acts import ViewChange, ViewChangeKind
from datastore.jobs.jobs import ApplyDecision, Job, MergeTag, PublishEdit, PublishProtection, PublishViewChange
from datastore.rebuild import build_timeline
from datastore.records.items import RetweetRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.changes import ChangeKind, StreamPosition
from tests.datastore.moderation.deciding import about_person, about_tweet, decide, revoke
from tests.datastore.opened import delete_tweet, follow, new_users, tweet_of
from workers.moderation import decisions
from workers.timelines import fanout, timelines

TAG = "rook"


@dataclass(frozen=True, slots=True)
class Scene:
    """Alice's tweet reaches a follower, the reader of its hashtag and, by a retweet, a follower of the retweeter. They
    are live. `had`: by which item each has it.
    """

    alice: UserId
    retweeter: UserId
    tweet: TweetRecord
    retweet: RetweetRecord
    had: dict[UserId, int]
    positions: dict[UserId, StreamPosition]


async def opened_scene(stores: Stores) -> Scene:
    alice, retweeter, follower, tag_reader, retweets_reader = await new_users(stores, "alice", *["reader"] * 4)
    for reader, followee in ((follower, alice), (retweets_reader, retweeter)):
        await stores.jobs.outbox.finish(await follow(stores, reader, followee))
    followed = MergeTag(stores.ids(), tag_reader, TAG)
    await stores.trends.hashtags.follow(followed, TAG)
    await stores.jobs.outbox.finish(followed)
    tweet = structs.replace(tweet_of(TweetId(stores.ids()), alice), tags=(TAG,))
    await stores.tweets.items.insert(tweet)
    retweet = RetweetRecord(TweetId(stores.ids()), retweeter, tweet.id, alice)
    assert await stores.tweets.retweets.insert(retweet)
    had = {follower: int(tweet.id), tag_reader: int(tweet.id), retweets_reader: int(retweet.id)}
    for reader in had:
        assert await build_timeline(stores, reader)
    positions = {reader: await stores.timelines.home_log.position(reader) for reader in had}
    return Scene(alice, retweeter, tweet, retweet, had, positions)


Act = Callable[[Stores, Scene], Awaitable[Job]]


async def delete(stores: Stores, scene: Scene) -> Job:
    return await delete_tweet(stores, scene.tweet)


async def unretweet(stores: Stores, scene: Scene) -> Job:
    job = await stores.tweets.retweets.delete(stores.ids(), scene.retweeter, scene.tweet.id)
    assert job is not None
    return job


async def remove(stores: Stores, scene: Scene) -> Job:
    return _applied(await decide(stores, None, about_tweet(stores, scene.tweet, ModerationAction.REMOVE)))


async def drop_tag(stores: Stores, scene: Scene) -> Job:
    job = PublishEdit(stores.ids(), scene.tweet.id, scene.alice)
    assert await stores.tweets.edits.edit(job, scene.tweet, structs.replace(scene.tweet, text="plain", tags=()))
    return job


async def suspend(stores: Stores, scene: Scene) -> Job:
    return _applied(await decide(stores, None, about_person(stores, scene.alice, ModerationAction.SUSPEND)))


async def limit(stores: Stores, scene: Scene) -> Job:
    return _applied(await decide(stores, None, about_person(stores, scene.alice, ModerationAction.LIMIT)))


async def protect(stores: Stores, scene: Scene) -> Job:
    job = PublishProtection(stores.ids(), scene.alice, is_protected=True)
    await stores.users.accounts.update_profile(scene.alice, {"is_protected": True}, publish_protection=job)
    return job


async def suspend_retweeter(stores: Stores, scene: Scene) -> Job:
    return _applied(await decide(stores, None, about_person(stores, scene.retweeter, ModerationAction.SUSPEND)))


async def mute_alice(stores: Stores, scene: Scene) -> Job:
    """By her follower."""
    reader = next(iter(scene.had))
    job = PublishViewChange(stores.ids(), reader, ViewChange(ViewChangeKind.MUTED, scene.alice))
    await stores.mongo.in_transaction(lambda session: stores.jobs.outbox.add(session, job))
    assert await stores.users.mutes.insert(job.act_id, reader, scene.alice)
    await stores.users.viewpoints.invalidate(reader)
    return job


def _applied(jobs: object) -> ApplyDecision:
    assert isinstance(jobs, list)
    return next(job for job in jobs if isinstance(job, ApplyDecision))


async def run(stores: Stores, job: Job) -> None:
    if isinstance(job, ApplyDecision):
        await decisions.handle(stores, job)
    elif isinstance(job, PublishProtection | PublishViewChange):
        await timelines.handle(stores, job)
    else:
        await fanout.handle(stores, job)
    await stores.jobs.outbox.finish(job)


async def told(stores: Stores, scene: Scene) -> dict[UserId, list[tuple[ChangeKind, int]]]:
    found = {}
    for reader, position in scene.positions.items():
        changes = (await stores.timelines.home_log.range(reader, position, 20)).changes or []
        found[reader] = [(change.kind, change.item_id) for change in changes]
    return found


@pytest.fixture(autouse=True)
def _no_acts_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.moderation.people.UNDER_WAY_SECONDS", 0.0)


@pytest.mark.parametrize("is_later_first", [False, True])
@pytest.mark.parametrize("change", [suspend, limit, protect])
async def test_who_had_a_tweet_is_told_once_that_it_left(opened: Stores, change: Act, is_later_first: bool) -> None:
    """Deleted, removed or without its retweet, it leaves them by one job or the other."""
    for act in (delete, remove, unretweet):
        scene = await opened_scene(opened)
        jobs = [await act(opened, scene), await change(opened, scene)]
        for job in reversed(jobs) if is_later_first else jobs:
            await run(opened, job)
        stays = {next(iter(scene.had))} if act is unretweet and change is not suspend else set()
        expected = {
            reader: [] if reader in stays else [(ChangeKind.REMOVED, item_id)] for reader, item_id in scene.had.items()
        }
        assert (act.__name__, await told(opened, scene)) == (act.__name__, expected)


@pytest.mark.parametrize("is_later_first", [False, True])
async def test_what_an_edit_took_from_readers_before_the_author_was_hidden_is_told(
    opened: Stores, is_later_first: bool
) -> None:
    for change in (suspend, limit, protect):
        scene = await opened_scene(opened)
        jobs = [await drop_tag(opened, scene), await change(opened, scene)]
        for job in reversed(jobs) if is_later_first else jobs:
            await run(opened, job)
        (_, tag_reader, _), found = scene.had, await told(opened, scene)
        kinds = [kind for kind, _ in found[tag_reader]]
        assert kinds in ([ChangeKind.REMOVED], [ChangeKind.RESET]), (change.__name__, found)


@pytest.mark.parametrize("is_later_first", [False, True])
async def test_of_two_acts_that_hide_the_same_tweet_one_tells_of_it(opened: Stores, is_later_first: bool) -> None:
    """Two changes of one person, of two people, and of a reader and a person."""
    for first, second in ((protect, suspend), (suspend, suspend_retweeter), (mute_alice, suspend)):
        scene = await opened_scene(opened)
        jobs = [await first(opened, scene), await second(opened, scene)]
        for job in reversed(jobs) if is_later_first else jobs:
            await run(opened, job)
        expected = {reader: [(ChangeKind.REMOVED, item_id)] for reader, item_id in scene.had.items()}
        names = (first.__name__, second.__name__)
        assert (names, await told(opened, scene)) == (names, expected)


@pytest.mark.parametrize("is_later_first", [False, True])
async def test_what_was_hidden_for_a_moment_between_two_decisions_is_read_again(
    opened: Stores, is_later_first: bool
) -> None:
    scene = await opened_scene(opened)
    decision = about_person(opened, scene.alice, ModerationAction.SUSPEND)
    begun = _applied(await decide(opened, None, decision))
    ended = await revoke(opened, None, decision)
    assert ended is not None
    for job in (ended, begun) if is_later_first else (begun, ended):
        await run(opened, job)
    assert all(changes == [(ChangeKind.RESET, 0)] for changes in (await told(opened, scene)).values())
