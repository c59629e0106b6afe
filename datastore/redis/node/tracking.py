"""Client-side caching: which keys that were read on a connection are unchanged since.

Redis reports a change of a tracked key on the connection that read it, before it answers any command sent later on that
connection. So a row is current if its tracking says so after some later command has been answered.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

_MAX_TRACKED_KEYS = 50_000


class TrackingConnection(Protocol):
    """`last_answered_sent_at`: when the newest command that Redis has answered was sent, by `time.monotonic`."""

    is_tracking: bool
    last_answered_sent_at: float

    def read_barrier(self) -> "asyncio.Future[None]": ...


class KeyTracking:
    """`is_current` until Redis reports a change of the key or the connection ends; never on an untracked connection."""

    __slots__ = ("connection", "is_current")

    def __init__(self, connection: TrackingConnection | None) -> None:
        self.connection, self.is_current = connection, connection is not None and connection.is_tracking


UNTRACKED = KeyTracking(None)
"""For rows whose changes are not reported."""


class TrackedKeys:
    """The tracked keys of one connection, oldest first, up to a limit."""

    def __init__(self, connection: TrackingConnection) -> None:
        self._connection = connection
        self._trackings = OrderedDict[bytes, KeyTracking]()

    def track(self, key: bytes) -> KeyTracking:
        """One object per key until it changes: Redis reports a key once, however often it was read."""
        if (tracking := self._trackings.get(key)) is None:
            if len(self._trackings) >= _MAX_TRACKED_KEYS:
                self._trackings.popitem(last=False)[1].is_current = False
            tracking = self._trackings[key] = KeyTracking(self._connection)
        return tracking

    def on_push(self, message: Sequence[Any]) -> None:
        """Handles `invalidate` with the changed keys, or with None for all keys."""
        match message:
            case [b"invalidate", None]:
                self.invalidate_all()
            case [b"invalidate", list(keys)]:
                for key in keys:
                    if tracking := self._trackings.pop(key, None):
                        tracking.is_current = False

    def invalidate_all(self) -> None:
        for tracking in self._trackings.values():
            tracking.is_current = False
        self._trackings.clear()


def read_barriers(trackings: Iterable[KeyTracking], since: float) -> "list[asyncio.Future[None]]":
    """A barrier for each connection that has not answered a command sent after `since` (by `time.monotonic`).

    Once all are done, a row whose tracking is current is as it was at `since`, or newer.
    """
    connections = {tracking.connection for tracking in trackings}
    return [connection.read_barrier() for connection in unconfirmed(connections, since)]


def unconfirmed(connections: Iterable[TrackingConnection | None], since: float) -> list[TrackingConnection]:
    """Those that have not answered a command sent after `since` (by `time.monotonic`)."""
    return [one for one in connections if one is not None and one.last_answered_sent_at <= since]
