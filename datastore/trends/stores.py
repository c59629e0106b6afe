"""Stores of followed hashtags, and of the data that trends are computed from."""

from dataclasses import dataclass

from redis.asyncio import Redis

from core.settings import Settings, Switch
from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.trends.hashtags import FollowedHashtagStore
from datastore.trends.hourly_usage import HourlyUsageStore
from datastore.trends.snapshots import TrendSnapshotStore
from datastore.trends.tag_sketches import TagSketchStore
from datastore.trends.tag_uses import TagUseStore
from datastore.trends.voices import TrendVoices
from datastore.users.stores import UserStores


@dataclass(frozen=True, slots=True)
class TrendStores:
    hashtags: FollowedHashtagStore
    snapshots: TrendSnapshotStore
    hourly_usage: HourlyUsageStore
    tag_uses: TagUseStore
    tag_sketches: TagSketchStore
    voices: TrendVoices


def trend_stores(mongo: Mongo, redis: Redis, *, jobs: JobStores, users: UserStores, settings: Settings) -> TrendStores:
    voices = TrendVoices(
        mongo,
        is_strict=settings.rate_limit is Switch.ON,
        requires_verification=settings.requires_verification,
    )
    return TrendStores(
        hashtags=FollowedHashtagStore(mongo, jobs.outbox),
        snapshots=TrendSnapshotStore(redis),
        hourly_usage=HourlyUsageStore(redis),
        tag_uses=TagUseStore(mongo, users.accounts, voices),
        tag_sketches=TagSketchStore(mongo, redis, voices),
        voices=voices,
    )
