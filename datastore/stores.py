"""All stores of a process, opened together, in a group for each room: a function takes the groups that it touches."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from redis.asyncio import Redis

from core.ids import SnowflakeMaker
from core.runtime.data_folder import default_media_url
from core.settings import Settings, Switch
from datastore.ads.stores import AdStores, ad_stores
from datastore.credentials.stores import CredentialStores, credential_stores
from datastore.jobs.stores import JobStores, job_stores
from datastore.jobs.worker_ids import leased_snowflakes
from datastore.limits.stores import LimitStores, limit_stores
from datastore.media.stores import MediaStores, media_stores
from datastore.moderation.stores import ModerationStores, moderation_stores
from datastore.mongo.client import Mongo, open_mongo
from datastore.notifications.stores import NotificationStores, notification_stores
from datastore.notifications.writer import NotificationWriter
from datastore.push.stores import PushStores, push_stores
from datastore.redis.client import open_redis
from datastore.redis.cluster.pipeline import open_pipeline
from datastore.redis.node.circuit_breaker import CircuitBreaker
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.local_items import LocalItems
from datastore.timelines.stores import TimelineStores, timeline_stores
from datastore.trends.stores import TrendStores, trend_stores
from datastore.tweets.stores import TweetStores, tweet_stores
from datastore.users.stores import UserStores, user_stores
from datastore.users.voices import Voices


@dataclass(frozen=True, slots=True)
class Stores:
    mongo: Mongo
    redis: Redis
    pipeline: CommandPipeline
    ids: SnowflakeMaker
    users: UserStores
    credentials: CredentialStores
    tweets: TweetStores
    timelines: TimelineStores
    local_items: LocalItems
    notifications: NotificationStores
    push: PushStores
    trends: TrendStores
    ads: AdStores
    jobs: JobStores
    limits: LimitStores
    media: MediaStores
    moderation: ModerationStores


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Needs both URLs; opens whether or not the stores answer at this moment."""
    async with _open_connections(settings) as connections:
        yield _stores(settings, connections)


class _Connections(NamedTuple):
    mongo: Mongo
    redis: Redis
    pipeline: CommandPipeline
    queues: tuple[Redis, CommandPipeline]
    ids: SnowflakeMaker


@asynccontextmanager
async def _open_connections(settings: Settings) -> AsyncIterator[_Connections]:
    if settings.mongo_url is None or settings.redis_url is None:
        raise SystemExit("Set ROOKERY_MONGO_URL and ROOKERY_REDIS_URL; only `make up` starts the stores itself.")
    breaker = CircuitBreaker()
    async with (
        open_mongo(settings.mongo_url, settings.mongo_driver) as mongo,
        open_redis(settings.redis_url, breaker) as redis,
        open_pipeline(settings.redis_url, redis, breaker) as pipeline,
        _open_queues(settings, redis, pipeline) as queues,
        leased_snowflakes(redis) as ids,
    ):
        yield _Connections(mongo, redis, pipeline, queues, ids)


@asynccontextmanager
async def _open_queues(
    settings: Settings, redis: Redis, pipeline: CommandPipeline
) -> AsyncIterator[tuple[Redis, CommandPipeline]]:
    """Redis of the job queues: `jobs_url` may name a deployment that writes to disk, unlike the one in memory."""
    if settings.jobs_url is None or settings.jobs_url == settings.redis_url:
        yield redis, pipeline
        return
    async with open_redis(settings.jobs_url) as queues, open_pipeline(settings.jobs_url, queues) as to_queues:
        yield queues, to_queues


def _stores(settings: Settings, connections: _Connections) -> Stores:
    mongo, redis, pipeline, queues, ids = connections
    jobs = job_stores(mongo, redis, queues=queues)
    users = user_stores(mongo, redis, pipeline=pipeline, jobs=jobs, ids=ids)
    tweets = tweet_stores(mongo, redis, pipeline=pipeline, jobs=jobs)
    media = media_stores(mongo, pipeline=pipeline, jobs=jobs, url=settings.media_url or default_media_url())
    voices = _voices(mongo, settings)
    writer = NotificationWriter(mongo, ids, voices)
    return Stores(
        mongo=mongo,
        redis=redis,
        pipeline=pipeline,
        ids=ids,
        users=users,
        credentials=credential_stores(mongo, jobs=jobs, users=users),
        tweets=tweets,
        timelines=timeline_stores(mongo, redis, pipeline=pipeline, settings=settings),
        local_items=LocalItems(tweets, users.accounts, media.items),
        notifications=notification_stores(mongo, redis, pipeline, jobs=jobs, shown=(tweets, users), writer=writer),
        push=push_stores(mongo, settings),
        trends=trend_stores(mongo, redis, jobs=jobs, users=users, voices=voices),
        ads=ad_stores(mongo, pipeline=pipeline),
        jobs=jobs,
        limits=limit_stores(redis, pipeline=pipeline),
        media=media,
        moderation=moderation_stores(mongo, jobs=jobs, end_access=users.end_access_within),
    )


def _voices(mongo: Mongo, settings: Settings) -> Voices:
    is_strict, requires_verification = settings.rate_limit is Switch.ON, settings.requires_verification
    return Voices(mongo, is_strict=is_strict, requires_verification=requires_verification)
