"""Changes of somebody's notifications as a stream: those of the log that its reader does not know yet.

A page that gave the cursor knows all up to a version of the notifications. What is told again after Redis lost some of
its log is passed over where this stream told it already.
"""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

from datastore.timelines.event_log import NotificationChange, NotificationChangeKind
from subscriptions.log_consumer import Reader, Told

_REMEMBERED = 1_000


class News(NamedTuple):
    """`known` is the version up to which the reader knows all, apart from the stream."""

    told: Told[NotificationChange]
    known: int


async def notification_changes(
    reader: Reader[NotificationChange], known: int | None, version: Callable[[], Awaitable[int]]
) -> AsyncIterator[News]:
    """For ever. `known` is None for a reader from now on; after a reset the reader reads all anew."""
    floor = await version() if known is None else known
    versions = deque[int](maxlen=_REMEMBERED)
    async for told in reader.changes():
        change = told.change
        if change.kind is NotificationChangeKind.RESET:
            floor = await version()
        elif change.version <= floor or change.version in versions:
            continue
        else:
            versions.append(change.version)
        yield News(told, floor)
