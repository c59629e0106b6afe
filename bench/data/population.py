"""Generates people for a benchmark and stores them in bulk: accounts, tweets, follows, home timelines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pymongo

from core.auth.passwords import hash_password
from core.ids import TweetId, UserId
from core.runtime.tasks import for_each
from core.text.entities import Entities
from datastore.admin.indexes import make_indexes
from datastore.mongo.bulk import chunked, ids_at, insert_new
from datastore.mongo.client import Document
from datastore.records.users import AccountRecord, UserRecord
from datastore.records.users import to_document as account_document
from datastore.redis import keys
from datastore.redis.client import send_all
from datastore.stores import Stores
from datastore.tweets.factory import build_tweet
from datastore.tweets.factory import to_document as tweet_document

PASSWORD = "correct horse battery"
_JOINED_MS = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000)
# Everybody joined long before the first tweet.
_FIRST_TWEET_MS = _JOINED_MS + 30 * 86_400_000
_TWEET_EVERY_MS = 1_000
_AT_ONCE = 2
# Storing a million people takes minutes.
_STORE_SECONDS = 1_800.0
_LISTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """People are numbers from 0. `followees` has a list per person, `authors` an author per tweet, oldest first."""

    followees: Sequence[Sequence[int]]
    authors: Sequence[int]


@dataclass(frozen=True, slots=True)
class Population:
    """The stored people, indexed by their numbers in the plan; `followers` and `tweets` are oldest first."""

    plan: Plan
    ids: list[UserId]
    followers: list[list[int]] = field(default_factory=list)
    tweets: list[list[TweetId]] = field(default_factory=list)

    def handle(self, person: int) -> str:
        return f"person_{person}"

    def timeline(self, person: int) -> list[TweetId]:
        """The complete home timeline, newest first."""
        circle = (person, *self.plan.followees[person])
        return sorted((tweet for other in circle for tweet in self.tweets[other]), reverse=True)


async def store_population(stores: Stores, plan: Plan, *, lists_of: Iterable[int]) -> Population:
    """Stores all rows in an empty database, and the home lists of `lists_of` in Redis."""
    population = _population(plan)
    with pymongo.timeout(_STORE_SECONDS):
        rows = {"users": _accounts(population), "tweets": _tweets(population), "follows": _follows(population)}
        for collection, some in rows.items():
            # Building an index over all rows afterwards takes a tenth of the time.
            await stores.mongo.collection(collection).drop_indexes()
            await _insert(stores, collection, some)
        await make_indexes(stores.mongo)
    await _push_lists(stores, population, lists_of)
    return population


def _population(plan: Plan) -> Population:
    people = range(len(plan.followees))
    population = Population(plan, [UserId(user_id) for user_id in ids_at(_JOINED_MS for _ in people)])
    population.followers.extend([] for _ in people)
    population.tweets.extend([] for _ in people)
    for person in people:
        for followee in plan.followees[person]:
            population.followers[followee].append(person)
    instants = range(_FIRST_TWEET_MS, _FIRST_TWEET_MS + len(plan.authors) * _TWEET_EVERY_MS, _TWEET_EVERY_MS)
    for author, tweet_id in zip(plan.authors, ids_at(instants), strict=True):
        population.tweets[author].append(TweetId(tweet_id))
    return population


async def _insert(stores: Stores, collection: str, rows: Iterable[Document]) -> None:
    async def insert(chunk: list[Document]) -> None:
        assert await insert_new(stores.mongo.collection(collection), chunk) == len(chunk)

    await for_each(chunked(rows), insert, at_once=_AT_ONCE)


def _accounts(population: Population) -> Iterable[Document]:
    password_hash = hash_password(PASSWORD)
    for person, user_id in enumerate(population.ids):
        handle = population.handle(person)
        user = UserRecord(user_id, handle, f"Person {person}")
        counts = {
            "followers": len(population.followers[person]),
            "following": len(population.plan.followees[person]),
            "tweets": len(population.tweets[person]),
        }
        yield account_document(AccountRecord(user, f"{handle}@made-up.invalid", password_hash)) | {"counts": counts}


def _tweets(population: Population) -> Iterable[Document]:
    for author, tweets in enumerate(population.tweets):
        for place, tweet_id in enumerate(tweets):
            text = f"Nest {place} of person {author} stands in a tall elm by the old road"
            author_id = population.ids[author]
            yield tweet_document(build_tweet(tweet_id, author_id, text, entities=Entities(), mentioned_ids={}))


def _follows(population: Population) -> Iterable[Document]:
    acts = iter(ids_at(_JOINED_MS for _ in range(sum(map(len, population.plan.followees)))))
    for person, followees in enumerate(population.plan.followees):
        for followee in followees:
            yield {"_id": next(acts), "follower": population.ids[person], "followee": population.ids[followee]}


async def _push_lists(stores: Stores, population: Population, people: Iterable[int]) -> None:
    """Writes lists in the format of a rebuild; the last element, 0, means that nothing is older."""
    for some in chunked(people, _LISTS_AT_ONCE):
        commands: list[Sequence[str | int]] = []
        for person in some:
            timeline: list[int] = [*population.timeline(person)]
            assert len(timeline) < stores.timelines.home.length
            commands.append(("RPUSH", keys.home(population.ids[person]), *timeline, 0))
        await send_all(stores.redis, commands)
