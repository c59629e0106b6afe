"""Counts of tweets and users: exact for readers at once; increments are added in batches, each once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from core.ids import TweetId, UserId
from datastore.counts.increments import PARTITIONS, TWEET_COUNTERS
from datastore.jobs.jobs import DeleteAccount
from datastore.records.items import RetweetRecord, TweetCounts, TweetRecord
from datastore.records.users import UserCounts
from datastore.redis import job_keys, keys
from datastore.stores import Stores
from tests.datastore.opened import (
    delete_tweet,
    follow,
    indexed,
    new_tweet,
    new_user,
    new_users,
    opened_stores,
    sources_of,
    unfollow,
)
from tests.support.stores import OwnStore
from tests.support.waiting import eventually
from tests.workers.compare_counts import stored, stored_of_person
from workers.counters import Counters
from workers.counting import count, count_users

DRAIN_SECONDS = 60.0


async def likes_by(stores: Stores, tweet_id: TweetId, number: int) -> list[UserId]:
    fans = [await new_user(stores) for _ in range(number)]
    await asyncio.gather(*[stores.tweets.likes.like(stores.ids(), fan, tweet_id) for fan in fans])
    return fans


async def counts_of(stores: Stores, tweet_id: TweetId) -> TweetCounts:
    (found,) = await stores.tweets.counts.get_many([tweet_id])
    return found


async def test_counts_of_both_ends_of_one_follow_do_not_disturb_each_other(opened: Stores) -> None:
    ends = await new_users(opened, "follower", "followee")
    await follow(opened, *ends)
    pending, at_once, most = opened.users.pending_counts, 0, 0

    async def look(_increments: object, _session: object) -> None:
        nonlocal at_once, most
        at_once += 1
        for _ in range(20):
            await opened.mongo.ping()
            most = max(most, at_once)
        at_once -= 1

    assert await asyncio.gather(*[pending.apply([end], look) for end in ends]) == [1, 1]
    assert most == 1


async def test_acts_are_counted_for_everybody_before_any_worker_has_seen_them(opened: Stores) -> None:
    author, fan = await new_users(opened, "author", "fan")
    tweet = await new_tweet(opened, author)
    await counts_of(opened, tweet.id)
    await opened.tweets.likes.like(opened.ids(), fan, tweet.id)
    await opened.tweets.retweets.insert(RetweetRecord(TweetId(opened.ids()), fan, tweet.id, author))
    await new_tweet(opened, fan, tweet)
    assert await counts_of(opened, tweet.id) == TweetCounts(likes=1, retweets=1, replies=1)
    assert await stored(opened, tweet.id) == ({"likes": 0, "retweets": 0, "quotes": 0, "replies": 0}, 0)
    await opened.tweets.likes.unlike(opened.ids(), fan, tweet.id)
    assert await counts_of(opened, tweet.id) == TweetCounts(retweets=1, replies=1)
    await count(opened, [tweet.id])
    assert await counts_of(opened, tweet.id) == TweetCounts(retweets=1, replies=1)
    assert await stored(opened, tweet.id) == ({"likes": 0, "retweets": 1, "quotes": 0, "replies": 1}, 5)
    assert await opened.tweets.pending_counts.is_empty()


async def test_changes_are_added_once_by_however_many_at_once(opened: Stores) -> None:
    tweets = [await new_tweet(opened, await new_user(opened)) for _ in range(3)]
    for tweet in tweets:
        await likes_by(opened, tweet.id, 7)
    ids = [tweet.id for tweet in tweets]
    await asyncio.gather(*[count(opened, ids[::way]) for way in (1, -1, 1, -1)])
    assert [(await stored(opened, id_))[0]["likes"] for id_ in ids] == [7, 7, 7]


async def test_like_of_a_tweet_that_was_deleted_at_that_moment_is_undone(opened: Stores) -> None:
    author, fan = await new_users(opened, "author", "fan")
    gone, kept = await new_tweet(opened, author), await new_tweet(opened, author)
    await likes_by(opened, kept.id, 1)
    await opened.tweets.likes.like(opened.ids(), fan, gone.id)
    await opened.tweets.retweets.insert(RetweetRecord(TweetId(opened.ids()), fan, gone.id, author))
    await delete_tweet(opened, gone)
    await opened.tweets.likes.like(opened.ids(), author, gone.id)
    await count(opened, [gone.id, kept.id])
    assert await sources_of(opened.tweets.likes, gone.id) == []
    assert await opened.tweets.retweets.of_tweet(gone.id, None, 10) == []
    assert (await stored(opened, kept.id))[0]["likes"] == 1
    assert await opened.tweets.pending_counts.is_empty()


async def test_one_tweet_is_written_to_once_in_its_time(opened: Stores) -> None:
    one, other = TweetId(opened.ids()), TweetId(opened.ids())
    assert await opened.tweets.pending_counts.try_acquire([one, other], 60_000) == [one, other]
    assert await opened.tweets.pending_counts.try_acquire([one, other], 60_000) == []


async def test_what_redis_lost_is_counted_all_the_same(opened: Stores) -> None:
    tweet = await new_tweet(opened, await new_user(opened))
    await likes_by(opened, tweet.id, 3)
    await opened.redis.flushdb()
    stop = asyncio.Event()
    counting = asyncio.create_task(Counters(opened, every_ms=20, overdue=timedelta(milliseconds=200)).run(stop))
    await eventually(opened.tweets.pending_counts.is_empty, within=DRAIN_SECONDS)
    stop.set()
    await counting
    assert (await stored(opened, tweet.id))[0]["likes"] == 3


async def test_tweet_that_another_transaction_holds_up_holds_up_no_others(
    own_mongo: Callable[[], Awaitable[OwnStore]], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mongo_url = (await own_mongo()).url
    await indexed(mongo_url)
    async with opened_stores(mongo_url, redis_url) as stores:
        author = await new_user(stores)
        tweets = await tweets_of_one_queue(stores, author, 4)
        for tweet in tweets:
            await stores.tweets.likes.like(stores.ids(), author, tweet.id)
        stop = asyncio.Event()
        monkeypatch.setattr("datastore.mongo.client._TIMEOUT_MS", 1_000)  # some transactions in a row wait for so long
        async with held(stores, tweets[0].id):
            counting = asyncio.create_task(Counters(stores, every_ms=20).run(stop))

            async def are_counted() -> bool:
                return [(await stored(stores, tweet.id))[1] for tweet in tweets[1:]] == [1, 1, 1]

            await eventually(are_counted, within=DRAIN_SECONDS)
            assert (await stored(stores, tweets[0].id))[1] == 0
        await eventually(stores.tweets.pending_counts.is_empty, within=DRAIN_SECONDS)
        stop.set()
        await counting
        assert (await stored(stores, tweets[0].id))[1] == 1


async def tweets_of_one_queue(stores: Stores, author: UserId, number: int) -> list[TweetRecord]:
    found = [await new_tweet(stores, author)]
    while len(found) < number:
        tweet = await new_tweet(stores, author)
        if keys.bucket(tweet.id) % PARTITIONS == keys.bucket(found[0].id) % PARTITIONS:
            found.append(tweet)
    return found


@asynccontextmanager
async def held(stores: Stores, tweet_id: TweetId) -> AsyncIterator[None]:
    """A lock by a transaction that MongoDB does not end within seconds."""
    await stores.mongo.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=600)
    tweets = stores.mongo.collection("tweets")
    async with tweets.database.client.start_session() as session:
        await session.start_transaction()
        await tweets.update_one({"_id": tweet_id}, {"$set": {"held": True}}, session=session)
        yield
        await session.abort_transaction()


async def test_entry_that_is_no_tweet_holds_nobody_up(opened: Stores) -> None:
    for queue in TWEET_COUNTERS.queues:
        await opened.jobs.redis.xadd(job_keys.jobs(queue), {"job": b"nonsense"})
    tweet = await new_tweet(opened, await new_user(opened))
    await likes_by(opened, tweet.id, 1)
    stop = asyncio.Event()
    counting = asyncio.create_task(Counters(opened, every_ms=20).run(stop))
    await eventually(opened.tweets.pending_counts.is_empty, within=DRAIN_SECONDS)

    async def are_done() -> bool:
        return not any([await opened.jobs.redis.xlen(job_keys.jobs(queue)) for queue in TWEET_COUNTERS.queues])

    await eventually(are_done)
    stop.set()
    await counting


async def test_a_follow_is_counted_for_everybody_before_any_worker_has_seen_it(opened: Stores) -> None:
    alice, bob = await new_users(opened, "alice", "bob")
    await opened.users.counts.get_many([alice, bob])
    await follow(opened, bob, alice)
    await opened.users.counts.invalidate(alice, bob)
    assert await opened.users.counts.get_many([alice, bob]) == [UserCounts(1, 0, 0), UserCounts(0, 1, 0)]
    assert (await stored_of_person(opened, alice))["followers"] == 0
    assert await opened.users.counts.follower_count(alice) == 1
    await count_users(opened, [alice, bob])
    assert (await stored_of_person(opened, alice))["followers"] == 1
    assert await opened.users.counts.follower_count(alice) == 1
    await unfollow(opened, bob, alice)
    await count_users(opened, [alice, bob])
    assert await stored_of_person(opened, alice) == await stored_of_person(opened, bob)
    assert await opened.users.pending_counts.is_empty()


async def test_many_who_follow_one_write_to_that_person_once(opened: Stores) -> None:
    celebrity, *fans = await new_users(opened, "celebrity", *["fan"] * 20)
    before = await opened.mongo.collection("users").find_one({"_id": celebrity})
    await asyncio.gather(*[follow(opened, fan, celebrity) for fan in fans])
    assert await opened.mongo.collection("users").find_one({"_id": celebrity}) == before
    assert await opened.users.pending_counts.apply([celebrity]) == 20
    assert (await stored_of_person(opened, celebrity))["followers"] == 20


async def test_follow_of_somebody_whose_account_was_deleted_at_that_moment_is_undone(opened: Stores) -> None:
    gone, fan, kept = await new_users(opened, "gone", "fan", "kept")
    await follow(opened, fan, gone)
    await follow(opened, fan, kept)
    await opened.users.accounts.begin_deletion(DeleteAccount(opened.ids(), gone))
    await follow(opened, kept, gone)
    await count_users(opened, [gone, kept, fan])
    assert await opened.users.follows.followees(fan) == [kept]
    assert (await stored_of_person(opened, kept))["followers"] == 1
    assert await opened.users.counts.get_many([fan]) == [UserCounts(0, 1, 0)]
    assert await opened.users.pending_counts.is_empty()
