"""Tweets: posted once, counted with the tweets that they refer to, gone at once when deleted."""

import asyncio

import pytest

from core.devices import Device, DeviceKind
from core.errors import UnavailableError
from core.ids import TweetId, UserId
from core.text.entities import extract_entities
from datastore.jobs.jobs import DeleteAccount, FanOut, Job, Notify, Retract
from datastore.records.items import ItemKind, RetweetRecord, TweetCounts, TweetRecord
from datastore.records.users import UserCounts
from datastore.redis import keys
from datastore.stores import Stores
from datastore.tweets.store import KeyUsedError, PostKey
from tests.datastore.opened import delete_tweet, new_tweet, new_user, new_users, tweet_of
from workers.counting import count, count_users

NOTHING = TweetId(1)


async def counts(stores: Stores, *tweets: TweetRecord) -> list[TweetCounts]:
    ids = [tweet.id for tweet in tweets]
    await stores.tweets.counts.enqueue(*ids)
    return await stores.tweets.counts.get_many(ids)


async def posted(stores: Stores, author: UserId) -> int:
    """Tweet count of the author."""
    await stores.users.counts.invalidate(author)
    (found,) = await stores.users.counts.get_many([author])
    assert found == UserCounts(tweets=found.tweets)
    return found.tweets


async def left_to_do(stores: Stores) -> list[Job]:
    """Unfinished jobs without notifications."""
    return [job for job in await stores.jobs.outbox.unfinished(-1_000, 100) if not isinstance(job, Notify)]


async def quote(stores: Stores, author: UserId, quoted: TweetRecord) -> TweetRecord:
    tweet_id = TweetId(stores.ids())
    tweet = TweetRecord(tweet_id, author, "look", tweet_id, quoted_id=quoted.id)
    await stores.tweets.items.insert(tweet)
    return tweet


async def test_a_tweet_is_read_as_it_was_posted(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    parent, other = await new_tweet(opened, alice), await new_tweet(opened, alice)
    text = "@bob @nobody look: https://example.org #Rooks \U0001f426"
    tweet = TweetRecord(
        id=TweetId(opened.ids()),
        author_id=bob,
        text=text,
        conversation_id=parent.id,
        entities=extract_entities(text),
        mentioned=(bob, None),
        tags=("rooks",),
        reply_to=parent.id,
        reply_to_author=alice,
        quoted_id=other.id,
        lang="en",
        device=Device(DeviceKind.ANDROID, "2.0", "en_GB"),
    )
    await opened.tweets.items.insert(tweet)
    kept = await opened.tweets.items.get(tweet.id)
    await opened.redis.flushdb()
    loaded, cached = await opened.tweets.items.get(tweet.id), await opened.tweets.items.get(tweet.id)
    assert (kept, loaded, cached) == (tweet, tweet, tweet)
    assert await opened.tweets.items.exists(tweet.id)


async def test_a_posting_is_counted_and_waits_for_its_fan_out(opened: Stores) -> None:
    alice = await new_user(opened)
    tweet = await new_tweet(opened, alice)
    assert await posted(opened, alice) == 1
    assert await counts(opened, tweet) == [TweetCounts(0, 0, 0, 0)]
    assert await left_to_do(opened) == [FanOut(tweet.id, alice)]


async def test_replies_and_quotes_are_counted_where_they_point(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    reply, _ = await new_tweet(opened, bob, tweet), await new_tweet(opened, bob, tweet)
    await new_tweet(opened, alice, reply)
    await quote(opened, bob, tweet)
    assert await counts(opened, tweet, reply) == [TweetCounts(quotes=1, replies=2), TweetCounts(replies=1)]


async def test_counts_are_seen_anew_by_who_replied(opened: Stores) -> None:
    alice = await new_user(opened)
    tweet = await new_tweet(opened, alice)
    assert await opened.tweets.counts.get_many([tweet.id]) == [TweetCounts()]
    reply = await new_tweet(opened, alice, tweet)
    assert await opened.tweets.counts.get_many([tweet.id, NOTHING]) == [TweetCounts(replies=1), TweetCounts()]
    await delete_tweet(opened, reply)
    assert await opened.tweets.counts.get_many([tweet.id]) == [TweetCounts()]


async def test_a_deleted_tweet_is_gone_at_once_with_its_counts_and_leaves_its_job(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    parent, other = await new_tweet(opened, alice), await new_tweet(opened, alice)
    reply, quoting = await new_tweet(opened, bob, parent), await quote(opened, bob, other)
    await opened.tweets.items.get_many([reply.id, quoting.id])

    jobs = [await delete_tweet(opened, reply), await delete_tweet(opened, quoting)]

    assert await opened.tweets.items.get_many([reply.id, quoting.id, parent.id]) == [None, None, parent]
    assert not await opened.tweets.items.exists(reply.id)
    assert await posted(opened, bob) == 0
    assert await counts(opened, parent, other) == [TweetCounts(), TweetCounts()]
    assert await left_to_do(opened) == [FanOut(parent.id, alice), FanOut(other.id, alice), *jobs]


async def test_nobody_deletes_the_tweet_of_another_nor_one_twice(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    assert not await opened.tweets.items.delete(Retract(opened.ids(), tweet.id, bob, ItemKind.TWEET))
    assert await opened.tweets.items.get(tweet.id) == tweet
    await delete_tweet(opened, tweet)
    assert not await opened.tweets.items.delete(Retract(opened.ids(), tweet.id, alice, ItemKind.TWEET))
    assert [await posted(opened, user_id) for user_id in (alice, bob)] == [0, 0]
    assert len(await left_to_do(opened)) == 1


async def test_a_retweet_is_not_deleted_as_a_tweet(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    retweet = RetweetRecord(TweetId(opened.ids()), bob, tweet.id, alice)
    await opened.tweets.retweets.insert(retweet)
    assert not await opened.tweets.items.delete(Retract(opened.ids(), retweet.id, bob, ItemKind.TWEET))
    assert await opened.tweets.items.get(retweet.id) == retweet


async def test_a_reply_outlives_the_tweet_that_it_answers(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    reply = await new_tweet(opened, bob, tweet)
    await delete_tweet(opened, tweet)
    assert await opened.tweets.items.get(reply.id) == reply
    assert (reply.reply_to, reply.reply_to_author) == (tweet.id, alice)


async def test_items_come_in_the_order_asked_and_none_for_nothing(opened: Stores) -> None:
    alice = await new_user(opened)
    first, second = await new_tweet(opened, alice), await new_tweet(opened, alice)
    wanted = [second.id, NOTHING, first.id, second.id]
    assert await opened.tweets.items.get_many(wanted) == [second, None, first, second]
    assert await opened.tweets.items.get_many([]) == []


async def test_somebodys_items_come_newest_first_with_replies_to_others_only_where_asked(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    first, of_bob = await new_tweet(opened, alice), await new_tweet(opened, bob)
    to_bob, to_self = await new_tweet(opened, alice, of_bob), await new_tweet(opened, alice, first)
    retweet = RetweetRecord(TweetId(opened.ids()), alice, of_bob.id, bob)
    await opened.tweets.retweets.insert(retweet)

    everything = [retweet, to_self, to_bob, first]
    assert await opened.tweets.items.by_author(alice, None, 10, with_replies=True) == everything
    assert await opened.tweets.items.by_author(alice, to_self.id, 1, with_replies=True) == [to_bob]
    assert await opened.tweets.items.by_author(alice, None, 10, with_replies=False) == [retweet, to_self, first]
    assert await opened.tweets.items.by_author(alice, to_self.id, 10, with_replies=False) == [first]
    assert await opened.tweets.items.by_author(UserId(1), None, 10, with_replies=True) == []


async def test_a_key_posts_once(opened: Stores) -> None:
    alice = await new_user(opened)
    key = PostKey(alice, "first", b"digest")
    assert await opened.tweets.items.get_id_by_key(key) is None
    tweet, again = [tweet_of(TweetId(opened.ids()), alice) for _ in range(2)]
    await opened.tweets.items.insert(tweet, key)

    with pytest.raises(KeyUsedError) as used:
        await opened.tweets.items.insert(again, key)

    assert (used.value.tweet_id, used.value.is_same) == (tweet.id, True)
    assert await opened.tweets.items.get_id_by_key(key) == tweet.id
    assert await opened.tweets.items.by_author(alice, None, 10, with_replies=True) == [tweet]
    assert await posted(opened, alice) == 1
    assert await left_to_do(opened) == [FanOut(tweet.id, alice)]


async def test_a_key_that_served_for_another_posting_posts_nothing(opened: Stores) -> None:
    alice = await new_user(opened)
    tweet, other = [tweet_of(TweetId(opened.ids()), alice) for _ in range(2)]
    await opened.tweets.items.insert(tweet, PostKey(alice, "first", b"digest"))
    for act in (
        opened.tweets.items.insert(other, PostKey(alice, "first", b"another digest")),
        opened.tweets.items.get_id_by_key(PostKey(alice, "first", b"another digest")),
    ):
        with pytest.raises(KeyUsedError) as used:
            await act
        assert (used.value.tweet_id, used.value.is_same) == (tweet.id, False)
    assert await posted(opened, alice) == 1


async def test_a_key_is_its_owners_alone(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    for author in (alice, bob):
        await opened.tweets.items.insert(tweet_of(TweetId(opened.ids()), author), PostKey(author, "first", b"digest"))
    assert [await posted(opened, author) for author in (alice, bob)] == [1, 1]


async def test_of_many_who_post_under_one_key_at_once_one_does(opened: Stores) -> None:
    alice = await new_user(opened)
    tweets = [tweet_of(TweetId(opened.ids()), alice) for _ in range(10)]
    key = PostKey(alice, "first", b"digest")
    posting = [opened.tweets.items.insert(tweet, key) for tweet in tweets]
    results = await asyncio.gather(*posting, return_exceptions=True)
    (winner,) = [tweet for tweet, result in zip(tweets, results, strict=True) if result is None]
    used = [result for result in results if isinstance(result, KeyUsedError)]
    assert [(error.tweet_id, error.is_same) for error in used] == [(winner.id, True)] * 9
    assert await posted(opened, alice) == 1


async def test_a_key_is_kept_for_a_day_from_its_posting(opened: Stores) -> None:
    alice = await new_user(opened)
    await opened.tweets.items.insert(tweet_of(TweetId(opened.ids()), alice), PostKey(alice, "first", b"digest"))
    indexes = await opened.mongo.collection("post_keys").index_information()
    assert [index["expireAfterSeconds"] for index in indexes.values() if index["key"] == [("at", 1)]] == [86_400]


@pytest.mark.parametrize("with_key", [False, True])
async def test_an_id_made_twice_is_refused_and_changes_nothing(opened: Stores, with_key: bool) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    tweet = await new_tweet(opened, alice)
    key = PostKey(bob, "first", b"digest") if with_key else None
    with pytest.raises(UnavailableError):
        await opened.tweets.items.insert(tweet_of(tweet.id, bob), key)
    assert await opened.tweets.items.get(tweet.id) == tweet
    assert await posted(opened, bob) == 0
    assert await opened.mongo.collection("post_keys").count_documents({}) == 0


async def test_what_is_posted_by_who_is_gone_is_taken_back_by_who_counts_it(opened: Stores) -> None:
    alice, gone = await new_users(opened, "alice", "gone")
    tweet = await new_tweet(opened, alice)
    await opened.users.accounts.begin_deletion(DeleteAccount(opened.ids(), gone))
    posts = [await new_tweet(opened, gone), await new_tweet(opened, gone, tweet)]
    await count(opened, [tweet.id])
    await count_users(opened, [gone, alice])
    assert await opened.tweets.items.get_many([one.id for one in posts]) == [None, None]
    assert (await opened.tweets.counts.get_many([tweet.id]))[0].replies == 0
    assert await posted(opened, alice) == 1


async def test_a_thread_is_known_from_its_start_down(opened: Stores) -> None:
    alice = await new_user(opened)
    thread = [await new_tweet(opened, alice)]
    for _ in range(3):
        thread.append(await new_tweet(opened, alice, thread[-1]))
    ids = [tweet.id for tweet in thread]
    assert [await opened.tweets.items.ancestor_ids(tweet_id) for tweet_id in ids] == [ids[:depth] for depth in range(4)]
    assert await opened.tweets.items.ancestor_ids(NOTHING) == []
    longest = list(range(1, 201))
    await opened.mongo.collection("tweets").update_one({"_id": ids[-1]}, {"$set": {"ancestors": longest}})
    deeper = await new_tweet(opened, alice, thread[-1])
    assert await opened.tweets.items.ancestor_ids(deeper.id) == [*longest[1:], ids[-1]]


async def test_a_tweet_is_kept_in_the_cache_for_an_hour_and_counts_for_seconds(opened: Stores) -> None:
    """A post caches its rows, so that recipients need no read from MongoDB."""
    tweet = await new_tweet(opened, await new_user(opened))
    assert 2_700_000 < await opened.redis.pttl(keys.tweet(tweet.id)) <= 4_320_000
    assert 0 < await opened.redis.pttl(keys.tweet_counts(tweet.id)) <= 54_000


async def test_what_was_changed_while_it_was_posted_is_not_kept(opened: Stores) -> None:
    tweet = tweet_of(TweetId(opened.ids()), await new_user(opened))
    for name in (keys.tweet(tweet.id), keys.tweet_counts(tweet.id)):
        await opened.redis.set(name, b"", px=3_000)  # as whoever deleted it or replied to it leaves it
    await opened.tweets.items.insert(tweet)
    assert await opened.redis.mget(keys.tweet(tweet.id), keys.tweet_counts(tweet.id)) == [b"", b""]
    assert await opened.tweets.items.get(tweet.id) == tweet
