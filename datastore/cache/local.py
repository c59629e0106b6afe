"""Rows that a process remembers, decoded, for a few seconds: while Redis has not told that they changed.

A row from here is what Redis would have answered at the moment that is asked for, or later: see wire.Trace. So nothing
that was changed or deleted is ever served, not even in the instant in which the news is on its way.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from datastore.redis.node.protocol import Trace

Id = TypeVar("Id", bound=int)
Row = TypeVar("Row")

SECONDS = 5.0
BYTES = 1 << 20
_LARGEST = BYTES >> 3
_OVERHEAD = 256


class Held(NamedTuple, Generic[Row]):
    row: Row
    trace: Trace
    until: float
    size: int


class Memory(Generic[Id, Row]):
    """Of one kind of row; bounded by what the rows take as bytes in Redis. What came first goes first."""

    def __init__(self, limit: int = BYTES) -> None:
        self._rows = OrderedDict[Id, Held[Row]]()
        self._size, self._limit = 0, limit

    def recall(self, ids: Iterable[Id]) -> dict[Id, Held[Row]]:
        """Those that are held. Whether they are still so, their traces tell."""
        self._let_go(time.monotonic())
        rows = self._rows
        return {id_: held for id_ in ids if (held := rows.get(id_)) is not None and held.trace.is_current}

    def hold(self, id_: Id, row: Row, trace: Trace, size: int) -> None:
        """Unless it is too large, or Redis has told of a change by now."""
        if not trace.is_current or size > _LARGEST:
            return
        self.forget([id_])
        size += _OVERHEAD
        self._rows[id_] = Held(row, trace, time.monotonic() + SECONDS, size)
        self._size += size
        while self._size > self._limit:
            self._size -= self._rows.popitem(last=False)[1].size

    def forget(self, ids: Iterable[Id]) -> None:
        for id_ in ids:
            if (held := self._rows.pop(id_, None)) is not None:
                self._size -= held.size

    def _let_go(self, now: float) -> None:
        """Rows whose time is over: those that came first."""
        rows = self._rows
        while rows and (first := next(iter(rows.values()))).until <= now:
            rows.popitem(last=False)
            self._size -= first.size
