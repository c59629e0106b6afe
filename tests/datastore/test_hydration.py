"""Hydration: the rows of each kind of item, missing rows, the viewer's state, and logs that are cut off."""

import time

import pytest

from core.ids import TweetId, UserId
from datastore.hydration import hydrate, hydrate_candidates, hydrate_ids
from datastore.records.items import ItemRecord, RetweetRecord, TweetCounts, TweetRecord
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.tweets.retweets import RetweetLog
from datastore.tweets.viewer_state import NO_INTERACTION, ViewerState
from datastore.users.viewpoint_records import ANONYMOUS, Viewpoint
from tests.datastore.opened import delete_tweet, follow, new_tweet, new_user, new_users

NOTHING = TweetId(1 << 60)


async def retweet(stores: Stores, user_id: UserId, tweet: TweetRecord) -> RetweetRecord:
    made = RetweetRecord(TweetId(stores.ids()), user_id, tweet.id, tweet.author_id)
    assert await stores.tweets.retweets.insert(made)
    return made


async def profile(stores: Stores, user_id: UserId) -> UserRecord:
    found = await stores.users.accounts.get(user_id)
    assert found is not None
    return found


async def test_a_tweet_comes_with_its_author_counts_and_the_viewers_state(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    await opened.tweets.likes.like(opened.ids(), bob, tweet.id)
    await retweet(opened, bob, tweet)

    (item,) = await hydrate(opened, Viewpoint(bob), [tweet])

    assert (item.item, item.tweet) == (tweet, tweet)
    assert item.author == item.poster == await profile(opened, alice)
    assert item.retweets == RetweetLog()
    assert item.counts == TweetCounts(likes=1, retweets=1)
    assert item.viewer_state == ViewerState(liked=True, retweeted=True, bookmarked=False)


async def test_a_retweet_comes_with_the_rows_of_its_tweet_and_its_own_poster(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    tweet = await new_tweet(opened, alice)
    retweeted = await retweet(opened, bob, tweet)

    (item,) = await hydrate(opened, Viewpoint(carol), [retweeted])

    assert (item.item, item.tweet) == (retweeted, tweet)
    assert (item.author, item.poster) == (await profile(opened, alice), await profile(opened, bob))
    assert item.retweets == RetweetLog(((retweeted.id, bob),))
    assert (item.counts, item.viewer_state) == (TweetCounts(retweets=1), NO_INTERACTION)


async def test_an_anonymous_viewer_has_no_interactions(opened: Stores) -> None:
    alice = await new_user(opened)
    tweet = await new_tweet(opened, alice)
    await opened.tweets.likes.like(opened.ids(), alice, tweet.id)
    (item,) = await hydrate(opened, ANONYMOUS, [tweet])
    assert (item.viewer_state, item.counts) == (NO_INTERACTION, TweetCounts(likes=1))


async def test_items_stay_in_order_and_no_items_are_no_items(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweets = [await new_tweet(opened, author) for author in (alice, bob, alice)]
    retweeted = await retweet(opened, bob, tweets[0])
    items: list[ItemRecord] = [tweets[2], retweeted, tweets[0], tweets[1], tweets[2]]
    assert [one.item for one in await hydrate(opened, Viewpoint(alice), items)] == items
    assert list(await hydrate(opened, Viewpoint(alice), [])) == []


async def test_ids_keep_their_order_with_none_for_what_is_deleted(opened: Stores) -> None:
    alice = await new_user(opened)
    kept, deleted = await new_tweet(opened, alice), await new_tweet(opened, alice)
    await delete_tweet(opened, deleted)
    found = await hydrate_ids(opened, Viewpoint(alice), [NOTHING, kept.id, deleted.id])
    assert [one and one.item for one in found] == [None, kept, None]


async def test_a_retweet_of_a_deleted_tweet_has_no_tweet(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    retweeted = await retweet(opened, bob, tweet)
    await delete_tweet(opened, tweet)
    (item,) = await hydrate(opened, Viewpoint(bob), [retweeted], time.monotonic())
    assert (item.item, item.tweet, item.author) == (retweeted, None, await profile(opened, alice))


async def test_a_log_that_is_cut_off_holds_the_retweets_of_the_viewers_circle(
    opened: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.tweets.retweets._MAX_LOG", 2)
    alice, bob, *others = await new_users(opened, "alice", "bob", "carol", "dave", "erin")
    tweet = await new_tweet(opened, alice)
    for other in others:
        await retweet(opened, other, tweet)
    last = await retweet(opened, bob, tweet)
    view = Viewpoint(UserId(opened.ids()), frozenset({bob}))
    (item,) = await hydrate(opened, view, [last])
    assert item.retweets == RetweetLog(((last.id, bob),))


async def test_candidates_are_hydrated_like_items(opened: Stores) -> None:
    alice, bob, carol = await new_users(opened, "alice", "bob", "carol")
    tweets = [await new_tweet(opened, bob), await new_tweet(opened, carol)]
    await retweet(opened, bob, tweets[1])
    await opened.tweets.likes.like(opened.ids(), alice, tweets[1].id)
    await follow(opened, alice, bob)
    view = await opened.users.viewpoints.current(alice)

    candidates = await opened.timelines.candidates.range(view, 10)
    hydrated = list(await hydrate_candidates(opened.tweets, view, candidates))

    assert len(hydrated) == 2
    assert hydrated == list(await hydrate(opened, view, candidates.items))
