"""Counts of tweets and users: exact for readers at once; increments are added in batches, each once."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.counts.increments import PARTITIONS, TWEET_COUNTERS
from datastore.jobs.jobs import DeleteAccount, Merge, Unmerge
from datastore.mongo.existence import GoneError
from datastore.records.items import RetweetRecord, TweetCounts, TweetRecord
from datastore.records.users import UserCounts
from datastore.redis import keys
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
    tweet_of,
    unfollow,
)
from tests.support.processes.worker_processes import worker_processes
from tests.support.service import settings_for
from tests.support.stores import OwnStore
from tests.support.waiting import eventually
from workers.counters import Counters
from workers.counting import count, count_users

PEOPLE, TWEETS_ACTED_ON, ACTS_AT_ONCE = 8, 6, 12
DRAIN_SECONDS = 60.0


async def stored(stores: Stores, tweet_id: TweetId) -> tuple[dict[str, int], int]:
    """Stored counts and score of the document."""
    row = await stores.mongo.collection("tweets").find_one({"_id": tweet_id})
    return row["counts"], row["score"]


async def likes_by(stores: Stores, tweet_id: TweetId, number: int) -> list[UserId]:
    fans = [await new_user(stores) for _ in range(number)]
    await asyncio.gather(*[stores.tweets.likes.like(stores.ids(), fan, tweet_id) for fan in fans])
    return fans


async def counts_of(stores: Stores, tweet_id: TweetId) -> TweetCounts:
    (found,) = await stores.tweets.counts.get_many([tweet_id])
    return found


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
    own_mongo: Callable[[], Awaitable[OwnStore]], redis_url: str
) -> None:
    mongo_url = (await own_mongo()).url
    await indexed(mongo_url)
    async with opened_stores(mongo_url, redis_url) as stores:
        author = await new_user(stores)
        tweets = await tweets_of_one_queue(stores, author, 4)
        for tweet in tweets:
            await stores.tweets.likes.like(stores.ids(), author, tweet.id)
        stop = asyncio.Event()
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
        await opened.jobs.redis.xadd(keys.jobs(queue), {"job": b"nonsense"})
    tweet = await new_tweet(opened, await new_user(opened))
    await likes_by(opened, tweet.id, 1)
    stop = asyncio.Event()
    counting = asyncio.create_task(Counters(opened, every_ms=20).run(stop))
    await eventually(opened.tweets.pending_counts.is_empty, within=DRAIN_SECONDS)

    async def are_done() -> bool:
        return not any([await opened.jobs.redis.xlen(keys.jobs(queue)) for queue in TWEET_COUNTERS.queues])

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


async def stored_of_person(stores: Stores, user_id: UserId) -> dict[str, int]:
    row = await stores.mongo.collection("users").find_one({"_id": user_id})
    counts: dict[str, int] = row["counts"]
    return counts


one_run = settings(
    max_examples=1, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)


@one_run
@given(seed=st.integers(0, 1 << 32))
async def test_counts_equal_the_acts_after_some_kills_of_workers_and_of_redis(
    mongo_url: str, own_valkey: Callable[[], Awaitable[OwnStore]], seed: int
) -> None:
    await compare_after_faults(mongo_url, await own_valkey(), random.Random(seed), kills=5, restarts=1, leaves=0)


@pytest.mark.long
@settings(one_run, max_examples=3)
@given(seed=st.integers(0, 1 << 32))
async def test_counts_equal_the_acts_after_50_kills_of_workers_and_10_of_redis(
    mongo_url: str, own_valkey: Callable[[], Awaitable[OwnStore]], seed: int
) -> None:
    await compare_after_faults(mongo_url, await own_valkey(), random.Random(seed), kills=50, restarts=10, leaves=4)


async def compare_after_faults(
    mongo_url: str, valkey: OwnStore, dice: random.Random, *, kills: int, restarts: int, leaves: int
) -> None:
    """Continuous acts and deletions of accounts; half of the restarts of Redis lose everything."""
    await indexed(mongo_url)
    async with opened_stores(mongo_url, valkey.url) as stores:
        people = await new_users(stores, *["person"] * PEOPLE)
        tweets = [await new_tweet(stores, people[number % PEOPLE]) for number in range(TWEETS_ACTED_ON)]
        async with worker_processes(settings_for(mongo_url, valkey.url), 2) as workers:
            faults = ["kill"] * kills + ["restart"] * restarts + ["leave"] * leaves
            dice.shuffle(faults)
            for number, fault in enumerate(faults):
                await act_somehow(stores, dice, people, tweets)
                if fault == "kill":
                    workers.kill(dice.randrange(2))
                elif fault == "leave":
                    place = dice.randrange(PEOPLE)
                    await stores.users.accounts.begin_deletion(DeleteAccount(stores.ids(), people[place]))
                    people[place] = await new_user(stores)
                else:
                    await asyncio.gather(
                        valkey.restart(empty=bool(number % 2)), act_somehow(stores, dice, people, tweets)
                    )
            await eventually(lambda: is_drained(stores), within=DRAIN_SECONDS)
        await compare(stores)
        await compare_people(stores)


async def is_drained(stores: Stores) -> bool:
    """Whether deleted accounts are gone and no increment is pending."""
    leaving = await stores.mongo.collection("users").count_documents({"is_deleted": True})
    counts = (stores.tweets.pending_counts, stores.users.pending_counts)
    return not leaving and all([await one.is_empty() for one in counts])


async def act_somehow(stores: Stores, dice: random.Random, people: list[UserId], tweets: list[TweetRecord]) -> None:
    """Concurrent acts; now and then a tweet is deleted meanwhile and replaced by another."""
    acts: list[Awaitable[Any]] = []
    for _ in range(ACTS_AT_ONCE):
        person, place = dice.choice(people), dice.randrange(TWEETS_ACTED_ON)
        acts.append(dice.choices(ACTS, (4, 2, 2, 1, 2))[0](stores, person, tweets[place]))
        if dice.randrange(12) == 0:
            acts.append(delete_tweet(stores, tweets[place]))
            tweets[place] = await new_tweet(stores, person)
        if dice.randrange(4) == 0:
            acts.append(follow_somehow(stores, dice, people))
    for outcome in await asyncio.gather(*acts, return_exceptions=True):
        # Locks of a killed worker last for some seconds; whether such an act was committed is unknown.
        if isinstance(outcome, BaseException) and not isinstance(
            outcome, GoneError | UnavailableError | AssertionError
        ):
            raise outcome


async def follow_somehow(stores: Stores, dice: random.Random, people: list[UserId]) -> None:
    follower, followee = dice.sample(people, 2)
    if dice.random() < 0.6:
        await stores.users.follows.insert(Merge(stores.ids(), follower, followee))
    else:
        await stores.users.follows.delete(Unmerge(stores.ids(), follower, followee))


ACTS: list[Callable[[Stores, UserId, TweetRecord], Awaitable[Any]]] = [
    lambda stores, person, tweet: stores.tweets.likes.like(stores.ids(), person, tweet.id),
    lambda stores, person, tweet: stores.tweets.likes.unlike(stores.ids(), person, tweet.id),
    lambda stores, person, tweet: stores.tweets.retweets.insert(
        RetweetRecord(TweetId(stores.ids()), person, tweet.id, tweet.author_id)
    ),
    lambda stores, person, tweet: stores.tweets.retweets.delete(stores.ids(), person, tweet.id),
    lambda stores, person, tweet: stores.tweets.items.insert(tweet_of(TweetId(stores.ids()), person, tweet)),
]


async def compare(stores: Stores) -> None:
    """Compares every count of tweets with the stored acts."""
    database, right = stores.mongo, dict[int, dict[str, int]]()
    async for row in database.collection("tweets").find({"retweet_of": None}, {"_id": 1}):
        right[row["_id"]] = dict.fromkeys(("likes", "retweets", "quotes", "replies"), 0)
    async for row in database.collection("likes").find({}):
        right[row["target"]]["likes"] += 1
    async for row in database.collection("tweets").find({}):
        for counted, field in (("retweets", "retweet_of"), ("quotes", "quoted"), ("replies", "reply_to")):
            if row.get(field) in right:
                right[row[field]][counted] += 1
    for tweet_id, expected in right.items():
        score = expected["likes"] + 2 * expected["retweets"] + 3 * expected["replies"]
        assert await stored(stores, TweetId(tweet_id)) == (expected, score)
    counts = (stores.tweets.pending_counts, stores.users.pending_counts)
    assert all([await one.is_empty() for one in counts])


async def compare_people(stores: Stores) -> None:
    """Compares every count of users with the stored edges and tweets, none of which refers to a deleted account."""
    right = {
        row["_id"]: dict.fromkeys(("followers", "following", "tweets"), 0)
        async for row in stores.mongo.collection("users").find({}, {"_id": 1})
    }
    async for row in stores.mongo.collection("follows").find({}):
        right[row["followee"]]["followers"] += 1
        right[row["follower"]]["following"] += 1
    async for row in stores.mongo.collection("tweets").find({"retweet_of": None}, {"author": 1}):
        right[row["author"]]["tweets"] += 1
    assert {user_id: await stored_of_person(stores, UserId(user_id)) for user_id in right} == right
