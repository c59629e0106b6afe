"""Fan-out: readers whom an item reaches and does not reach, and its retraction from all of them."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from core.ids import ListId, TweetId, UserId
from datastore.cache.row_codec import RowChange
from datastore.jobs.jobs import FanOut, Merge, MergeTag, Retract
from datastore.jobs.routing import FANOUT, WIDE_FANOUT
from datastore.mongo.client import Document
from datastore.records.items import ItemKind, RetweetRecord, TweetCounts, TweetRecord
from datastore.redis import job_keys, keys
from datastore.stores import Stores
from datastore.tweets.viewer_state import Interaction
from tests.datastore.opened import delete_tweet, follow, is_fanout_on_read, new_tweet, new_users, tweet_of
from tests.support.processes.redis_cluster import Cluster
from tests.workers.conftest import Opening, emptied
from tests.workers.timelines.readers import homes, new_readers
from workers.timelines.fanout import Lateness, fan_out, handle, queue_of
from workers.timelines.fanout_targets import PAGE_SIZE, target_pages


async def tagged_tweet(stores: Stores, author: UserId, *tags: str, answered: TweetRecord | None = None) -> TweetRecord:
    plain = tweet_of(TweetId(stores.ids()), author, answered)
    tweet = TweetRecord(
        plain.id,
        author,
        plain.text,
        plain.conversation_id,
        tags=tags,
        reply_to=plain.reply_to,
        reply_to_author=plain.reply_to_author,
    )
    await stores.tweets.items.insert(tweet)
    return tweet


async def test_a_tweet_reaches_its_author_and_their_followers_alone(opened: Stores) -> None:
    alice, bob, carol, dave = await new_readers(opened, "alice", "bob", "carol", "dave")
    await follow(opened, bob, alice)
    await follow(opened, carol, alice)
    await follow(opened, alice, dave)
    tweet = await new_tweet(opened, alice)
    await handle(opened, FanOut(tweet.id))
    await handle(opened, FanOut(tweet.id))
    assert await homes(opened, alice, bob, carol, dave) == [[tweet.id], [tweet.id], [tweet.id], []]


async def test_what_was_issued_again_and_done_meanwhile_is_not_done_twice(opened: Stores) -> None:
    alice, bob = await new_readers(opened, "alice", "bob")
    await follow(opened, bob, alice)
    first, second = [await new_tweet(opened, alice) for _ in range(2)]
    await opened.jobs.outbox.finish(FanOut(first.id))
    for tweet in (first, second):
        await handle(opened, FanOut(tweet.id, alice, is_again=True))
    assert await homes(opened, alice, bob) == [[second.id]] * 2


@pytest.mark.parametrize("has_taken_it_in", [True, False])
async def test_what_its_author_did_is_forgotten_unless_the_row_has_taken_the_undoing_in(
    opened: Stores, has_taken_it_in: bool
) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    await opened.tweets.retweets.insert(RetweetRecord(TweetId(opened.ids()), bob, tweet.id, alice))
    act = await opened.tweets.retweets.delete(opened.ids(), bob, tweet.id)
    assert act is not None
    change = RowChange(Interaction.UNRETWEET if has_taken_it_in else Interaction.UNLIKE, tweet.id, act.act_id)
    row, name = b"a row" + change.encode(), keys.recent_interactions(bob)
    await opened.redis.set(name, row)
    await handle(opened, act)
    assert await opened.redis.get(name) == (row if has_taken_it_in else b"")


async def test_what_its_author_did_is_forgotten_where_the_retweet_is_unknown(opened: Stores) -> None:
    (bob,) = await new_users(opened, "bob")
    await opened.redis.set(keys.recent_interactions(bob), b"a row")
    await handle(opened, Retract(opened.ids(), TweetId(opened.ids()), bob, ItemKind.RETWEET))
    assert await opened.redis.get(keys.recent_interactions(bob)) != b"a row"


async def test_who_has_no_list_gets_none(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    await follow(opened, bob, alice)
    tweet = await new_tweet(opened, alice)
    await handle(opened, FanOut(tweet.id))
    assert await opened.timelines.home.existing_among([alice, bob]) == []


async def test_a_reply_reaches_those_who_follow_both_and_both_of_them(opened: Stores) -> None:
    alice, bob, both, author_only, answered_only = await new_readers(
        opened, "alice", "bob", "both", "author", "answered"
    )
    for follower, followee in ((both, alice), (both, bob), (author_only, bob), (answered_only, alice), (alice, bob)):
        await follow(opened, follower, followee)
    await follow(opened, bob, alice)
    reply = await new_tweet(opened, bob, await new_tweet(opened, alice))
    await handle(opened, FanOut(reply.id))
    assert await homes(opened, bob, alice, both, author_only, answered_only) == [[reply.id]] * 3 + [[]] * 2


async def test_a_reply_to_somebody_whom_the_author_does_not_follow_stays_out_of_their_own_list(
    opened: Stores,
) -> None:
    alice, bob = await new_readers(opened, "alice", "bob")
    reply = await new_tweet(opened, bob, await new_tweet(opened, alice))
    await handle(opened, FanOut(reply.id))
    assert await homes(opened, alice, bob) == [[], []]


async def test_an_answer_to_oneself_reaches_all_followers(opened: Stores) -> None:
    alice, bob = await new_readers(opened, "alice", "bob")
    await follow(opened, bob, alice)
    reply = await new_tweet(opened, alice, await new_tweet(opened, alice))
    await handle(opened, FanOut(reply.id))
    assert await homes(opened, alice, bob) == [[reply.id], [reply.id]]


async def test_a_retweet_reaches_the_followers_of_who_retweeted_even_where_it_is_of_a_reply(opened: Stores) -> None:
    alice, bob, carol = await new_readers(opened, "alice", "bob", "carol")
    await follow(opened, carol, bob)
    reply = await new_tweet(opened, alice, await new_tweet(opened, alice))
    retweet = RetweetRecord(TweetId(opened.ids()), bob, reply.id, alice)
    assert await opened.tweets.retweets.insert(retweet)
    await handle(opened, FanOut(retweet.id))
    assert await homes(opened, alice, bob, carol) == [[], [retweet.id], [retweet.id]]


async def test_an_item_reaches_the_lists_of_its_author_however_many_and_a_reply_those_of_both(
    opened: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.timelines.fanout_targets.PAGE_SIZE", 2)
    alice, bob, *others = await new_readers(opened, "alice", "bob", "carol", "dave", "erin")
    for follower in others:
        await follow(opened, follower, alice)
    lists = [ListId(opened.ids()) for _ in range(6)]
    for place, list_id in enumerate(lists):
        await opened.timelines.list_audiences.join(list_id, [alice, bob] if place % 3 == 0 else [alice])
        assert await opened.timelines.lists.begin_build(UserId(list_id), "token")
        assert await opened.timelines.lists.commit_build(UserId(list_id), "token", [], complete=True)
    tweet, answered = await new_tweet(opened, alice), await new_tweet(opened, bob)
    reply = await new_tweet(opened, alice, answered)
    own = await new_tweet(opened, alice, tweet)
    for item in (tweet, reply, own):
        await handle(opened, FanOut(item.id))
    shown = await homes(opened, *[UserId(list_id) for list_id in lists])
    assert shown == [[own.id, reply.id, tweet.id], [own.id, tweet.id], [own.id, tweet.id]] * 2
    assert await homes(opened, alice, bob, *others) == [[own.id, tweet.id], [], *[[own.id, tweet.id]] * 3]


async def test_a_tweet_reaches_those_who_follow_one_of_its_hashtags_unless_it_is_a_reply(opened: Stores) -> None:
    alice, bob, carol, dave = await new_readers(opened, "alice", "bob", "carol", "dave")
    for user_id, tag in ((bob, "rooks"), (bob, "ravens"), (carol, "ravens"), (dave, "jays")):
        assert await opened.trends.hashtags.follow(MergeTag(opened.ids(), user_id, tag), tag)
    tweet = await tagged_tweet(opened, alice, "rooks", "ravens")
    reply = await tagged_tweet(opened, alice, "rooks", answered=tweet)
    await handle(opened, FanOut(tweet.id))
    await handle(opened, FanOut(reply.id))
    assert await homes(opened, alice, bob, carol, dave) == [[reply.id, tweet.id], [tweet.id], [tweet.id], []]


async def test_an_item_deleted_before_its_turn_reaches_nobody(opened: Stores) -> None:
    (alice,) = await new_readers(opened, "alice")
    tweet = await new_tweet(opened, alice)
    await delete_tweet(opened, tweet)
    await handle(opened, FanOut(tweet.id))
    assert await homes(opened, alice) == [[]]


async def test_a_deleted_tweet_is_taken_from_all_with_its_retweets_likes_and_bookmarks(opened: Stores) -> None:
    alice, bob, carol = await new_readers(opened, "alice", "bob", "carol")
    await follow(opened, bob, alice)
    tweet, other = await new_tweet(opened, alice), await new_tweet(opened, alice)
    retweets = [RetweetRecord(TweetId(opened.ids()), user_id, tweet.id, alice) for user_id in (bob, carol)]
    for retweet in retweets:
        assert await opened.tweets.retweets.insert(retweet)
    for deleted_or_not in (tweet, other):
        assert await opened.tweets.likes.like(opened.ids(), bob, deleted_or_not.id)
        assert await opened.tweets.bookmarks.insert(opened.ids(), carol, deleted_or_not.id)
    for item_id in (tweet.id, other.id, *[retweet.id for retweet in retweets]):
        await handle(opened, FanOut(item_id))

    act = await delete_tweet(opened, tweet)
    await handle(opened, act)

    assert await homes(opened, alice, bob, carol) == [[other.id], [retweets[0].id, other.id], [retweets[1].id]]
    assert await opened.tweets.retweets.of_tweet(tweet.id, None, 10) == []
    assert await opened.tweets.likes.all_targets(bob) == [other.id]
    assert await opened.tweets.bookmarks.all_targets(carol) == [other.id]
    assert await opened.tweets.counts.get_many([other.id]) == [TweetCounts(likes=1)]
    follow_ups = [
        job for job in await opened.jobs.outbox.unfinished(-1_000, 10) if isinstance(job, Retract) and job != act
    ]
    assert sorted(job.item_id for job in follow_ups) == sorted(retweet.id for retweet in retweets)
    assert {job.kind for job in follow_ups} == {ItemKind.RETWEET}
    assert await opened.redis.xlen(job_keys.jobs("fanout")) == 2
    for job in [*follow_ups, act]:
        await handle(opened, job)
    assert await homes(opened, alice, bob, carol) == [[other.id], [other.id], []]


async def test_more_followers_than_a_page_are_all_reached(opened: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.timelines.fanout_targets.PAGE_SIZE", 1)
    alice, *fans = await new_readers(opened, "alice", "bob", "carol", "dave")
    for fan in fans:
        await follow(opened, fan, alice)
    tweet = await new_tweet(opened, alice)
    await handle(opened, FanOut(tweet.id))
    assert await homes(opened, *fans) == [[tweet.id]] * 3


async def test_two_fan_outs_of_one_item_at_once_push_it_once(opened: Stores) -> None:
    alice, bob = await new_readers(opened, "alice", "bob")
    await follow(opened, bob, alice)
    tweet = await new_tweet(opened, alice)
    await asyncio.gather(*[handle(opened, FanOut(tweet.id)) for _ in range(4)])
    assert await homes(opened, alice, bob) == [[tweet.id], [tweet.id]]


async def test_a_job_of_another_queue_is_refused(opened: Stores) -> None:
    with pytest.raises(TypeError, match="no job of this queue"):
        await handle(opened, Merge(1, UserId(2), UserId(3)))


LATE_AT_ONCE = Lateness(ms=-1, followers=1)


async def test_what_is_late_goes_to_those_who_are_live_and_is_merged_by_others_as_they_read(opened: Stores) -> None:
    star, here, away = await new_readers(opened, "star", "here", "away")
    for fan in (here, away):
        await follow(opened, fan, star)
    await opened.timelines.home.range(here, 1)
    assert (await opened.users.viewpoints.get(away)).fanout_on_read == frozenset()
    tweet = await new_tweet(opened, star)

    await fan_out(opened, FanOut(tweet.id), LATE_AT_ONCE)

    assert await homes(opened, star, here, away) == [[tweet.id], [tweet.id], []]
    assert (await opened.users.viewpoints.get(away)).fanout_on_read == {star}


async def test_what_is_late_by_somebody_with_few_followers_goes_to_all_of_them(opened: Stores) -> None:
    alice, bob = await new_readers(opened, "alice", "bob")
    await follow(opened, bob, alice)
    tweet = await new_tweet(opened, alice)

    await fan_out(opened, FanOut(tweet.id), LATE_AT_ONCE)

    assert await homes(opened, alice, bob) == [[tweet.id], [tweet.id]]
    assert not await is_fanout_on_read(opened, alice)


async def test_followers_that_one_page_holds_are_asked_for_once_and_not_counted(
    opened: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await new_readers(opened, "alice", "bob")
    await follow(opened, bob, alice)
    tweet, aggregate, asked = await new_tweet(opened, alice), opened.mongo.aggregate, list[str]()

    async def noted(collection: str, pipeline: Sequence[Document], **options: Any) -> list[Document]:
        asked.append(collection)
        return await aggregate(collection, pipeline, **options)

    monkeypatch.setattr(opened.mongo, "aggregate", noted)
    monkeypatch.setattr(opened.timelines.live_followers, "limit", PAGE_SIZE)
    await fan_out(opened, FanOut(tweet.id))

    assert await homes(opened, alice, bob) == [[tweet.id], [tweet.id]]
    assert asked == ["follows"]


async def test_a_queue_is_chosen_by_how_many_a_post_reaches(opened: Stores) -> None:
    star, alice = await new_users(opened, "star", "alice")
    await opened.mongo.collection("users").update_one({"_id": star}, {"$set": {"counts.followers": 1_001}})

    assert await queue_of(opened, FanOut(TweetId(1), star)) == WIDE_FANOUT
    assert await queue_of(opened, Retract(2, TweetId(1), star, ItemKind.TWEET)) == WIDE_FANOUT
    assert await queue_of(opened, FanOut(TweetId(1), alice)) == FANOUT
    assert await queue_of(opened, FanOut(TweetId(1))) == FANOUT


async def test_in_a_cluster_more_people_are_pushed_to_together(
    opening: Opening, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call changes the lists of one bucket; large pages have several lists in each."""
    monkeypatch.setattr("workers.timelines.fanout_targets.PAGE_SIZE", 1)
    monkeypatch.setattr("workers.timelines.fanout_targets._CLUSTER_PAGE_SIZE", 2)
    async with opening(cluster.url) as stores:
        await emptied(stores)
        alice, *fans = await new_readers(stores, "alice", "bob", "carol", "dave")
        for fan in fans:
            await follow(stores, fan, alice)
        assert [len(page) async for page in target_pages(stores, alice)] == [2, 1]
        tweet = await new_tweet(stores, alice)
        await handle(stores, FanOut(tweet.id))
        assert await homes(stores, alice, *fans) == [[tweet.id]] * 4
