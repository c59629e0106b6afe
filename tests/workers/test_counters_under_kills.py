"""Counts equal the acts, whichever workers are killed and however Redis restarts."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.jobs.jobs import DeleteAccount, Merge, Unmerge
from datastore.mongo.existence import GoneError
from datastore.records.items import RetweetRecord, TweetRecord
from datastore.stores import Stores
from tests.datastore.opened import (
    delete_tweet,
    indexed,
    new_tweet,
    new_user,
    new_users,
    opened_stores,
    tweet_of,
)
from tests.support.processes.worker_processes import worker_processes
from tests.support.service import settings_for
from tests.support.stores import OwnStore
from tests.support.waiting import eventually
from tests.workers.compare_counts import compare, compare_people

PEOPLE, TWEETS_ACTED_ON, ACTS_AT_ONCE = 8, 6, 12
DRAIN_SECONDS = 60.0


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
