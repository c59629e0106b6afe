"""Stores of followed hashtags, and of what trends are found by."""

from dataclasses import dataclass

from redis.asyncio import Redis

from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.trends.hashtags import HashtagStore
from datastore.trends.store import TrendStore
from datastore.trends.tag_sketches import TagCrowdStore
from datastore.trends.tag_uses import TagUseStore
from datastore.users.stores import UserStores


@dataclass(frozen=True, slots=True)
class TrendStores:
    hashtags: HashtagStore
    snapshots: TrendStore
    tag_uses: TagUseStore
    tag_sketches: TagCrowdStore


def trend_stores(mongo: Mongo, redis: Redis, *, jobs: JobStores, users: UserStores) -> TrendStores:
    return TrendStores(
        hashtags=HashtagStore(mongo, jobs.outbox),
        snapshots=TrendStore(redis),
        tag_uses=TagUseStore(mongo, users.accounts),
        tag_sketches=TagCrowdStore(mongo, redis),
    )
