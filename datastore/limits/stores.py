"""Stores of rate limits and of persisted documents."""

from dataclasses import dataclass

from redis.asyncio import Redis

from datastore.limits.acts import ActLimitStore
from datastore.limits.persisted_documents import PersistedDocumentStore
from datastore.limits.rates import RateStore
from datastore.redis.node.pipeline import CommandPipeline


@dataclass(frozen=True, slots=True)
class LimitStores:
    rates: RateStore
    acts: ActLimitStore
    persisted_documents: PersistedDocumentStore


def limit_stores(redis: Redis, *, pipeline: CommandPipeline) -> LimitStores:
    return LimitStores(
        rates=RateStore(redis, pipeline),
        acts=ActLimitStore(redis, pipeline),
        persisted_documents=PersistedDocumentStore(redis),
    )
