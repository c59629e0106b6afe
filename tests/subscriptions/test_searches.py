"""searchEvents: tweets that a search finds, as they are posted, each once, to whoever may see them at that moment."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

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
from subscriptions.searches import Searches, Standing, Watcher
from tests.resolvers.search.test_model import new_cast, record_of
from tests.support.people import Person, Socket, connected, sign_up
from tests.support.scenes import searching
from tests.support.scenes.searching import Asked, World
from tests.support.service import Service, running_service, settings_for
from tests.support.stores import OwnStore

SEARCH = "subscription($query: String!) { searchEvents(query: $query) { id text author { handle } likeCount } }"
BLOCK = "mutation($id: ID!) { block(userId: $id) { userErrors { code } } }"
PROTECT = "mutation { updateProfile(input: {isProtected: true}) { userErrors { code } } }"
_numbers = itertools.count()
# Later than whatever moment the tests run at.
_NOW = first_id_of(wall_ms()) + (1 << 52)


async def watch(socket: Socket, anybody: Person, query: str) -> None:
    """Returns when the search stands: a tweet that it finds, too, was told, and so was the last of those."""
    probe, posted = f"probe{next(_numbers)}", 0
    await socket.subscribe(SEARCH, query=f"{query} OR {probe}")
    told = None
    while told is None:
        await anybody.post(f"{probe} {posted}")
        posted += 1
        with suppress(TimeoutError):
            told = (await socket.event(within=0.5))["text"]
    while told != f"{probe} {posted - 1}":
        told = (await socket.event())["text"]


async def texts(socket: Socket, count: int) -> list[str]:
    return [(await socket.event())["text"] for _ in range(count)]


@pytest.mark.asyncio(loop_scope="module")
class TestOnTheSharedService:
    async def test_tweets_come_as_they_are_posted_by_others_and_oneself(self, shared_service: Service) -> None:
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

    async def test_what_may_not_be_seen_is_not_told(self, shared_service: Service) -> None:
        alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
        async with alice.socket() as socket:
            await watch(socket, bob, "eh")
            await bob.act(PROTECT)
            await bob.post("eh of a protected account")
            await carol.act(BLOCK, id=alice.id)
            await carol.post("eh of who blocks")
            await alice.post("eh own")
            assert await texts(socket, 1) == ["eh own"]

    async def test_whom_the_viewer_follows_is_known_when_the_tweet_comes(self, shared_service: Service) -> None:
        alice, bob, carol = [await sign_up(shared_service, name) for name in ("alice", "bob", "carol")]
        async with alice.socket() as socket:
            await watch(socket, bob, "ef filter:follows")
            await alice.follow(bob)
            await carol.post("ef by carol")
            await bob.post("ef by bob")
            assert await texts(socket, 1) == ["ef by bob"]

    async def test_one_that_is_signed_out_is_told_of_public_tweets(self, shared_service: Service) -> None:
        bob = await sign_up(shared_service, "bob")
        async with connected(shared_service, None) as socket:
            await watch(socket, bob, "ep")
            await bob.post("ep hello")
            assert await texts(socket, 1) == ["ep hello"]
            await socket.subscribe(SEARCH, query="filter:follows")
            assert await socket.error() == ["UNAUTHENTICATED"]

    async def test_what_makes_no_sense_is_refused(self, shared_service: Service) -> None:
        alice = await sign_up(shared_service, "alice")
        async with alice.socket() as socket:
            for typed in ("", "near:here", '"open', "OR"):
                await socket.subscribe(SEARCH, query=typed)
                assert await socket.error() == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("is_empty", [False, True], ids=["restarted", "emptied"])
async def test_nothing_is_missed_through_a_restart_of_redis(
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
    """In place of the store: every id is a tweet that says its number; how often each was asked for."""

    def __init__(self) -> None:
        self.asked = Counter[TweetId]()

    async def get_many(self, ids: Sequence[TweetId]) -> list[TweetRecord | None]:
        self.asked.update(ids)
        return [TweetRecord(one, UserId(1), f"caw {one - _NOW}", one) for one in ids]


async def test_a_post_is_read_once_for_all_searches_and_told_once(redis: Redis, broadcast: ResilientBroadcast) -> None:
    posts, tweets = PostLog(redis), Tweets()
    ids = [TweetId(_NOW + number) for number in (1, 2, 2, 1, 3)]
    await posts.append(TweetId(1))  # of long before, issued again
    async with Searches(posts, tweets, broadcast) as searches:  # type: ignore[arg-type]
        with searches.watch(read_query("caw")) as all_of_them, searches.watch(read_query("caw -2")) as some:
            for one in ids:
                await posts.append(one)
            told = [await collected(watcher, count) for watcher, count in ((all_of_them, 3), (some, 2))]
    assert told == [["caw 1", "caw 2", "caw 3"], ["caw 1", "caw 3"]]
    assert tweets.asked == Counter({TweetId(1): 1, **dict.fromkeys(ids, 1)})


async def collected(watcher: Watcher, count: int) -> list[str]:
    """Texts; fails where there are more."""
    texts: list[str] = []
    async with asyncio.timeout(10.0):
        while len(texts) < count:
            texts += [tweet.text for tweet in await watcher.take()]
    assert watcher.taken() == []
    return texts


async def test_who_reads_too_slowly_is_told_so() -> None:
    watcher = Watcher(read_query("caw"), since=0)
    for number in range(2_000):
        watcher.note(TweetRecord(TweetId(number), UserId(1), "caw", TweetId(number)))
    with pytest.raises(CodedError) as refused:
        await watcher.take()
    assert refused.value.code is ErrorCode.UNAVAILABLE


@settings(max_examples=100)
@given(world=searching.worlds, queries=st.lists(searching.queries, min_size=1, max_size=4), viewer=searching.people)
def test_each_search_is_told_of_the_tweets_of_which_it_holds(
    world: World, queries: list[list[list[Asked]]], viewer: str
) -> None:
    cast = new_cast()
    followees = frozenset(cast[whom] for who, whom in world.follows if who == viewer)
    standing = Standing()
    watchers = [Watcher(read_query(searching.typed(query)).resolved(cast), since=0) for query in queries]
    left = Watcher(watchers[0].query, since=0)
    for watcher in (*watchers, left):
        standing.add(watcher)
    standing.discard(left)
    for tweet in world.tweets:
        seen = SearchedTweet(record_of(tweet, cast), TweetCounts(tweet.likes, tweet.retweets))
        standing.tell(seen)
        for query, watcher in zip(queries, watchers, strict=True):
            told = bool(watcher.taken())
            assert (told and watcher.query.holds(seen, followees)) is world.fits(viewer, query, tweet)
            assert watcher.query.is_personal or told is watcher.query.holds(seen, followees)
    assert left.taken() == []
    for watcher in watchers:
        standing.discard(watcher)
    assert not standing
