"""Stores of notifications and muted conversations, and the log that tells those who listen of changes."""

from dataclasses import dataclass

from redis.asyncio import Redis

from core.ids import SnowflakeMaker
from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.notifications.conversation_mutes import ConversationMuteStore
from datastore.notifications.reader import NotificationReader
from datastore.notifications.writer import NotificationWriter
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.changes import NotificationChange
from datastore.timelines.event_log import EventLog, NotificationPublisher, notification_log
from datastore.users.voices import Voices


@dataclass(frozen=True, slots=True)
class NotificationStores:
    reader: NotificationReader
    writer: NotificationWriter
    conversation_mutes: ConversationMuteStore
    log: EventLog[NotificationChange]
    publisher: NotificationPublisher


def notification_stores(
    mongo: Mongo, redis: Redis, *, pipeline: CommandPipeline, jobs: JobStores, ids: SnowflakeMaker, voices: Voices
) -> NotificationStores:
    return NotificationStores(
        reader=NotificationReader(mongo, jobs.outbox),
        writer=NotificationWriter(mongo, ids, voices),
        conversation_mutes=ConversationMuteStore(mongo),
        log=notification_log(pipeline),
        publisher=NotificationPublisher(redis),
    )
