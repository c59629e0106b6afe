"""Protection changes: live readers who see the account by hashtags or retweets get events, and nobody else."""

from dataclasses import dataclass

import pytest
from msgspec import structs

from core.ids import TweetId, UserId
from datastore.jobs.jobs import MergeTag, PublishProtection
from datastore.rebuild import build_timeline
from datastore.records.items import RetweetRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.changes import ChangeKind, StreamPosition
from tests.datastore.opened import follow, new_users, tweet_of
from workers.timelines.timelines import handle

NAMES = ("alice", "follower", "tag_reader", "retweeter", "retweeters_reader", "both", "stranger", "absent")
Published = dict[str, list[tuple[ChangeKind, int]]]


@dataclass(frozen=True, slots=True)
class Cast:
    """Alice posted the tweet; all but `absent` are live, and their lists have what belongs there."""

    users: dict[str, UserId]
    tweet: TweetRecord
    retweet: RetweetRecord
    positions: dict[str, StreamPosition]

    @property
    def alice(self) -> UserId:
        return self.users["alice"]


@pytest.fixture
async def cast(opened: Stores) -> Cast:
    users = dict(zip(NAMES, await new_users(opened, *NAMES), strict=True))
    for follower, followee in (
        ("follower", "alice"),
        ("retweeters_reader", "retweeter"),
        ("both", "alice"),
        ("both", "retweeter"),
        ("absent", "retweeter"),
    ):
        await opened.jobs.outbox.finish(await follow(opened, users[follower], users[followee]))
    for name in ("tag_reader", "absent"):
        act = MergeTag(opened.ids(), users[name], "rook")
        await opened.trends.hashtags.follow(act, "rook")
        await opened.jobs.outbox.finish(act)
    tweet = structs.replace(tweet_of(TweetId(opened.ids()), users["alice"]), tags=("rook",))
    await opened.tweets.items.insert(tweet)
    retweet = RetweetRecord(TweetId(opened.ids()), users["retweeter"], tweet.id, users["alice"])
    assert await opened.tweets.retweets.insert(retweet)
    for user_id in users.values():
        assert await build_timeline(opened, user_id)
    present = {name: user_id for name, user_id in users.items() if name != "absent"}
    positions = {name: await opened.timelines.home_log.position(user_id) for name, user_id in present.items()}
    assert set(await opened.timelines.home_log.live_among(list(users.values()))) == set(present.values())
    return Cast(users, tweet, retweet, positions)


async def change_protection(stores: Stores, cast: Cast, *, is_protected: bool) -> PublishProtection:
    job = PublishProtection(stores.ids(), cast.alice, is_protected)
    await stores.users.accounts.update_profile(cast.alice, {"is_protected": is_protected}, publish_protection=job)
    return job


async def published(stores: Stores, cast: Cast) -> Published:
    """Kind and item of the changes published to each live user since the beginning."""
    found: Published = {}
    for name, position in cast.positions.items():
        changes = (await stores.timelines.home_log.range(cast.users[name], position, 10)).changes or []
        if changes:
            found[name] = [(change.kind, change.item_id) for change in changes]
    return found


async def test_readers_by_hashtag_and_retweet_are_told_what_left(opened: Stores, cast: Cast) -> None:
    await handle(opened, await change_protection(opened, cast, is_protected=True))
    assert await published(opened, cast) == {
        "tag_reader": [(ChangeKind.REMOVED, cast.tweet.id)],
        "retweeter": [(ChangeKind.REMOVED, cast.retweet.id)],
        "retweeters_reader": [(ChangeKind.REMOVED, cast.retweet.id)],
    }


async def test_a_job_that_runs_twice_tells_once(opened: Stores, cast: Cast) -> None:
    job = await change_protection(opened, cast, is_protected=True)
    await handle(opened, job)
    once = await published(opened, cast)
    await handle(opened, job)
    assert await published(opened, cast) == once


async def test_readers_are_told_to_read_again_when_the_account_goes_public(opened: Stores, cast: Cast) -> None:
    protected = await change_protection(opened, cast, is_protected=True)
    await handle(opened, protected)
    await opened.jobs.outbox.finish(protected)
    before = await published(opened, cast)

    await handle(opened, await change_protection(opened, cast, is_protected=False))

    after = await published(opened, cast)
    assert after.keys() == before.keys() == {"tag_reader", "retweeter", "retweeters_reader"}
    for name in after:
        assert [kind for kind, _ in after[name][len(before[name]) :]] == [ChangeKind.RESET]


async def test_nobody_is_told_if_the_account_has_changed_back(opened: Stores, cast: Cast) -> None:
    job = await change_protection(opened, cast, is_protected=True)
    await change_protection(opened, cast, is_protected=False)
    await handle(opened, job)
    assert await published(opened, cast) == {}


async def test_nobody_is_told_of_a_finished_job_or_of_no_change(opened: Stores, cast: Cast) -> None:
    job = await change_protection(opened, cast, is_protected=True)
    await opened.jobs.outbox.finish(job)
    await handle(opened, job)
    await handle(opened, await change_protection(opened, cast, is_protected=True))
    assert await published(opened, cast) == {}
