"""Stores of notifications, and the log that tells those who listen of changes."""

from dataclasses import dataclass

from redis.asyncio import Redis

from core.ids import SnowflakeMaker
from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.notifications.reader import NotificationStore
from datastore.notifications.writer import NoticeStore
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.event_log import EventLog, NotificationChange, NotificationTeller, notification_log


@dataclass(frozen=True, slots=True)
class NotificationStores:
    reader: NotificationStore
    writer: NoticeStore
    log: EventLog[NotificationChange]
    publisher: NotificationTeller


def notification_stores(
    mongo: Mongo, redis: Redis, *, pipeline: CommandPipeline, jobs: JobStores, ids: SnowflakeMaker
) -> NotificationStores:
    return NotificationStores(
        reader=NotificationStore(mongo, jobs.outbox),
        writer=NoticeStore(mongo, ids),
        log=notification_log(redis, pipeline),
        publisher=NotificationTeller(redis),
    )
