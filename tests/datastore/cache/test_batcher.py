"""Batcher: order, errors, cancellation, and likes that share a transaction."""

import asyncio
from collections.abc import Sequence

import pytest

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.cache.batcher import Batcher
from datastore.jobs.jobs import ActKind, Notify
from datastore.mongo.existence import GoneError
from datastore.stores import Stores
from tests.datastore.opened import new_tweet, new_user, new_users, sources_of
from tests.support.waiting import eventually


class Doubling:
    """Doubles numbers once `let` is set. 13 raises ValueError, 14 raises UnavailableError."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.let = asyncio.Event()

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        await self.let.wait()
        if 13 in numbers:
            raise ValueError(13)
        if 14 in numbers:
            raise UnavailableError("The database")
        return [2 * number for number in numbers]


async def test_requests_collect_while_a_batch_is_under_way() -> None:
    doubling = Doubling()
    double = Batcher[int, int](doubling, 3)
    calls = [asyncio.create_task(double(number)) for number in range(6)]
    await asyncio.sleep(0)
    doubling.let.set()
    assert await asyncio.gather(*calls) == [0, 2, 4, 6, 8, 10]
    assert doubling.batches == [[0, 1, 2], [3, 4, 5]]
    assert await double(50) == 100


async def test_at_most_at_once_batches_are_under_way() -> None:
    doubling = Doubling()
    double = Batcher[int, int](doubling, 9, at_once=2)
    calls = [asyncio.create_task(double(1))]
    await eventually(lambda: doubling.batches == [[1]])
    calls.append(asyncio.create_task(double(2)))
    await eventually(lambda: doubling.batches == [[1], [2]])
    calls += [asyncio.create_task(double(number)) for number in (3, 4)]
    await asyncio.sleep(0)
    doubling.let.set()
    assert await asyncio.gather(*calls) == [2, 4, 6, 8]
    assert doubling.batches == [[1], [2], [3, 4]]


async def test_request_that_arrives_as_a_batch_ends_is_executed() -> None:
    doubling = Doubling()
    doubling.let.set()
    double = Batcher[int, int](doubling, 1)
    async with asyncio.timeout(5.0):
        assert [await double(number) for number in range(3)] == [0, 2, 4]


async def test_error_fails_its_batch_and_an_unavailable_store_all_waiting_requests() -> None:
    doubling = Doubling()
    doubling.let.set()
    double = Batcher[int, int](doubling, 2)
    outcomes = await asyncio.gather(*[double(number) for number in (1, 13, 3, 4)], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ValueError, ValueError, int, int]
    outcomes = await asyncio.gather(*[double(number) for number in (1, 14, 3, 4)], return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [UnavailableError] * 4
    assert await double(5) == 10


async def test_cancelled_request_does_not_cancel_its_batch() -> None:
    doubling = Doubling()
    double = Batcher[int, int](doubling, 9)
    one, other = asyncio.create_task(double(1)), asyncio.create_task(double(2))
    await asyncio.sleep(0)
    one.cancel()
    doubling.let.set()
    assert await other == 4
    with pytest.raises(asyncio.CancelledError):
        await one


async def test_concurrent_likes_each_have_their_own_outcome(opened: Stores) -> None:
    author, nobody = await new_user(opened), UserId(1)
    fans = await new_users(opened, "fan", "fan", "fan")
    tweet, gone = await new_tweet(opened, author), TweetId(1)
    assert await opened.tweets.likes.like(opened.ids(), fans[0], tweet.id)
    wanted = [(fans[0], tweet.id), (fans[1], tweet.id), (fans[1], tweet.id), (fans[2], gone), (nobody, tweet.id)]
    acts = [opened.tweets.likes.like(opened.ids(), *pair) for pair in wanted]
    outcomes = await asyncio.gather(*acts, return_exceptions=True)
    assert outcomes[0] is None
    assert {type(outcome) for outcome in outcomes[1:3]} == {Notify, type(None)}
    assert [(type(outcome), getattr(outcome, "gone", None)) for outcome in outcomes[3:]] == [
        (GoneError, gone),
        (GoneError, nobody),
    ]
    assert set(await sources_of(opened.tweets.likes, tweet.id)) == {fans[0], fans[1]}
    assert (await opened.tweets.counts.get_many([tweet.id]))[0].likes == 2


async def test_likes_that_share_a_transaction_each_leave_a_notification_job(opened: Stores) -> None:
    author = await new_user(opened)
    fans, tweets = await new_users(opened, *["fan"] * 4), [await new_tweet(opened, author) for _ in range(2)]
    pairs = [(fan, tweet.id) for fan in fans for tweet in tweets]
    made = await asyncio.gather(*[opened.tweets.likes.like(opened.ids(), *pair) for pair in pairs])
    assert [(one.actor_id, one.target, one.kind) for one in made if one] == [(*pair, ActKind.LIKE) for pair in pairs]
    left = [job for job in await opened.jobs.outbox.unfinished(-1_000, 100) if isinstance(job, Notify)]
    assert sorted(job.act_id for job in left if job.kind is ActKind.LIKE) == sorted(one.act_id for one in made if one)
    assert [counts.likes for counts in await opened.tweets.counts.get_many([tweet.id for tweet in tweets])] == [4, 4]
