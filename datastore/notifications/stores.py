"""Stores of notifications and muted conversations, and the log that tells those who listen of changes."""

from dataclasses import dataclass

from redis.asyncio import Redis

from datastore.jobs.stores import JobStores
from datastore.mongo.client import Mongo
from datastore.notifications.actors import ActorReader
from datastore.notifications.conversation_mutes import ConversationMuteStore
from datastore.notifications.reader import NotificationReader
from datastore.notifications.visible import VisibleNotifications
from datastore.notifications.writer import NotificationWriter
from datastore.redis.node.pipeline import CommandPipeline
from datastore.timelines.changes import NotificationChange
from datastore.timelines.event_log import EventLog, NotificationPublisher, notification_log
from datastore.tweets.stores import TweetStores
from datastore.users.stores import UserStores


@dataclass(frozen=True, slots=True)
class NotificationStores:
    reader: NotificationReader
    actors: ActorReader
    writer: NotificationWriter
    visible: VisibleNotifications
    conversation_mutes: ConversationMuteStore
    log: EventLog[NotificationChange]
    publisher: NotificationPublisher


def notification_stores(
    mongo: Mongo,
    redis: Redis,
    pipeline: CommandPipeline,
    *,
    jobs: JobStores,
    shown: tuple[TweetStores, UserStores],
    writer: NotificationWriter,
) -> NotificationStores:
    """`shown`: what notifications are about."""
    tweets, users = shown
    reader = NotificationReader(mongo, jobs.outbox)
    return NotificationStores(
        reader=reader,
        actors=ActorReader(mongo),
        writer=writer,
        visible=VisibleNotifications(reader, tweets.items, users.accounts),
        conversation_mutes=ConversationMuteStore(mongo),
        log=notification_log(pipeline),
        publisher=NotificationPublisher(redis),
    )
