"""Changes of a user's notifications as a stream, without those that the client knows already.

A page that gave the cursor knows everything up to a version of the notifications. A change that is published again
after Redis lost part of its log is skipped if this stream has delivered it.
"""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

from datastore.timelines.changes import NotificationChange, NotificationChangeKind
from subscriptions.log_consumer import ChangeDelivery, LogConsumer

_MAX_REMEMBERED = 1_000


class NotificationDelivery(NamedTuple):
    """`known_version` is the version up to which the client knows everything, apart from this stream."""

    delivery: ChangeDelivery[NotificationChange]
    known_version: int


async def notification_deliveries(
    consumer: LogConsumer[NotificationChange],
    known_version: int | None,
    current_version: Callable[[], Awaitable[int]],
) -> AsyncIterator[NotificationDelivery]:
    """Never ends. `known_version` is None to begin now. After a reset the client must read everything again."""
    known = await current_version() if known_version is None else known_version
    delivered = deque[int](maxlen=_MAX_REMEMBERED)
    async for delivery in consumer.deliveries():
        change = delivery.change
        if change.kind is NotificationChangeKind.RESET:
            known = await current_version()
        elif change.version <= known or change.version in delivered:
            continue
        else:
            delivered.append(change.version)
        yield NotificationDelivery(delivery, known)
