"""Notifications of what people do and undo, and word of them to whoever is live."""

from datastore.jobs.jobs import Job, Notify, PublishUnreadCount
from datastore.stores import Stores
from datastore.timelines.changes import NotificationChangeKind, UnpublishedChange


async def handle(stores: Stores, job: Job) -> None:
    match job:
        case Notify():
            for news in await stores.notifications.writer.apply(job):
                await stores.notifications.publisher.publish(news)
        case PublishUnreadCount():
            await stores.notifications.publisher.publish(
                UnpublishedChange(job.user_id, NotificationChangeKind.COUNT, 0, job.version)
            )
        case _:
            raise TypeError(f"no job of this queue: {job!r}")
