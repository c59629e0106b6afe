"""In-process cache of decoded rows for a minute or two, invalidated by Redis (client-side caching).

A row is served only while its key is tracked and unchanged, and only once a read barrier has passed (see
datastore/redis/node/tracking.py). So it is as Redis would have answered at the requested time, or newer: a changed or
deleted row is never served, even while its invalidation is on the way.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from datastore.redis.node.tracking import KeyTracking

Id = TypeVar("Id", bound=int)
Row = TypeVar("Row")

LONGEST_SECONDS = 120.0
BYTES = 3 << 20
_MAX_ROW_BYTES = 1 << 17
_OVERHEAD_BYTES = 256


class Entry(NamedTuple, Generic[Row]):
    """`expires_at` is by `time.monotonic`, `size` in bytes."""

    row: Row
    tracking: KeyTracking
    expires_at: float
    size: int


class LocalCache(Generic[Id, Row]):
    """Rows of one kind, oldest first. `limit_bytes` bounds their encoded size; the oldest are evicted first."""

    def __init__(self, limit_bytes: int = BYTES, *, seconds: float = LONGEST_SECONDS) -> None:
        """`seconds`: for how long a row is kept, after which one is read that Redis may have dropped meanwhile."""
        self._entries = OrderedDict[Id, Entry[Row]]()
        self._size, self._limit, self._seconds = 0, limit_bytes, seconds

    def get(self, ids: Iterable[Id]) -> dict[Id, Entry[Row]]:
        """The unchanged entries among them, as far as this process knows; a read barrier confirms them."""
        self._evict_expired(time.monotonic())
        entries = self._entries
        return {id_: entry for id_ in ids if (entry := entries.get(id_)) is not None and entry.tracking.is_current}

    def peek(self, id_: Id, now: float) -> Entry[Row] | None:
        """One unchanged entry, like `get`. `now`: by `time.monotonic`."""
        entry = self._entries.get(id_)
        return entry if entry is not None and entry.expires_at > now and entry.tracking.is_current else None

    def put(self, id_: Id, row: Row, tracking: KeyTracking, size: int) -> None:
        """Ignores a row that is too large or whose key has changed since it was read."""
        if not tracking.is_current or size > _MAX_ROW_BYTES:
            return
        self.remove([id_])
        size += _OVERHEAD_BYTES
        self._entries[id_] = Entry(row, tracking, time.monotonic() + self._seconds, size)
        self._size += size
        while self._size > self._limit:
            self._size -= self._entries.popitem(last=False)[1].size

    def remove(self, ids: Iterable[Id]) -> None:
        for id_ in ids:
            if (entry := self._entries.pop(id_, None)) is not None:
                self._size -= entry.size

    def distrust(self, ids: Iterable[Id]) -> None:
        """Removes rows that changed although Redis may not have said so; whoever else holds them sees it too."""
        for id_ in ids:
            if (entry := self._entries.get(id_)) is not None:
                entry.tracking.is_current = False
        self.remove(ids)

    def _evict_expired(self, now: float) -> None:
        entries = self._entries
        while entries and (first := next(iter(entries.values()))).expires_at <= now:
            entries.popitem(last=False)
            self._size -= first.size
