"""Stores of background work: the outbox of jobs, and locks between processes."""

from dataclasses import dataclass

from redis.asyncio import Redis

from datastore.jobs.locks import DistributedLocks
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Mongo


@dataclass(frozen=True, slots=True)
class JobStores:
    """`redis` holds the job queues; it may be a deployment of its own that writes to disk."""

    redis: Redis
    outbox: Outbox
    locks: DistributedLocks


def job_stores(mongo: Mongo, redis: Redis, *, queues: Redis) -> JobStores:
    return JobStores(redis=queues, outbox=Outbox(mongo), locks=DistributedLocks(redis))
