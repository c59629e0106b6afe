"""tweetUpdates: changes of counts, joined, for viewers who may see the tweet, until it is deleted."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from core.ids import TweetId
from datastore.records.items import TweetCounts, TweetRecord
from schema.values.nodes import NodeType, global_id
from subscriptions.tweet_updates import TweetUpdates
from tests.support.people import Person, Socket, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

WATCH = """subscription($ids: [ID!]!) { tweetUpdates(ids: $ids) {
  isDeleted tweetId tweet { id likeCount retweetCount replyCount viewerHasLiked author { handle } } } }"""
LIKE = "mutation($id: ID!) { like(tweetId: $id) { userErrors { code } } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"
PROTECT = "mutation { updateProfile(input: {isProtected: true}) { userErrors { code } } }"


class Tweets:
    """A fake store: tweets by id with their likes. It counts the reads."""

    def __init__(self, likes: dict[int, int]) -> None:
        self.likes = likes
        self.reads = Counter[TweetId]()

    async def get_many(self, ids: list[TweetId]) -> list[TweetRecord | None]:
        self.reads.update(ids)
        return [TweetRecord(one, 1, "caw", one) if one in self.likes else None for one in ids]  # type: ignore[arg-type]


class Counts:
    """A fake store: the counts of the same tweets."""

    def __init__(self, tweets: Tweets) -> None:
        self._likes = tweets.likes

    async def get_many(self, ids: list[TweetId]) -> list[TweetCounts]:
        return [TweetCounts(self._likes.get(one, 0)) for one in ids]


async def next_with(socket: Socket, **wanted: Any) -> dict[str, Any]:
    """The first event with such a tweet. Events before it are older states."""
    while True:
        event = await socket.event()
        if wanted.items() <= (event["tweet"] or {}).items():
            return event


async def like(person: Person, tweet: str) -> None:
    assert (await person.act(LIKE, id=tweet))["userErrors"] == []


async def test_each_watcher_gets_each_change_once_and_tweets_are_read_once() -> None:
    rows = Tweets({1: 0, 2: 5})
    updates = TweetUpdates(rows, Counts(rows), rows)  # type: ignore[arg-type]
    with updates.watch([TweetId(1), TweetId(2)]) as one, updates.watch([TweetId(1), TweetId(3)]) as other:
        await updates.poll()
        assert {state.tweet.id: state.counts.likes for state in await one.take()} == {1: 0, 2: 5}
        assert [state.tweet.id for state in await other.take()] == [1]
        await updates.poll()
        rows.likes[1] = 1
        await updates.poll()
        rows.likes[1] = 7
        await updates.poll()
        assert [(state.tweet.id, state.counts.likes) for state in await one.take()] == [(1, 7)]
        assert rows.reads == {1: 4, 2: 4, 3: 4}
        del rows.likes[1]
        await updates.poll()
        await updates.poll()
        for watcher in (one, other):
            (state,) = await watcher.take()
            assert (state.tweet.id, state.is_deleted) == (1, True)
    await updates.poll()
    assert rows.reads.total() == 18


async def test_later_watcher_gets_the_current_state() -> None:
    rows = Tweets({1: 3})
    updates = TweetUpdates(rows, Counts(rows), rows)  # type: ignore[arg-type]
    with updates.watch([TweetId(1)]) as first:
        await updates.poll()
        await first.take()
        with updates.watch([TweetId(1)]) as second:
            assert [state.counts.likes for state in await second.take()] == [3]


async def test_like_reaches_all_viewers_and_a_deletion_ends_the_subscription(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    tweet = await alice.post("hello")
    async with alice.socket() as hers, bob.socket() as his:
        for socket in (hers, his):
            await socket.subscribe(WATCH, ids=[tweet])
            await next_with(socket, likeCount=0)
        await like(bob, tweet)
        assert (await next_with(hers, likeCount=1))["tweet"]["viewerHasLiked"] is False
        event = await next_with(his, likeCount=1)
        assert event["tweet"] == {
            "id": tweet,
            "likeCount": 1,
            "retweetCount": 0,
            "replyCount": 0,
            "viewerHasLiked": True,
            "author": {"handle": alice.handle},
        }
        await bob.post("a reply", inReplyTo=tweet)
        await next_with(hers, replyCount=1)
        await alice.delete(tweet)
        for socket in (hers, his):
            while (event := await socket.event())["tweet"] is not None:
                assert event["tweet"]["id"] == event["tweetId"] == tweet
            assert event == {"isDeleted": True, "tweetId": tweet, "tweet": None}
            assert (await socket.message())["type"] == "complete"


async def ended(socket: Socket, tweet: str) -> dict[str, Any]:
    """The last event of the tweet; nothing follows it."""
    while (event := await socket.event(within=15.0))["tweet"] is not None:
        assert event["tweetId"] == tweet
    assert (await socket.message())["type"] == "complete"
    return event


async def test_last_event_after_a_block_and_a_deletion_shows_nothing(shared_service: Service) -> None:
    alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
    tweet = await alice.post("for your eyes")
    async with bob.socket() as socket:
        await socket.subscribe(WATCH, ids=[tweet])
        await next_with(socket, likeCount=0)
        await alice.act(BLOCK, id=bob.id)
        await like(carol, tweet)
        await alice.delete(tweet)
        event = await ended(socket, tweet)
    assert event == {"isDeleted": event["isDeleted"], "tweetId": tweet, "tweet": None}


async def test_tweet_that_the_viewer_may_not_see_any_more_ends(shared_service: Service) -> None:
    """At once, for each takes until the viewer is looked at again."""
    await asyncio.gather(*[_ends(shared_service, hides) for hides in ("author blocks", "viewer blocks", "protects")])


async def _ends(service: Service, hides: str) -> None:
    alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
    tweet = await alice.post("hello")
    async with bob.socket() as socket:
        await socket.subscribe(WATCH, ids=[tweet])
        await next_with(socket, likeCount=0)
        match hides:
            case "author blocks":
                await alice.act(BLOCK, id=bob.id)
            case "viewer blocks":
                await bob.act(BLOCK, id=alice.id)
            case _:
                await alice.act(PROTECT)
        assert await ended(socket, tweet) == {"isDeleted": False, "tweetId": tweet, "tweet": None}, hides


async def test_tweet_that_the_viewer_may_not_see_is_not_sent(shared_service: Service) -> None:
    alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
    seen, hidden = await bob.post("seen"), await alice.post("hidden")
    assert (await alice.act(PROTECT))["userErrors"] == []
    async with bob.socket() as socket:
        await socket.subscribe(WATCH, ids=[seen, hidden])
        await next_with(socket, id=seen)
        await like(alice, hidden)
        await alice.delete(hidden)
        await shared_service.settle()
        await like(bob, seen)
        assert (await next_with(socket, likeCount=1))["tweet"]["id"] == seen


async def test_invalid_ids_are_refused(shared_service: Service) -> None:
    alice = await sign_up(shared_service, "alice")
    many = [global_id(NodeType.TWEET, number) for number in range(1, 102)]
    async with alice.socket() as socket:
        for wrong in (many, ["nonsense"], [alice.id]):
            await socket.subscribe(WATCH, ids=wrong)
            assert await socket.error() in (["BAD_USER_INPUT"], ["QUERY_TOO_COMPLEX"])
        await socket.subscribe(WATCH, ids=[])
        assert (await socket.message())["type"] == "complete"
