"""One subscription's way through an event log: what it missed by reading, and then what its feed is told.

Each change is handed over once and in order. Places are without gaps, so whoever was left out sees it and reads.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Generic

import structlog

from core.auth.tokens import utc_now
from core.errors import UnavailableError
from core.ids import UserId
from core.runtime.tasks import not_cancelled
from datastore.timelines.event_log import Change, EventLog, LogPlace

RETRY_SECONDS = 0.25
AT_ONCE = 100
_HELD = 256
_log = structlog.get_logger()


class Told(Generic[Change]):
    """A change, and what it was judged to be for its reader: None for what they may not see (any more).

    `alike` is shared by all who are told the very same; `cursor` by all subscriptions of one person.
    """

    __slots__ = ("alike", "change", "cursor", "value")

    def __init__(self, change: Change, value: object, alike: dict[object, object]) -> None:
        self.change, self.value, self.alike = change, value, alike
        self.cursor: str | None = None


Judge = Callable[[Sequence[tuple[UserId, Change]]], Awaitable[list[Told[Change]]]]


class Reader(Generic[Change]):
    """`begun` is called with the place up to which all was read: from there on the reader relies on what it is told."""

    __slots__ = ("_begun", "_error", "_events", "_is_behind", "_judge", "_place", "_told", "_user_id", "_waiter")

    def __init__(
        self,
        events: EventLog[Change],
        user_id: UserId,
        after: LogPlace | None,
        *,
        judge: Judge[Change],
        begun: Callable[[LogPlace], None],
    ) -> None:
        self._events, self._user_id, self._place = events, user_id, after
        self._judge, self._begun = judge, begun
        self._told: list[Told[Change]] = []
        self._is_behind = True
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None

    def tell(self, told: Told[Change]) -> None:
        """Of a reader that is too slow nothing is kept: it reads the log again once it gets there."""
        if len(self._told) >= _HELD:
            self.look_again()
        elif not self._is_behind:
            self._told.append(told)
            self._wake()

    def look_again(self) -> None:
        """What it relied on may be gone."""
        self._told.clear()
        self._is_behind = True
        self._wake()

    def fail(self, error: Exception) -> None:
        self._error = error
        self._wake()

    async def changes(self) -> AsyncIterator[Told[Change]]:
        """For ever. Where the log does not reach back, a reset stands for what is missing."""
        while not_cancelled():
            if self._is_behind:
                self._is_behind = False
                async for told in self._missed():
                    yield told
            for told in await self._take():
                if not self._is_next(told.change.place):
                    break
                yield told

    async def _missed(self) -> AsyncIterator[Told[Change]]:
        place = self._place if self._place is not None else await self._head()
        self._place = place
        while not_cancelled():
            try:
                log = await self._events.range(self._user_id, place, AT_ONCE)
                found = log.changes if log.changes is not None else [self._events.reset(log.head, utc_now())]
                judged = await self._judge([(self._user_id, change) for change in found])
            except UnavailableError as error:
                _log.warning("event log away", error=repr(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for told in judged:
                self._place = place = told.change.place
                yield told
            if not found:
                self._begun(place)
                return

    async def _head(self) -> LogPlace:
        while not_cancelled():
            try:
                return await self._events.head(self._user_id)
            except UnavailableError:
                await asyncio.sleep(RETRY_SECONDS)
        raise asyncio.CancelledError

    async def _take(self) -> list[Told[Change]]:
        if not self._told and not self._is_behind and self._error is None:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._error is not None:
            raise self._error
        told, self._told = self._told, []
        return [one for one in told if not self._is_known(one.change.place)]

    def _is_known(self, place: LogPlace) -> bool:
        mine = self._place
        return mine is not None and place.epoch == mine.epoch and place.place <= mine.place

    def _is_next(self, place: LogPlace) -> bool:
        mine = self._place
        if mine is None or place.epoch != mine.epoch or place.place != mine.place + 1:
            self._is_behind = True
            return False
        self._place = place
        return True

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
