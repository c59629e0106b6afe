"""The outbox: entries of unfinished jobs, from the act until the job is finished."""

import pytest

from core.ids import TweetId, UserId, wall_ms
from datastore.jobs.jobs import AcceptFollowRequests, DeleteAccount, FanOut, Job, MergeTag, Notify, Rebuild
from datastore.records.items import RetweetRecord
from datastore.stores import Stores
from tests.datastore.opened import delete_tweet, follow, new_tweet, new_user, new_users, unfollow
from tests.support.settled import is_nothing_unfinished

# Includes acts of this very moment.
NOW = -1_000
ALICE = UserId(1)


async def unfinished(stores: Stores, limit: int = 100) -> list[Job]:
    """Unfinished jobs without notifications. What tests wait by, one question for all, must tell the same."""
    jobs = await stores.jobs.outbox.unfinished(NOW, limit)
    are_counted = [await one.is_empty() for one in (stores.tweets.pending_counts, stores.users.pending_counts)]
    assert await is_nothing_unfinished(stores) is (not jobs and all(are_counted))
    return [job for job in jobs if not isinstance(job, Notify)]


async def fanout_mark(stores: Stores, item_id: TweetId) -> str | None:
    row = await stores.mongo.collection("tweets").find_one({"_id": item_id})
    mark: str | None = row.get("fanout")
    return mark


async def test_a_post_is_unfinished_until_its_fan_out_is(opened: Stores) -> None:
    tweet = await new_tweet(opened, await new_user(opened))
    job = FanOut(tweet.id, tweet.author_id)
    assert await unfinished(opened) == [job]
    assert await fanout_mark(opened, tweet.id) == "pending"
    await opened.jobs.outbox.finish(job)
    assert await unfinished(opened) == []
    assert await fanout_mark(opened, tweet.id) is None
    await opened.jobs.outbox.finish(job)
    await opened.jobs.outbox.give_up(job)
    assert await fanout_mark(opened, tweet.id) is None


async def test_a_retweet_is_unfinished_until_its_fan_out_is(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    await opened.jobs.outbox.finish(FanOut(tweet.id))
    retweet = RetweetRecord(TweetId(opened.ids()), bob, tweet.id, alice)
    assert await opened.tweets.retweets.insert(retweet)
    assert await unfinished(opened) == [FanOut(retweet.id, bob)]
    await opened.jobs.outbox.finish(FanOut(retweet.id))
    assert await unfinished(opened) == []


async def test_a_post_that_was_given_up_is_marked_and_not_issued_again(opened: Stores) -> None:
    tweet = await new_tweet(opened, await new_user(opened))
    await opened.jobs.outbox.give_up(FanOut(tweet.id))
    assert await unfinished(opened) == []
    assert await fanout_mark(opened, tweet.id) == "dead"


async def test_every_other_act_leaves_its_job(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    carol = await new_user(opened, "carol")
    await follow(opened, alice, bob)
    unmerge = await unfollow(opened, alice, bob)
    merge = await follow(opened, alice, carol)
    tag = MergeTag(opened.ids(), alice, "rooks")
    assert await opened.trends.hashtags.follow(tag, "Rooks")
    withdrawn = await delete_tweet(opened, tweet)
    public = AcceptFollowRequests(opened.ids(), alice)
    assert await opened.users.accounts.update_profile(alice, {"is_protected": False}, accept_requests=public)
    gone = DeleteAccount(opened.ids(), alice)
    await opened.users.accounts.begin_deletion(gone)
    jobs: list[Job] = [tag, withdrawn, public, gone, merge, unmerge]
    assert await unfinished(opened) == jobs

    for job in jobs[::2]:
        await opened.jobs.outbox.finish(job)
    assert await unfinished(opened) == jobs[1::2]
    for job in jobs[1::2]:
        await opened.jobs.outbox.give_up(job)
    assert await unfinished(opened) == []


async def test_an_act_that_changed_nothing_leaves_no_job(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    merge = await follow(opened, alice, bob)
    assert not await opened.users.follows.insert(type(merge)(opened.ids(), alice, bob))
    assert await unfinished(opened) == [merge]


async def test_only_acts_old_enough_are_unfinished_oldest_first_up_to_a_limit(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    tweets = [await new_tweet(opened, alice) for _ in range(3)]
    acts = [await delete_tweet(opened, await new_tweet(opened, alice)) for _ in range(3)]
    assert await opened.jobs.outbox.unfinished(60_000, 100) == []
    assert await unfinished(opened, 2) == [*[FanOut(tweet.id, alice) for tweet in tweets[:2]], *acts[:2]]


async def test_posts_since_an_instant_come_by_pages_finished_or_not(opened: Stores) -> None:
    alice = await new_user(opened, "alice")
    posts = [FanOut((await new_tweet(opened, alice)).id, alice) for _ in range(5)]
    await opened.jobs.outbox.finish(posts[1])
    long_ago = wall_ms() - 60_000
    assert await opened.jobs.outbox.posts_since(long_ago, 0, 3) == posts[:3]
    assert await opened.jobs.outbox.posts_since(long_ago, posts[2].item_id, 3) == posts[3:]
    assert await opened.jobs.outbox.posts_since(long_ago, posts[4].item_id, 3) == []
    assert await opened.jobs.outbox.posts_since(wall_ms() + 60_000, 0, 3) == []


async def test_a_post_and_a_rebuild_leave_no_entry(opened: Stores) -> None:
    for job in (FanOut(TweetId(7)), Rebuild(ALICE)):
        with pytest.raises(TypeError):
            await opened.jobs.outbox.add(None, job)
    assert await unfinished(opened) == []
