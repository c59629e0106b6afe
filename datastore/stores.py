"""All stores of a process, opened together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from core.ids import SnowflakeMaker
from core.settings import Settings
from datastore.candidates import CandidateStore
from datastore.events import EventLog
from datastore.follows import FollowStore
from datastore.leases import leased_ids
from datastore.mongo import Mongo, open_mongo
from datastore.outbox import Outbox
from datastore.redis import open_redis
from datastore.sessions import SessionStore
from datastore.timelines import TimelineStore
from datastore.turns import Turns
from datastore.tweets import TweetStore
from datastore.users import UserStore
from datastore.viewpoints import ViewpointStore


@dataclass(frozen=True, slots=True)
class Stores:
    mongo: Mongo
    redis: Redis
    ids: SnowflakeMaker
    users: UserStore
    sessions: SessionStore
    follows: FollowStore
    tweets: TweetStore
    outbox: Outbox
    viewpoints: ViewpointStore
    candidates: CandidateStore
    timelines: TimelineStore
    events: EventLog
    turns: Turns


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Needs both URLs; opens whether or not the stores answer at this moment."""
    if settings.mongo_url is None or settings.redis_url is None:
        raise SystemExit("ROOKERY_MONGO_URL and ROOKERY_REDIS_URL are needed here. `make up` starts both stores itself.")
    async with (
        open_mongo(settings.mongo_url, settings.mongo_driver) as mongo,
        open_redis(settings.redis_url) as redis,
        leased_ids(redis) as ids,
    ):
        yield _stores(mongo, redis, ids, settings)


def _stores(mongo: Mongo, redis: Redis, ids: SnowflakeMaker, settings: Settings) -> Stores:
    outbox = Outbox(mongo)
    return Stores(
        mongo=mongo,
        redis=redis,
        ids=ids,
        users=UserStore(mongo, redis),
        sessions=SessionStore(mongo, redis),
        follows=FollowStore(mongo, outbox),
        tweets=TweetStore(mongo, redis, outbox),
        outbox=outbox,
        viewpoints=ViewpointStore(mongo, redis),
        candidates=CandidateStore(mongo),
        timelines=TimelineStore(redis, settings.timeline_length),
        events=EventLog(redis),
        turns=Turns(redis),
    )
