"""LATEST is what looking at every tweet finds, page by page, however little is looked at for a page; and so is what a
standing search is told.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.entities import extract_entities
from core.fold import tag_key
from core.ids import SessionId, TweetId, UserId, first_id_of
from core.querylanguage import read_query
from core.tokens import utc_now
from datastore import searches as store
from datastore.composing import mentioned_keys, to_document
from datastore.items import TweetCounts, TweetRecord
from datastore.stores import Stores, open_stores
from datastore.terms import SearchedTweet
from datastore.users import AccountRecord, UserRecord
from datastore.users import to_document as account_document
from resolvers.searches import asked_query, latest
from resolvers.services import Services, open_services
from resolvers.sessions import Identity
from tests import searching
from tests.searching import PEOPLE, Asked, Posted, World
from tests.service import settings_for
from tests.stores import Stores as Servers

EXAMPLES = 30
USER_IDS = {name: UserId(number) for number, name in enumerate(PEOPLE, start=1)}
IDENTITIES = {
    name: Identity(user_id, SessionId(1), utc_now() + timedelta(days=1)) for name, user_id in USER_IDS.items()
}
_SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_COLLECTIONS = ("users", "tweets", "follows", "blocks")


@pytest.fixture
async def services(service_database: str, stores: Servers) -> AsyncIterator[Services]:
    """Nobody works in the background, and nothing of the shared database is needed by others."""
    stores.flush_redis()
    chosen = settings_for(service_database, stores.redis_url)
    async with open_stores(chosen) as opened, open_services(opened, chosen) as found:
        yield found
        await empty(opened)


@pytest.fixture(params=[False, True], ids=["usual", "little looked at"])
def effort(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With little looked at for a page, pages are short, and still none is lost."""
    if request.param:
        monkeypatch.setattr(store, "_EFFORTS", (1, 2))
        monkeypatch.setattr(store, "_PROBED", 1)
        monkeypatch.setattr(store, "_READ_OF", 1)
        monkeypatch.setattr(store, "_READ_FOR_AUTHOR", 1)
        monkeypatch.setattr(store, "_MOST_AUTHORS", 1)


async def empty(stores: Stores) -> None:
    for name in _COLLECTIONS:
        await stores.mongo.collection(name).delete_many({})
    await stores.viewpoints.forget(*USER_IDS.values())
    await stores.users.forget_profiles(*USER_IDS.values())


def record_of(tweet: Posted) -> TweetRecord:
    entities = extract_entities(tweet.text)
    tweet_id = id_of(tweet)
    return TweetRecord(
        tweet_id,
        USER_IDS[tweet.author],
        tweet.text,
        tweet_id,
        entities,
        tuple(USER_IDS.get(key) for key in mentioned_keys(entities)),
        tuple(tag_key(hashtag.tag) for hashtag in entities.hashtags),
        TweetId(1) if tweet.answered else None,
        USER_IDS[tweet.answered] if tweet.answered else None,
        TweetId(1) if tweet.is_quote else None,
        tweet.lang,
    )


def id_of(tweet: Posted) -> TweetId:
    return TweetId(first_id_of(int(tweet.moment.timestamp() * 1000)))


async def fill(stores: Stores, world: World) -> None:
    await empty(stores)
    for name, user_id in USER_IDS.items():
        user = UserRecord(user_id, name, name, is_protected=name in world.protected)
        await stores.mongo.collection("users").insert_one(
            account_document(AccountRecord(user, f"{name}@x.org", "hash"))
        )
    for number, (who, whom) in enumerate(sorted(world.follows)):
        row = {"_id": number, "follower": USER_IDS[who], "followee": USER_IDS[whom]}
        await stores.mongo.collection("follows").insert_one(row)
    for number, (who, whom) in enumerate(sorted(world.blocks)):
        await stores.mongo.collection("blocks").insert_one(
            {"_id": number, "user": USER_IDS[who], "target": USER_IDS[whom]}
        )
    rows = [
        to_document(record_of(tweet))
        | {"counts": {"likes": tweet.likes, "retweets": tweet.retweets, "quotes": 0, "replies": 0}}
        | {"score": tweet.likes + 2 * tweet.retweets}
        for tweet in world.tweets
    ]
    retweet = {"_id": (1 << 62) + 1, "author": 1, "retweet_of": 1, "retweet_of_author": 2}
    await stores.mongo.collection("tweets").insert_many([*rows, retweet])


async def pages(services: Services, viewer: str, typed: str, first: int) -> list[int]:
    """Ids of all of them. Each page ends further down than the one before."""
    identity = IDENTITIES[viewer]
    query = await asked_query(services, identity, typed)
    found: list[int] = []
    place: int | None = None
    while True:
        page = await latest(services, identity, query, first, place)
        found += [edge.node.id for edge in page.edges]
        if not page.has_next:
            return found
        assert page.end_place is not None
        assert place is None or page.end_place < place
        place = page.end_place


@_SETTINGS
@given(
    world=searching.worlds,
    asked=st.lists(searching.queries, min_size=1, max_size=4),
    viewer=searching.people,
    first=st.integers(1, 4),
)
async def test_latest_is_what_looking_at_every_tweet_finds(
    services: Services, effort: None, world: World, asked: Sequence[Sequence[Sequence[Asked]]], viewer: str, first: int
) -> None:
    await fill(services.stores, world)
    for query in asked:
        typed = searching.typed(query)
        expected = [id_of(world.tweets[at]) for at in world.search(viewer, query)]
        assert await pages(services, viewer, typed, first) == expected, typed


@settings(max_examples=300, deadline=None)
@given(world=searching.worlds, query=searching.queries, viewer=searching.people)
def test_a_standing_search_holds_of_the_same_tweets(
    world: World, query: Sequence[Sequence[Asked]], viewer: str
) -> None:
    standing = read_query(searching.typed(query)).naming(USER_IDS)
    followees = frozenset(USER_IDS[whom] for who, whom in world.follows if who == viewer)
    for tweet in world.tweets:
        seen = SearchedTweet(record_of(tweet), TweetCounts(tweet.likes, tweet.retweets))
        assert standing.holds(seen, followees) is world.fits(viewer, query, tweet)
