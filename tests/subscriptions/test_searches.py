"""searchEvents: each new tweet that matches a search is sent once to viewers who may see it at that moment."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from core.errors import CodedError, ErrorCode
from core.ids import TweetId, UserId, first_id_of, wall_ms
from core.search.parser import read_query
from datastore.records.items import TweetCounts, TweetRecord
from datastore.timelines.post_log import PostLog
from datastore.tweets.terms import SearchedTweet
from subscriptions.broadcast import ResilientBroadcast
from subscriptions.searches import Found, SearchIndex, SearchWatcher, StandingSearches
from tests.resolvers.search.test_model import new_cast, record_of
from tests.support.model import search_model
from tests.support.model.search_model import Condition, World
from tests.support.people import Person, Socket, connected, sign_up
from tests.support.service import Service, running_service, settings_for
from tests.support.stores import OwnStore

SEARCH = "subscription($query: String!) { searchEvents(query: $query) { id text author { handle } likeCount } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"
PROTECT = "mutation { updateProfile(input: {isProtected: true}) { userErrors { code } } }"
_numbers = itertools.count()
# Later than the time at which the tests run.
_NOW = first_id_of(wall_ms()) + (1 << 52)


async def watch(socket: Socket, anybody: Person, query: str) -> None:
    """Returns once the search is active: a probe tweet that it matches has come, and so has the last one."""
    probe, posted = f"probe{next(_numbers)}", 0
    await socket.subscribe(SEARCH, query=f"{query} OR {probe}")
    received = None
    while received is None:
        await anybody.post(f"{probe} {posted}")
        posted += 1
        with suppress(TimeoutError):
            received = (await socket.event(within=0.5))["text"]
    while received != f"{probe} {posted - 1}":
        received = (await socket.event())["text"]


async def texts(socket: Socket, count: int) -> list[str]:
    return [(await socket.event())["text"] for _ in range(count)]


@pytest.mark.asyncio(loop_scope="module")
class TestOnTheSharedService:
    async def test_matching_tweets_of_others_and_of_the_viewer_are_sent(self, shared_service: Service) -> None:
        alice, bob = await sign_up(shared_service, "alice"), await sign_up(shared_service, "bob")
        await bob.post("ev before")
        async with alice.socket() as socket:
            await watch(socket, bob, "ev rooks -crow")
            await bob.post("ev rook crow")
            tweet = await bob.post("ev ROOKS fly")
            event = await socket.event()
            assert event == {"id": tweet, "text": "ev ROOKS fly", "author": {"handle": bob.handle}, "likeCount": 0}
            await alice.post("ev my rook")
            assert await texts(socket, 1) == ["ev my rook"]

    async def test_tweets_that_the_viewer_may_not_see_are_not_sent(self, shared_service: Service) -> None:
        alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
        async with alice.socket() as socket:
            await watch(socket, bob, "eh")
            await bob.act(PROTECT)
            await bob.post("eh of a protected account")
            await carol.act(BLOCK, id=alice.id)
            await carol.post("eh of who blocks")
            await alice.post("eh own")
            assert await texts(socket, 1) == ["eh own"]

    async def test_follows_filter_uses_the_follows_at_the_time_of_the_tweet(self, shared_service: Service) -> None:
        alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
        async with alice.socket() as socket:
            await watch(socket, bob, "ef filter:follows")
            await alice.follow(bob)
            await carol.post("ef by carol")
            await bob.post("ef by bob")
            assert await texts(socket, 1) == ["ef by bob"]

    async def test_anonymous_viewer_gets_public_tweets(self, shared_service: Service) -> None:
        bob = await sign_up(shared_service, "bob")
        async with connected(shared_service, None) as socket:
            await watch(socket, bob, "ep")
            await bob.post("ep hello")
            assert await texts(socket, 1) == ["ep hello"]
            await socket.subscribe(SEARCH, query="filter:follows")
            assert await socket.error() == ["UNAUTHENTICATED"]

    async def test_malformed_queries_are_refused(self, shared_service: Service) -> None:
        alice = await sign_up(shared_service, "alice")
        async with alice.socket() as socket:
            for typed in ("", "near:here", '"open', "OR"):
                await socket.subscribe(SEARCH, query=typed)
                assert await socket.error() == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("is_empty", [False, True], ids=["restarted", "emptied"])
async def test_no_tweet_is_missed_through_a_restart_of_redis(
    service_database: str, own_valkey: Callable[[], Awaitable[OwnStore]], is_empty: bool
) -> None:
    valkey = await own_valkey()
    async with running_service(settings_for(service_database, valkey.url, rate_limit="off")) as service:
        alice, bob = await sign_up(service, "alice"), await sign_up(service, "bob")
        async with alice.socket() as socket:
            await watch(socket, bob, "er")
            await bob.post("er before")
            assert await texts(socket, 1) == ["er before"]
            await valkey.kill()
            await bob.post("er meanwhile")
            await valkey.restart(empty=is_empty)
            await bob.post("er after")
            found = [(await socket.event(within=20.0))["text"] for _ in range(2)]
            assert sorted(found) == ["er after", "er meanwhile"]
            await bob.post("er last")
            assert await texts(socket, 1) == ["er last"]


class Tweets:
    """A fake store in which every id is a tweet with its number as text. It counts the reads."""

    def __init__(self) -> None:
        self.reads = Counter[TweetId]()

    async def get_many(self, ids: Sequence[TweetId]) -> list[TweetRecord | None]:
        self.reads.update(ids)
        return [TweetRecord(one, UserId(1), f"caw {one - _NOW}", one) for one in ids]


async def test_post_is_read_once_for_all_searches_and_sent_once(redis: Redis, broadcast: ResilientBroadcast) -> None:
    posts, tweets = PostLog(redis), Tweets()
    ids = [TweetId(_NOW + number) for number in (1, 2, 2, 1, 3)]
    await posts.append(TweetId(1))  # old, reissued
    stores = SimpleNamespace(items=tweets)
    async with StandingSearches(posts, stores, broadcast) as searches:  # type: ignore[arg-type]
        with searches.watch(read_query("caw")) as all_of_them, searches.watch(read_query("caw -2")) as some:
            for one in ids:
                await posts.append(one)
            received = [await collected(watcher, count) for watcher, count in ((all_of_them, 3), (some, 2))]
    assert received == [["caw 1", "caw 2", "caw 3"], ["caw 1", "caw 3"]]
    assert tweets.reads == Counter({TweetId(1): 1, **dict.fromkeys(ids, 1)})


async def collected(watcher: SearchWatcher, count: int) -> list[str]:
    """The texts of exactly so many tweets."""
    texts: list[str] = []
    async with asyncio.timeout(10.0):
        while len(texts) < count:
            texts += [found.tweet.text for found in await watcher.take()]
    assert watcher.take_waiting() == []
    return texts


async def test_slow_watcher_gets_an_error() -> None:
    watcher = SearchWatcher(read_query("caw"), since=0)
    for number in range(2_000):
        watcher.add(Found(TweetRecord(TweetId(number), UserId(1), "caw", TweetId(number)), None))
    with pytest.raises(CodedError) as refused:
        await watcher.take()
    assert refused.value.code is ErrorCode.UNAVAILABLE


@settings(max_examples=100)
@given(
    world=search_model.worlds,
    queries=st.lists(search_model.queries, min_size=1, max_size=4),
    viewer=search_model.people,
)
def test_each_search_gets_exactly_the_tweets_that_match_it(
    world: World, queries: list[list[list[Condition]]], viewer: str
) -> None:
    cast = new_cast()
    followees = frozenset(cast[whom] for who, whom in world.follows if who == viewer)
    index = SearchIndex()
    watchers = [SearchWatcher(read_query(search_model.typed(query)).resolved(cast), since=0) for query in queries]
    left = SearchWatcher(watchers[0].query, since=0)
    for watcher in (*watchers, left):
        index.add(watcher)
    index.discard(left)
    for tweet in world.tweets:
        seen = SearchedTweet(record_of(tweet, cast), TweetCounts(tweet.likes, tweet.retweets))
        index.notify(seen)
        for query, watcher in zip(queries, watchers, strict=True):
            is_notified = bool(watcher.take_waiting())
            assert (is_notified and watcher.query.holds(seen, followees)) is world.fits(viewer, query, tweet)
            assert watcher.query.is_personal or is_notified is watcher.query.holds(seen, followees)
    assert left.take_waiting() == []
    for watcher in watchers:
        index.discard(watcher)
    assert not index
