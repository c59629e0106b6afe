"""Stores of followed hashtags, and of the data that trends are computed from."""

from dataclasses import dataclass

from redis.asyncio import Redis

from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.trends.hashtags import FollowedHashtagStore
from datastore.trends.hourly_usage import HourlyUsageStore
from datastore.trends.snapshots import TrendSnapshotStore
from datastore.trends.tag_sketches import TagSketchStore
from datastore.trends.tag_uses import TagUseStore
from datastore.users.stores import UserStores
from datastore.users.voices import Voices


@dataclass(frozen=True, slots=True)
class TrendStores:
    hashtags: FollowedHashtagStore
    snapshots: TrendSnapshotStore
    hourly_usage: HourlyUsageStore
    tag_uses: TagUseStore
    tag_sketches: TagSketchStore
    voices: Voices


def trend_stores(mongo: Mongo, redis: Redis, *, jobs: JobStores, users: UserStores, voices: Voices) -> TrendStores:
    return TrendStores(
        hashtags=FollowedHashtagStore(mongo, jobs.outbox),
        snapshots=TrendSnapshotStore(redis),
        hourly_usage=HourlyUsageStore(redis),
        tag_uses=TagUseStore(mongo, users.accounts, voices),
        tag_sketches=TagSketchStore(mongo, redis, voices),
        voices=voices,
    )
