"""Pushes for the devices of those who are told of something: one for each changed group and device."""

from collections.abc import Sequence

from datastore.jobs.pushes import WantedPush
from datastore.jobs.queue import enqueue
from datastore.stores import Stores
from datastore.timelines.changes import NotificationChangeKind, UnpublishedChange


async def feed(stores: Stores, changes: Sequence[UnpublishedChange]) -> None:
    """Repeatable; the sweeper issues what Redis did not take."""
    grown = [change for change in changes if change.kind is NotificationChangeKind.CHANGED]
    if not grown:
        return
    devices = await stores.push.subscriptions.of_users({change.user_id for change in grown})
    wanted = [
        WantedPush(device, change.user_id, change.group_id, change.version)
        for change in grown
        for device in devices.get(change.user_id, ())
    ]
    if wanted:
        await enqueue(stores.jobs.redis, *await stores.jobs.outbox.pushes.add(wanted))
