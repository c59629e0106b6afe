"""Notifications of acts done and undone, made in batches, and published to users who are live."""

import asyncio
from collections.abc import Sequence

from core.ids import ms_of
from datastore.invalidation import forget_rows
from datastore.jobs.jobs import Job, Notify, PublishUnreadCount
from datastore.jobs.queue import Delivery
from datastore.notifications.stores import NotificationStores
from datastore.stores import Stores
from datastore.timelines.changes import NotificationChangeKind, UnpublishedChange
from workers.push.feed import feed


async def handle(stores: Stores, deliveries: Sequence[Delivery]) -> None:
    notifications, jobs = stores.notifications, [one.job for one in deliveries if one.job is not None]
    await asyncio.gather(*[forget_rows(stores, job) for job in jobs])
    acts = [job for job in jobs if isinstance(job, Notify)]
    changes = await notifications.writer.apply(acts)
    claimed = [one.job for one in deliveries if one.attempts > 1 and isinstance(one.job, Notify)]
    for user_id in await notifications.writer.users_of(claimed):
        # The worker that made them may have died before it published them.
        changes += await notifications.reader.changes_of(user_id, min(ms_of(job.act_id) for job in claimed))
    await _publish(notifications, [*changes, *map(_unread_count, [job for job in jobs if not isinstance(job, Notify)])])
    await feed(stores, changes)
    await stores.jobs.outbox.finish_notifications(jobs)


def _unread_count(job: Job) -> UnpublishedChange:
    if not isinstance(job, PublishUnreadCount):
        raise TypeError(f"no job of this queue: {job!r}")
    return UnpublishedChange(job.user_id, NotificationChangeKind.COUNT, 0, job.version)


async def _publish(notifications: NotificationStores, changes: Sequence[UnpublishedChange]) -> None:
    users = list(dict.fromkeys(change.user_id for change in changes))
    live = set(await notifications.log.live_among(users)) if users else set()
    for change in changes:
        if change.user_id in live:
            await notifications.publisher.publish(change)
