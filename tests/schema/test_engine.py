"""Random operations on the service's schema and real stores: the engine's answers equal graphql-core's."""

import gc
import random

import pytest

from core.auth.tokens import utc_now
from core.ids import SessionId, UserId
from datastore.redis.pubsub.backend import RedisPubSubBackend
from engine import Engine
from resolvers.identity import Identity
from resolvers.rate_limit import spend
from resolvers.services import Services, open_services
from schema.request.context import RequestContext
from schema.roots import build_schema
from schema.values.nodes import NodeType, decode_id
from subscriptions.broadcast import ResilientBroadcast
from subscriptions.event_hub import EventHub
from subscriptions.live import Live
from subscriptions.searches import StandingSearches
from subscriptions.trends import TrendWatch
from subscriptions.tweet_updates import TweetUpdates
from tests.engine.comparing import both, explained, ordered
from tests.engine.operations import OperationMaker
from tests.support.people import Person, sign_up
from tests.support.service import Service

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    # graphql-core cancels tasks that never began when a sibling fails, and leaves their coroutines.
    pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning"),
]
SOME, MANY = 150, 5_000
# Made of the moment of asking, so that two answers differ.
AVOIDED = frozenset(
    {
        *("PromotedTweet.impressionToken", "Query.rateLimit", "RankingExplanation.score", "RankingTerm.value"),
        *("PageInfo.startCursor", "PageInfo.endCursor", "TimelineEdge.cursor", "TweetEdge.cursor"),
    }
)
SETTINGS = {"ad_spacing": 0}


async def busy(service: Service) -> tuple[Person, list[str]]:
    """A viewer among others, and ids of everything."""
    anna, bert = await sign_up(service, "anna"), await sign_up(service, "bert")
    await anna.follow(bert)
    tweet = await bert.post("hello @anna, see #birds at https://example.org")
    reply = await anna.post("a reply", inReplyTo=tweet)
    quote = await bert.post("a quote", quoted=reply)
    await service.settle()
    return anna, [anna.id, bert.id, tweet, reply, quote, "nonsense"]


async def compare(service: Service, seeds: range) -> None:
    person, ids = await busy(service)
    schema = build_schema()
    engine = Engine(schema)
    identity = Identity(UserId(decode_id(person.id, NodeType.USER)), SessionId(0), utc_now())
    async with open_services(service.stores, service.settings) as services:
        for seed in seeds:
            dice = random.Random(seed)
            maker = OperationMaker(
                schema._schema,  # noqa: SLF001 - as the engine does
                dice,
                avoided=AVOIDED,
                ids=ids,
                texts=("anna", "birds", "nobody"),
            )
            operation = maker.make()
            viewer = identity if dice.random() < 0.8 else None
            mine, theirs = [await _context(service, services, viewer) for _ in range(2)]
            answers = await both(engine, schema, operation.text, operation.variables, context=mine, core_context=theirs)
            assert answers.engine is not None, operation.text
            assert ordered(answers.engine.data) == ordered(answers.core.data), (seed, operation)
            assert explained(answers.engine) == explained(answers.core), (seed, operation)
    gc.collect()


async def _context(service: Service, services: Services, identity: Identity | None) -> RequestContext:
    stores, broadcast = service.stores, ResilientBroadcast(RedisPubSubBackend(service.settings.redis_url or ""))
    home, notifications = EventHub(stores.timelines.home_log, broadcast), EventHub(stores.notifications.log, broadcast)
    searches = StandingSearches(stores.timelines.post_log, stores.tweets, broadcast)
    live = Live(
        broadcast,
        home,
        home,
        notifications,
        TweetUpdates(stores.tweets.items, stores.tweets.counts, stores.media.items),
        TrendWatch(stores.trends.snapshots),
        searches,
    )
    rate = await spend(services, identity, "", 1)
    return RequestContext(services, live, identity=identity, address="", rate=rate)


async def test_random_operations_have_equal_answers(shared_service: Service) -> None:
    await compare(shared_service, range(SOME))


@pytest.mark.long
async def test_many_random_operations_have_equal_answers(shared_service: Service) -> None:
    await compare(shared_service, range(SOME, SOME + MANY))
