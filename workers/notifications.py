"""Handler of notification jobs: makes and unmakes notifications, and publishes the changes to live users."""

from datastore.jobs.jobs import Job, Notify, PublishUnreadCount
from datastore.notifications.stores import NotificationStores
from datastore.timelines.changes import NotificationChangeKind, UnpublishedChange


async def handle(notifications: NotificationStores, job: Job) -> None:
    match job:
        case Notify():
            for change in await notifications.writer.apply(job):
                await notifications.publisher.publish(change)
        case PublishUnreadCount():
            await notifications.publisher.publish(
                UnpublishedChange(job.user_id, NotificationChangeKind.COUNT, 0, job.version)
            )
        case _:
            raise TypeError(f"no job of this queue: {job!r}")
