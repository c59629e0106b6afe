"""Hub of the event logs that this process follows: each is read once for all subscriptions of its user.

The log is the truth, pub/sub only notifies. A message holds the appended entry; the log is read only if that is not the
next one. Changes that are new in all logs at one moment are evaluated together. A lost message costs time alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from functools import partial
from typing import Generic, Self

import structlog
from broadcaster import Event

from core.auth.tokens import utc_now
from core.errors import UnavailableError
from core.ids import UserId
from core.runtime.metrics import EVENT_DELAY_SECONDS
from core.runtime.tasks import not_cancelled
from datastore.timelines.changes import Change, StreamPosition
from datastore.timelines.event_log import EventLog
from subscriptions.broadcast import Gap, ResilientBroadcast
from subscriptions.log_consumer import BATCH_SIZE, RETRY_SECONDS, ChangeDelivery, LogConsumer

_POLL_SECONDS = 5.0
_UPKEEP_SECONDS = 30.0
# Logs are polled a part at a time, so that their consumers do not all wait for one poll.
_PARTS = 10
_log = structlog.get_logger()

Evaluate = Callable[[Sequence[tuple[UserId, Change]]], Awaitable[Sequence[object]]]
"""The values of changes for their users, in order; equal values are one object, None if the user may not see it."""
Upkeep = Callable[[Sequence[UserId]], Awaitable[None]]


class _Feed(Generic[Change]):
    """The log of one user. `position` is its last known end, None until a consumer has caught up.

    `received` holds changes from messages that came while the log was read. `needs_read`: the log is to be read once
    that is possible.
    """

    __slots__ = ("consumers", "is_reading", "kept_at", "listening", "needs_read", "position", "received", "user_id")

    def __init__(self, user_id: UserId) -> None:
        self.user_id = user_id
        self.position: StreamPosition | None = None
        self.consumers: list[LogConsumer[Change]] = []
        self.is_reading = self.needs_read = False
        self.received: list[Change] = []
        self.kept_at = -_UPKEEP_SECONDS
        self.listening: AbstractContextManager[None]


class EventHub(Generic[Change]):
    """Logs of one kind. `upkeep` is called every half minute with all users whose logs are followed."""

    def __init__(
        self,
        event_log: EventLog[Change],
        broadcast: ResilientBroadcast,
        *,
        evaluate: Evaluate[Change] | None = None,
        upkeep: Upkeep | None = None,
    ) -> None:
        self._event_log, self._broadcast, self._evaluate = event_log, broadcast, evaluate
        self._upkeep = upkeep
        self._feeds: dict[UserId, _Feed[Change]] = {}
        self._new: list[tuple[_Feed[Change], Change]] = []
        self._to_read: dict[_Feed[Change], None] = {}
        self._has_work = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._pump(), name="feeds"),
            asyncio.create_task(self._poll_forever(), name="feeds kept"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @contextmanager
    def subscribe(self, user_id: UserId, after: StreamPosition | None) -> Iterator[LogConsumer[Change]]:
        """A consumer of all changes after the position; None means from now on."""
        feed = self._feeds.get(user_id) or self._open_feed(user_id)
        caught_up = partial(self._on_caught_up, feed)
        consumer = LogConsumer(self._event_log, user_id, after, prepare=self._prepare, on_caught_up=caught_up)
        feed.consumers.append(consumer)
        try:
            yield consumer
        finally:
            feed.consumers.remove(consumer)
            if not feed.consumers:
                del self._feeds[user_id]
                self._to_read.pop(feed, None)
                feed.listening.__exit__(None, None, None)

    def _open_feed(self, user_id: UserId) -> _Feed[Change]:
        feed = self._feeds[user_id] = _Feed[Change](user_id)
        feed.listening = self._broadcast.on_message(self._event_log.channel(user_id), partial(self._on_message, feed))
        feed.listening.__enter__()
        return feed

    def _on_caught_up(self, feed: _Feed[Change], position: StreamPosition) -> None:
        if feed.position is None:
            feed.position = position
            if feed.needs_read:
                self._read_soon(feed)

    def _on_message(self, feed: _Feed[Change], event: Event) -> None:
        change = None if isinstance(event, Gap) else self._event_log.parse_message(event.message)
        if change is None:
            self._read_soon(feed)
        elif feed.is_reading:
            feed.received.append(change)
        else:
            self._accept(feed, change)

    def _accept(self, feed: _Feed[Change], change: Change) -> None:
        """An offset that is known already causes a read, too: Redis may have lost the end of the log."""
        position, new = feed.position, change.position
        if position is not None and new.epoch == position.epoch and new.offset == position.offset + 1:
            feed.position = new
            self._new.append((feed, change))
            self._has_work.set()
        else:
            self._read_soon(feed)

    def _read_soon(self, feed: _Feed[Change]) -> None:
        if feed.position is None or feed.is_reading:
            feed.needs_read = True
        else:
            self._to_read[feed] = None
            self._has_work.set()

    async def _pump(self) -> None:
        while not_cancelled():
            await self._has_work.wait()
            self._has_work.clear()
            new, self._new = self._new, []
            feeds, self._to_read = list(self._to_read), {}
            for feed in feeds:
                feed.is_reading = True  # before the first await, so that no message overtakes the read
            await self._deliver(new)
            if feeds:
                await self._deliver(await self._read(feeds))

    async def _deliver(self, new: Sequence[tuple[_Feed[Change], Change]]) -> None:
        """Retries while the stores are away. All feeds wait for that, for changes are delivered in order."""
        while new and not_cancelled():
            try:
                prepared = await self._prepare([(feed.user_id, change) for feed, change in new])
            except UnavailableError as error:
                _log.warning("events held up", error=repr(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            except Exception as error:  # noqa: BLE001 - one broken change must not end the feeds of other users
                _log.exception("events not judged")
                for consumer in [consumer for feed in {feed for feed, _ in new} for consumer in feed.consumers]:
                    consumer.fail(error)
                return
            for (feed, _), delivery in zip(new, prepared, strict=True):
                for consumer in feed.consumers:
                    consumer.deliver(delivery)
            _note_delays({change.at for _, change in new})
            return

    async def _prepare(self, new: Sequence[tuple[UserId, Change]]) -> list[ChangeDelivery[Change]]:
        """Deliveries of equal values at one time, or of equal changes without a value, share a dict."""
        values = await self._evaluate(new) if self._evaluate and new else [None] * len(new)
        shared: dict[object, dict[object, object]] = {}
        return [
            ChangeDelivery(
                change,
                value,
                shared.setdefault((id(value), change.at) if value is not None else change.content, {}),
            )
            for (_, change), value in zip(new, values, strict=True)
        ]

    async def _read(self, feeds: Sequence[_Feed[Change]]) -> list[tuple[_Feed[Change], Change]]:
        """New changes of logs whose messages were incomplete."""
        found = await asyncio.gather(*[self._read_feed(feed) for feed in feeds])
        for feed, changes in zip(feeds, found, strict=True):
            feed.is_reading = False
            received, feed.received = feed.received, []
            for change in received:
                if change not in changes:
                    self._accept(feed, change)
            if feed.needs_read or len(changes) >= BATCH_SIZE:
                feed.needs_read = False
                self._read_soon(feed)
        return [(feed, change) for feed, changes in zip(feeds, found, strict=True) for change in changes]

    async def _read_feed(self, feed: _Feed[Change]) -> Sequence[Change]:
        if feed.position is None:
            return ()
        try:
            log = await self._event_log.range(feed.user_id, feed.position, BATCH_SIZE)
        except UnavailableError as error:
            _log.warning("event log away", error=repr(error))
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._read_soon, feed)
            return ()
        if log.changes is None:
            feed.position = log.end
            for consumer in feed.consumers:
                consumer.fall_behind()
        elif log.changes:
            feed.position = log.changes[-1].position
        return log.changes or ()

    async def _poll_forever(self) -> None:
        part, clock = 0, asyncio.get_running_loop().time
        while not_cancelled():
            await asyncio.sleep(_POLL_SECONDS / _PARTS)
            part = (part + 1) % _PARTS
            feeds = list(self._feeds.values())[part::_PARTS]
            for feed in feeds:
                self._read_soon(feed)
            await self._keep_up([feed for feed in feeds if clock() - feed.kept_at >= _UPKEEP_SECONDS], clock())

    async def _keep_up(self, feeds: Sequence[_Feed[Change]], now: float) -> None:
        for feed in feeds:
            feed.kept_at = now
        if feeds and self._upkeep is not None:
            await self._upkeep([feed.user_id for feed in feeds])


def _note_delays(moments: Collection[datetime]) -> None:
    now = utc_now()
    for at in moments:
        EVENT_DELAY_SECONDS.observe(max((now - at).total_seconds(), 0.0))
