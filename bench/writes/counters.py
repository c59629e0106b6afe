"""Likes of one tweet and follows of one person: counted in batches, against a direct $inc each, in the same run."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, NamedTuple

import structlog

from bench.data.population import Plan, store_population
from bench.deployment.stack import running_stack
from bench.harness.figures import Figure
from bench.harness.waiting import until
from core.ids import TweetId, UserId
from datastore.graph.follow_notices import follow_notice
from datastore.jobs.acts import ActKind
from datastore.jobs.jobs import Merge, Notify
from datastore.mongo.client import away_as_unavailable
from datastore.mongo.edges import EdgeStore
from datastore.mongo.existence import ensure_not_blocked, lock_existing_user
from datastore.stores import Stores, open_stores
from workers.__main__ import COUNTERS

LIKES = 2_000
AT_ONCE = 32
GOAL = 5.0
_Act = Callable[[UserId], Awaitable[object]]


class Run(NamedTuple):
    """MongoDB transactions and written documents (without upserts) per 1,000 likes until all were counted."""

    a_second: float
    transactions: float
    documents: float


async def run() -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    async with running_stack(COUNTERS) as stack, open_stores(stack.settings) as stores:
        people = await store_population(stores, Plan([[] for _ in range(LIKES)], [0, 0]), lists_of=())
        queued_tweet, direct_tweet = people.tweets[0]
        direct = await _measure(stores, people.ids, direct_tweet, _direct(stores, direct_tweet))
        queued = await _measure(stores, people.ids, queued_tweet, _queued(stores, queued_tweet))
        star, *fans = people.ids
        half = len(fans) // 2
        followed = await _follows_a_second(fans[:half], _queued_follow(stores, star))
        directly = await _follows_a_second(fans[half:], _direct_follow(stores, star))
        await until(stores.users.pending_counts.is_empty)
        row = await stores.mongo.collection("users").find_one({"_id": star})
        assert row["counts"]["followers"] == len(fans), row
    return [*_figures(queued, direct), *_follow_figures(followed, directly)]


def _queued(stores: Stores, tweet_id: TweetId) -> _Act:
    return lambda person: stores.tweets.likes.like(stores.ids(), person, tweet_id)


def _direct(stores: Stores, tweet_id: TweetId) -> _Act:
    """Like, person and count in one transaction; one at a time per process, since they change one document."""
    likes, tweets = EdgeStore(stores.mongo, "likes"), stores.mongo.collection("tweets")

    async def like(person: UserId) -> None:
        async def act(session: Any) -> None:  # noqa: ANN401 - of either driver
            act_id = stores.ids()
            await likes.insert(act_id, person, tweet_id, session=session)
            await lock_existing_user(stores.mongo, session, person, act_id)
            await stores.jobs.outbox.add(session, Notify(act_id, ActKind.LIKE, person, tweet_id))
            await tweets.update_one({"_id": tweet_id}, {"$inc": {"counts.likes": 1, "score": 1}}, session=session)

        with away_as_unavailable():
            await stores.mongo.in_transaction(act, changing=(tweet_id,))
        await stores.tweets.counts.invalidate(tweet_id)

    return like


def _queued_follow(stores: Stores, star: UserId) -> _Act:
    return lambda person: stores.users.follows.insert(Merge(stores.ids(), person, star))


def _direct_follow(stores: Stores, star: UserId) -> _Act:
    """Edge, both people and both counts in one transaction; one at a time per process, for the followee's document."""
    follows, users = stores.mongo.collection("follows"), stores.mongo.collection("users")

    async def follow(person: UserId) -> None:
        act = Merge(stores.ids(), person, star)

        async def insert(session: Any) -> None:  # noqa: ANN401 - of either driver
            for one, counted in sorted({person: "following", star: "followers"}.items()):
                await lock_existing_user(stores.mongo, session, one, act.act_id)
                await users.update_one({"_id": one}, {"$inc": {f"counts.{counted}": 1}}, session=session)
            await ensure_not_blocked(stores.mongo, session, person, star)
            row = {"_id": act.act_id, "follower": person, "followee": star}
            await follows.insert_one(row, session=session)
            await stores.jobs.outbox.add(session, act)
            await stores.jobs.outbox.add(session, follow_notice(act))

        with away_as_unavailable():
            await stores.mongo.in_transaction(insert, changing=(person, star))

    return follow


async def _follows_a_second(people: list[UserId], follow: _Act) -> float:
    began = perf_counter()
    await _all_of(people, follow)
    return len(people) / (perf_counter() - began)


async def _all_of(people: list[UserId], act: _Act) -> None:
    waiting = iter(people)

    async def some() -> None:
        for person in waiting:
            await act(person)

    await asyncio.gather(*[some() for _ in range(AT_ONCE)])


async def _measure(stores: Stores, people: list[UserId], tweet_id: TweetId, like: _Act) -> Run:
    before = await _written(stores)
    began = perf_counter()
    await _all_of(people, like)
    seconds = perf_counter() - began
    await until(stores.tweets.pending_counts.is_empty)
    (counts,) = await stores.tweets.counts.get_many([tweet_id])
    assert counts.likes == LIKES, counts
    row = await stores.mongo.collection("tweets").find_one({"_id": tweet_id})
    assert row["counts"]["likes"] == LIKES, row
    transactions, documents = (
        1_000 * (now - then) / LIKES for now, then in zip(await _written(stores), before, strict=True)
    )
    return Run(LIKES / seconds, transactions, documents)


async def _written(stores: Stores) -> tuple[int, int]:
    """Committed transactions and written documents since the server started."""
    status = await stores.mongo.database.command("serverStatus")
    documents = status["metrics"]["document"]
    return (
        int(status["transactions"]["totalCommitted"]),
        sum(int(documents[name]) for name in ("inserted", "updated", "deleted")),
    )


def _figures(queued: Run, direct: Run) -> list[Figure]:
    ratio = queued.a_second / direct.a_second
    return [
        Figure(
            "counters",
            f"likes on one tweet, {AT_ONCE} at a time, queued",
            f"{queued.a_second:.0f} likes/s",
            f">= {GOAL:.0f}",
            f"{ratio:.1f}",
        ),
        Figure("counters", "  with a direct $inc for each", f"{direct.a_second:.0f} likes/s"),
        Figure(
            "counters",
            "  transactions for 1,000 likes, queued and direct",
            _both(queued.transactions, direct.transactions),
        ),
        Figure("counters", "  documents written for 1,000, without upserts", _both(queued.documents, direct.documents)),
    ]


def _follow_figures(queued: float, direct: float) -> list[Figure]:
    what = f"follows of one person, {AT_ONCE} at a time, queued"
    return [
        Figure("counters", what, f"{queued:.0f} follows/s", "", f"{queued / direct:.1f}"),
        Figure("counters", "  with a direct $inc for each", f"{direct:.0f} follows/s"),
    ]


def _both(queued: float, direct: float) -> str:
    return f"{queued:,.0f} and {direct:,.0f}"
