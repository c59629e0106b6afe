"""Stores of background work: the outbox of jobs, and locks between processes."""

from dataclasses import dataclass

from redis.asyncio import Redis

from datastore.jobs.caught_mails import CaughtMailStore
from datastore.jobs.locks import DistributedLocks
from datastore.jobs.outbox import Outbox
from datastore.mongo.client import Mongo
from datastore.redis.node.pipeline import CommandPipeline


@dataclass(frozen=True, slots=True)
class JobStores:
    """`redis` holds the job queues; it may be a deployment of its own that writes to disk. `pipeline` leads there."""

    redis: Redis
    pipeline: CommandPipeline
    outbox: Outbox
    locks: DistributedLocks
    caught_mails: CaughtMailStore


def job_stores(mongo: Mongo, redis: Redis, *, queues: tuple[Redis, CommandPipeline]) -> JobStores:
    return JobStores(
        redis=queues[0],
        pipeline=queues[1],
        outbox=Outbox(mongo),
        locks=DistributedLocks(redis),
        caught_mails=CaughtMailStore(mongo),
    )
