"""Notifications of what people do and undo, and word of them to whoever is live."""

from datastore.jobs.jobs import Job, Notify, PublishUnreadCount
from datastore.stores import Stores
from datastore.timelines.event_log import NotificationChangeKind, NotificationNews


async def handle(stores: Stores, job: Job) -> None:
    match job:
        case Notify():
            for news in await stores.notifications.writer.apply(job):
                await stores.notifications.publisher.tell(news)
        case PublishUnreadCount():
            await stores.notifications.publisher.tell(
                NotificationNews(job.user_id, NotificationChangeKind.COUNT, 0, job.version)
            )
        case _:
            raise TypeError(f"no job of this queue: {job!r}")
