"""Tweet search and saved searches against a scan of every tweet, page by page, also with little effort per page."""

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.auth.tokens import utc_now
from core.ids import SessionId, TweetId, UserId, first_id_of
from core.search.parser import read_query
from core.text.entities import extract_entities
from core.text.fold import tag_key
from datastore.records.items import TweetCounts, TweetRecord
from datastore.records.users import AccountRecord, UserRecord
from datastore.records.users import to_document as account_document
from datastore.stores import Stores, open_stores
from datastore.tweets import search as store
from datastore.tweets.factory import mentioned_keys, to_document
from datastore.tweets.terms import SearchedTweet
from resolvers.identity import Identity
from resolvers.search.tweets import latest_tweets, resolve_query
from resolvers.services import Services, open_services
from tests.support.model import search_model
from tests.support.model.search_model import PEOPLE, Condition, Posted, World
from tests.support.service import settings_for

EXAMPLES = 30
OWN_DATABASE = True
Cast = Mapping[str, UserId]
_numbers = itertools.count(1)
_SETTINGS = settings(max_examples=EXAMPLES)


@pytest.fixture
async def services(module_database: str, redis_url: str) -> AsyncIterator[Services]:
    """Services without workers."""
    chosen = settings_for(module_database, redis_url)
    async with open_stores(chosen) as opened, open_services(opened, chosen) as found:
        yield found


@pytest.fixture(params=[False, True], ids=["usual", "little looked at"])
def effort(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits the effort per page: pages get short, but no match may be lost."""
    if request.param:
        monkeypatch.setattr(store, "_EFFORT", 2)
        monkeypatch.setattr(store, "_MIN_EFFORT", 1)
        monkeypatch.setattr(store, "_RARITY_PROBE", 1)
        monkeypatch.setattr(store, "_READ_SHARE", 1)
        monkeypatch.setattr(store, "_MAX_AUTHOR_CHECKS", 1)
        monkeypatch.setattr(store, "_MAX_SOURCE_AUTHORS", 1)


def new_cast() -> Cast:
    """Users with new ids, which no cache contains."""
    return {name: UserId(next(_numbers)) for name in PEOPLE}


def record_of(tweet: Posted, cast: Cast) -> TweetRecord:
    entities = extract_entities(tweet.text)
    tweet_id = id_of(tweet)
    return TweetRecord(
        tweet_id,
        cast[tweet.author],
        tweet.text,
        tweet_id,
        entities,
        tuple(cast.get(key) for key in mentioned_keys(entities)),
        tuple(tag_key(hashtag.tag) for hashtag in entities.hashtags),
        TweetId(1) if tweet.answered else None,
        cast[tweet.answered] if tweet.answered else None,
        TweetId(1) if tweet.is_quote else None,
        tweet.lang,
    )


def id_of(tweet: Posted) -> TweetId:
    return TweetId(first_id_of(int(tweet.moment.timestamp() * 1000)))


async def fill(stores: Stores, world: World, cast: Cast) -> None:
    """Replaces all stored tweets."""
    people = [UserRecord(cast[name], name, name, is_protected=name in world.protected) for name in PEOPLE]
    follows = [{"follower": cast[who], "followee": cast[whom]} for who, whom in world.follows]
    blocks = [{"user": cast[who], "target": cast[whom]} for who, whom in world.blocks]
    tweets = [
        to_document(record_of(tweet, cast))
        | {"counts": {"likes": tweet.likes, "retweets": tweet.retweets, "quotes": 0, "replies": 0}}
        | {"score": tweet.likes + 2 * tweet.retweets}
        for tweet in world.tweets
    ]
    retweet = {"_id": (1 << 62) + 1, "author": 1, "retweet_of": 1, "retweet_of_author": 2}
    rows: dict[str, list[dict[str, Any]]] = {
        "users": [account_document(AccountRecord(user, f"{user.handle}@example.org", "hash")) for user in people],
        "follows": [{"_id": number, **row} for number, row in enumerate(follows)],
        "blocks": [{"_id": number, **row} for number, row in enumerate(blocks)],
        "tweets": [*tweets, retweet],
    }
    for name, some in rows.items():
        await stores.mongo.collection(name).delete_many({})
        if some:
            await stores.mongo.collection(name).insert_many(some)


async def pages(services: Services, viewer: UserId, typed: str, first: int) -> list[int]:
    """Ids of all pages together; asserts that each page ends further down than the one before."""
    identity = Identity(viewer, SessionId(1), utc_now() + timedelta(days=1))
    query = await resolve_query(services.stores.users, identity, typed)
    found: list[int] = []
    place: int | None = None
    while True:
        page = await latest_tweets(services, identity, query, first, place)
        found += [edge.node.id for edge in page.edges]
        if not page.has_next:
            return found
        assert page.end_place is not None
        assert place is None or page.end_place < place
        place = page.end_place


@_SETTINGS
@given(
    world=search_model.worlds,
    asked=st.lists(search_model.queries, min_size=1, max_size=4),
    viewer=search_model.people,
    first=st.integers(1, 4),
)
async def test_latest_is_what_looking_at_every_tweet_finds(
    services: Services,
    effort: None,
    world: World,
    asked: Sequence[Sequence[Sequence[Condition]]],
    viewer: str,
    first: int,
) -> None:
    cast = new_cast()
    await fill(services.stores, world, cast)
    for query in asked:
        typed = search_model.typed(query)
        expected = [id_of(world.tweets[at]) for at in world.search(viewer, query)]
        assert await pages(services, cast[viewer], typed, first) == expected, typed


@settings(max_examples=300)
@given(world=search_model.worlds, query=search_model.queries, viewer=search_model.people)
def test_a_standing_search_holds_of_the_same_tweets(
    world: World, query: Sequence[Sequence[Condition]], viewer: str
) -> None:
    cast = new_cast()
    parsed = read_query(search_model.typed(query)).resolved(cast)
    followees = frozenset(cast[whom] for who, whom in world.follows if who == viewer)
    for tweet in world.tweets:
        seen = SearchedTweet(record_of(tweet, cast), TweetCounts(tweet.likes, tweet.retweets))
        assert parsed.holds(seen, followees) is world.fits(viewer, query, tweet)
