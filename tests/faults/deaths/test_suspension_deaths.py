"""Workers killed in the midst of a suspension and of its end: both are complete in time, and counts equal the acts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from time import monotonic

import pytest
from msgspec import structs

from core.ids import TweetId, UserId
from core.moderation import ModerationAction
from datastore.counts.consistency_check import repair_sample
from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS
from datastore.jobs.queue import enqueue
from datastore.moderation.records import DecisionRecord
from datastore.mongo.bulk import chunked
from datastore.mongo.client import Document
from datastore.stores import Stores
from datastore.tweets.factory import to_document
from tests.datastore.moderation.deciding import about_person, decide, revoke
from tests.datastore.opened import new_users, tweet_of
from tests.support.processes.worker_processes import KilledProcesses, worker_processes
from tests.support.service import Service, running_service, settings_for

WITHIN_SECONDS, KILL_EVERY_SECONDS, WORKERS = 60.0, 0.7, 2
_ALL = 100_000


@dataclass(frozen=True, slots=True)
class Crowd:
    """How much the person wrote and is liked; half of the tweets are replies to Bob's tweet."""

    tweets: int
    followers: int
    likes: int


@pytest.fixture
async def world(service_database: str, redis_url: str) -> AsyncIterator[tuple[Service, KilledProcesses]]:
    settings = settings_for(service_database, redis_url, rate_limit="off")
    async with worker_processes(settings, WORKERS) as workers, running_service(settings, with_workers=False) as service:
        yield service, workers


@pytest.mark.parametrize(
    "crowd",
    [
        pytest.param(Crowd(700, 1_100, 600), id="small"),
        pytest.param(Crowd(5_000, 10_000, 5_000), id="large", marks=pytest.mark.long),
    ],
)
async def test_a_suspension_is_complete_in_time_though_workers_die(
    world: tuple[Service, KilledProcesses], crowd: Crowd
) -> None:
    service, workers = world
    stores = service.stores
    alice, bob = await new_users(stores, "loud", "quiet")
    await fill(stores, alice, bob, crowd)
    before = await counts_of(stores, bob)

    decision = about_person(stores, alice, ModerationAction.SUSPEND)
    await enqueue(stores.jobs.redis, *await decide(stores, None, decision))
    await settle_with_deaths(service, workers)
    during = await counts_of(stores, bob)
    assert all(during[name] == before[name] - took for name, took in taken_by(crowd).items())
    assert (await repair_sample(stores.mongo, TWEET_COUNTERS, _ALL)).wrong == []
    assert (await repair_sample(stores.mongo, USER_COUNTERS, _ALL)).wrong == []

    await revoked(stores, decision)
    await settle_with_deaths(service, workers)
    assert await counts_of(stores, bob) == before
    assert (await repair_sample(stores.mongo, TWEET_COUNTERS, _ALL)).wrong == []
    assert (await repair_sample(stores.mongo, USER_COUNTERS, _ALL)).wrong == []
    marks = {"$or": [{"by_suspended": {"$exists": True}}, {"of_suspended": {"$exists": True}}]}
    for name, end in (("likes", "user"), ("tweets", "author"), ("follows", "follower"), ("follows", "followee")):
        assert await stores.mongo.collection(name).count_documents({end: alice, **marks}) == 0


def taken_by(crowd: Crowd) -> dict[str, int]:
    return {"replies": crowd.tweets // 2, "following of followers": crowd.followers, "likes": crowd.likes}


async def fill(stores: Stores, alice: UserId, bob: UserId, crowd: Crowd) -> None:
    """Rows as they are once all workers are done."""
    root = await insert_tweets(stores, bob, 1, None)
    await insert_tweets(stores, alice, crowd.tweets - crowd.tweets // 2, None)
    await insert_tweets(stores, alice, crowd.tweets // 2, root[0])
    liked = await insert_tweets(stores, bob, crowd.likes, None)
    await insert(stores, "likes", [{"_id": stores.ids(), "user": alice, "target": one} for one in liked])
    followers = [UserId(stores.ids()) for _ in range(crowd.followers)]
    await insert(stores, "users", [{"_id": one, "handle_key": f"f{one}", "email_key": f"f{one}"} for one in followers])
    edges = [{"_id": stores.ids(), "follower": one, "followee": alice} for one in followers]
    await insert(stores, "follows", [*edges, {"_id": stores.ids(), "follower": alice, "followee": bob}])
    for spec in (TWEET_COUNTERS, USER_COUNTERS):
        await repair_sample(stores.mongo, spec, _ALL)


async def insert_tweets(stores: Stores, author: UserId, count: int, parent: TweetId | None) -> list[TweetId]:
    tweets = [structs.replace(tweet_of(TweetId(stores.ids()), author), reply_to=parent) for _ in range(count)]
    await insert(stores, "tweets", [to_document(tweet) for tweet in tweets])
    return [tweet.id for tweet in tweets]


async def insert(stores: Stores, collection: str, rows: Sequence[Document]) -> None:
    for some in chunked(rows, 1_000):
        await stores.mongo.collection(collection).insert_many(some)


async def counts_of(stores: Stores, bob: UserId) -> dict[str, int]:
    """Sums of the stored counts that Alice's acts changed."""
    of_tweets: list[Document] = [
        {"$match": {"author": bob}},
        {"$group": {"_id": None, **{name: {"$sum": f"$counts.{name}"} for name in ("likes", "replies")}}},
    ]
    of_people: list[Document] = [{"$group": {"_id": None, "following of followers": {"$sum": "$counts.following"}}}]
    found = await stores.mongo.aggregate("tweets", of_tweets), await stores.mongo.aggregate("users", of_people)
    return {name: number for rows in found for name, number in rows[0].items() if name != "_id"}


async def settle_with_deaths(service: Service, workers: KilledProcesses) -> None:
    """Kills one worker after the other until all is done, in time."""
    began, number = monotonic(), 0
    while not await service.is_settled():
        assert monotonic() - began < WITHIN_SECONDS
        await asyncio.sleep(KILL_EVERY_SECONDS)  # the fault itself: a death at some moment
        if number < 2 * WORKERS:
            workers.kill(number)
            number += 1


async def revoked(stores: Stores, decision: DecisionRecord) -> None:
    job = await revoke(stores, None, decision)
    assert job is not None
    await enqueue(stores.jobs.redis, job)
