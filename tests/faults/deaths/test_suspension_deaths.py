"""Workers killed in the midst of a suspension and of its end: both are complete in time, and counts equal the acts."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from time import monotonic

import httpx
import pytest
from msgspec import structs

from core.ids import TweetId, UserId
from core.moderation import ModerationAction, Subject, SubjectKind
from datastore.counts.consistency_check import repair_sample
from datastore.counts.increments import TWEET_COUNTERS, USER_COUNTERS
from datastore.jobs.queue import enqueue
from datastore.moderation.records import DecisionRecord
from datastore.mongo.bulk import chunked
from datastore.mongo.client import Document
from datastore.stores import Stores
from datastore.tweets.factory import to_document
from schema.values.nodes import NodeType, global_id
from tests.datastore.moderation.deciding import about_person, decide, revoke
from tests.datastore.opened import new_users, tweet_of
from tests.support.processes.api_processes import ApiProcesses, api_processes
from tests.support.processes.worker_processes import KilledProcesses, worker_processes
from tests.support.scenarios.moderators import MODERATE, REVOKE, sign_up_moderator
from tests.support.service import NO_AUTHORITIES, Service, running_service, settings_for

WITHIN_SECONDS, KILL_EVERY_SECONDS, WORKERS = 60.0, 0.7, 2
DYING_SERVERS, LONGEST_DECISION_SECONDS = 3, 0.06
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


@pytest.mark.long
async def test_a_suspension_is_complete_in_time_though_servers_die_as_they_decide(
    service_database: str, redis_url: str
) -> None:
    """Each server that is asked dies within the time that a decision takes; then workers die, too."""
    crowd, dice = Crowd(5_000, 10_000, 5_000), random.Random(1)
    settings = settings_for(service_database, redis_url, rate_limit="off")
    async with (
        worker_processes(settings, WORKERS) as workers,
        api_processes(settings, 2) as apis,
        running_service(settings, with_workers=False) as service,
        httpx.AsyncClient(timeout=10.0, verify=NO_AUTHORITIES) as http,
    ):
        stores, moderator = service.stores, await sign_up_moderator(service)
        alice, bob = await new_users(stores, "loud", "quiet")
        await fill(stores, alice, bob, crowd)
        before = await counts_of(stores, bob)
        asked = Asked(apis, http, moderator.token, dice)

        wanted = {"subject": global_id(NodeType.USER, alice), "action": "SUSPEND", "reason": "SPAM"}
        await asked.until_done(MODERATE, input=wanted)
        await settle_with_deaths(service, workers)
        during = await counts_of(stores, bob)
        assert all(during[name] == before[name] - took for name, took in taken_by(crowd).items())
        assert (await repair_sample(stores.mongo, TWEET_COUNTERS, _ALL)).wrong == []
        (decision,) = await stores.moderation.decisions.standing(Subject(SubjectKind.PERSON, alice), None, 10)
        log = stores.mongo.collection("moderation_log")
        assert await log.count_documents({"subject": alice, "action": "SUSPEND"}) == 1

        await asked.until_done(REVOKE, id=global_id(NodeType.DECISION, decision.id))
        await settle_with_deaths(service, workers)
        assert await counts_of(stores, bob) == before
        assert (await repair_sample(stores.mongo, TWEET_COUNTERS, _ALL)).wrong == []
        assert (await repair_sample(stores.mongo, USER_COUNTERS, _ALL)).wrong == []
        assert await log.count_documents({"subject": alice, "action": "REVOKE SUSPEND"}) == 1
        assert asked.kills >= 2 * DYING_SERVERS


@dataclass(slots=True)
class Asked:
    """A moderator's client, which asks the other server where one does not answer."""

    apis: ApiProcesses
    http: httpx.AsyncClient
    token: str
    dice: random.Random
    kills: int = 0

    async def until_done(self, document: str, **variables: object) -> None:
        """The first servers die as they are asked. A decision that stands already was made by one of them."""
        for number in itertools.count():
            killing = asyncio.create_task(self._kill(number % 2)) if number < DYING_SERVERS else None
            codes = await self._ask(self.apis.urls[number % 2], document, variables)
            if killing is not None:
                await killing
            if codes in ([], ["CONFLICT"]) and number >= DYING_SERVERS:
                return

    async def _ask(self, url: str, document: str, variables: dict[str, object]) -> list[str] | None:
        """Codes of the refusals; None without an answer."""
        body, headers = {"query": document, "variables": variables}, {"authorization": f"Bearer {self.token}"}
        try:
            answer = (await self.http.post(f"{url}/graphql", json=body, headers=headers)).json()
        except httpx.HTTPError:
            return None
        (payload,) = answer["data"].values()
        return [error["code"] for error in payload["userErrors"]]

    async def _kill(self, which: int) -> None:
        await asyncio.sleep(self.dice.uniform(0.0, LONGEST_DECISION_SECONDS))  # the fault itself
        await self.apis.kill(which)
        self.kills += 1


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
