"""One subscription's way through an event log: it reads what it missed, then takes what the hub delivers.

Each change is yielded once and in order. Offsets have no gaps, so a consumer that was left out notices, and reads.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Generic

import structlog

from core.auth.tokens import utc_now
from core.errors import UnavailableError
from core.ids import UserId
from core.runtime.tasks import not_cancelled
from datastore.timelines.changes import Change, StreamPosition
from datastore.timelines.event_log import EventLog

RETRY_SECONDS = 0.25
BATCH_SIZE = 100
_MAX_DELIVERED = 256
_log = structlog.get_logger()


class ChangeDelivery(Generic[Change]):
    """A change, and its `value` for the user: None if the user may not see it.

    `shared` is one dict for all deliveries of equal content and value, `cursor` is shared by one user's subscriptions.
    """

    __slots__ = ("change", "cursor", "shared", "value")

    def __init__(self, change: Change, value: object, shared: dict[object, object]) -> None:
        self.change, self.value, self.shared = change, value, shared
        self.cursor: str | None = None


Prepare = Callable[[Sequence[tuple[UserId, Change]]], Awaitable[list[ChangeDelivery[Change]]]]


class LogConsumer(Generic[Change]):
    """`on_caught_up` is called with the position up to which it has read; from there on it relies on deliveries."""

    __slots__ = (
        "_delivered",
        "_error",
        "_event_log",
        "_is_behind",
        "_on_caught_up",
        "_position",
        "_prepare",
        "_user_id",
        "_waiter",
    )

    def __init__(
        self,
        event_log: EventLog[Change],
        user_id: UserId,
        after: StreamPosition | None,
        *,
        prepare: Prepare[Change],
        on_caught_up: Callable[[StreamPosition], None],
    ) -> None:
        self._event_log, self._user_id, self._position = event_log, user_id, after
        self._prepare, self._on_caught_up = prepare, on_caught_up
        self._delivered: list[ChangeDelivery[Change]] = []
        self._is_behind = True
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None

    def deliver(self, delivery: ChangeDelivery[Change]) -> None:
        """A consumer that is too slow drops its deliveries, and reads the log once it gets there."""
        if len(self._delivered) >= _MAX_DELIVERED:
            self.fall_behind()
        elif not self._is_behind:
            self._delivered.append(delivery)
            self._wake()

    def fall_behind(self) -> None:
        """Makes it read the log again, from its own position."""
        self._delivered.clear()
        self._is_behind = True
        self._wake()

    def fail(self, error: Exception) -> None:
        self._error = error
        self._wake()

    async def deliveries(self) -> AsyncIterator[ChangeDelivery[Change]]:
        """Never ends. A reset stands for changes that the log has lost."""
        while not_cancelled():
            if self._is_behind:
                self._is_behind = False
                async for delivery in self._read_missed():
                    yield delivery
            for delivery in await self._take():
                if not self._advance(delivery.change.position):
                    break
                yield delivery

    async def _read_missed(self) -> AsyncIterator[ChangeDelivery[Change]]:
        position = self._position if self._position is not None else await self._end_of_log()
        self._position = position
        while not_cancelled():
            try:
                log = await self._event_log.range(self._user_id, position, BATCH_SIZE)
                changes = log.changes if log.changes is not None else [self._event_log.reset(log.end, utc_now())]
                prepared = await self._prepare([(self._user_id, change) for change in changes])
            except UnavailableError as error:
                _log.warning("event log away", error=repr(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for delivery in prepared:
                self._position = position = delivery.change.position
                yield delivery
            if not changes:
                self._on_caught_up(position)
                return

    async def _end_of_log(self) -> StreamPosition:
        while not_cancelled():
            try:
                return await self._event_log.position(self._user_id)
            except UnavailableError:
                await asyncio.sleep(RETRY_SECONDS)
        raise asyncio.CancelledError

    async def _take(self) -> list[ChangeDelivery[Change]]:
        if not self._delivered and not self._is_behind and self._error is None:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._error is not None:
            raise self._error
        delivered, self._delivered = self._delivered, []
        return [delivery for delivery in delivered if not self._is_known(delivery.change.position)]

    def _is_known(self, position: StreamPosition) -> bool:
        own = self._position
        return own is not None and position.epoch == own.epoch and position.offset <= own.offset

    def _advance(self, position: StreamPosition) -> bool:
        """False if the position is not the next one, so that the log must be read."""
        own = self._position
        if own is None or position.epoch != own.epoch or position.offset != own.offset + 1:
            self._is_behind = True
            return False
        self._position = position
        return True

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
