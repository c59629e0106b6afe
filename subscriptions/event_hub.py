"""The event logs that this process follows: each is read once for all subscriptions of its person.

The log is the truth and the bell the doorbell. A bell says what was appended where; only where that is not the next
place is the log read. What is new in all logs at one moment is judged together. A lost ring costs time alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from typing import Generic, Self

import structlog
from broadcaster import Event

from core.errors import UnavailableError
from core.ids import UserId
from core.runtime.tasks import not_cancelled
from datastore.timelines.event_log import Change, EventLog, LogPlace
from subscriptions.broadcast import Gap, ResilientBroadcast
from subscriptions.log_consumer import AT_ONCE, RETRY_SECONDS, Reader, Told

_LOOK_EVERY_SECONDS = 5.0
_UPKEEP_SECONDS = 30.0
# Logs are looked at a part at a time, so that their readers do not all wait for one look.
_PARTS = 10
_log = structlog.get_logger()

Values = Callable[[Sequence[tuple[UserId, Change]]], Awaitable[Sequence[object]]]
"""What some changes are for the people beside them, in this order; equal ones as one object. None: not to be seen."""
Upkeep = Callable[[Sequence[UserId]], Awaitable[None]]


class _Feed(Generic[Change]):
    """`place` is where the log was last known to end; None until a reader has read up to some place.

    `heard` is what the bell said while the log was read.
    """

    __slots__ = ("heard", "hearing", "is_reading", "kept_at", "place", "readers", "user_id", "was_rung")

    def __init__(self, user_id: UserId) -> None:
        self.user_id = user_id
        self.place: LogPlace | None = None
        self.readers: list[Reader[Change]] = []
        self.is_reading = self.was_rung = False
        self.heard: list[Change] = []
        self.kept_at = -_UPKEEP_SECONDS
        self.hearing: AbstractContextManager[None]


class LogFeeds(Generic[Change]):
    """Logs of one kind. `upkeep` is called every half minute for everybody whose log is followed."""

    def __init__(
        self,
        events: EventLog[Change],
        broadcast: ResilientBroadcast,
        *,
        values: Values[Change] | None = None,
        upkeep: Upkeep | None = None,
    ) -> None:
        self._events, self._broadcast, self._values = events, broadcast, values
        self._upkeep = upkeep
        self._feeds: dict[UserId, _Feed[Change]] = {}
        self._new: list[tuple[_Feed[Change], Change]] = []
        self._rung: dict[_Feed[Change], None] = {}
        self._work = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._pump(), name="feeds"),
            asyncio.create_task(self._look_again_and_again(), name="feeds kept"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @contextmanager
    def follow(self, user_id: UserId, after: LogPlace | None) -> Iterator[Reader[Change]]:
        """All changes after the place, or from now on."""
        feed = self._feeds.get(user_id) or self._begin(user_id)
        reader = Reader(self._events, user_id, after, judge=self._judged, begun=partial(self._know, feed))
        feed.readers.append(reader)
        try:
            yield reader
        finally:
            feed.readers.remove(reader)
            if not feed.readers:
                del self._feeds[user_id]
                self._rung.pop(feed, None)
                feed.hearing.__exit__(None, None, None)

    def _begin(self, user_id: UserId) -> _Feed[Change]:
        feed = self._feeds[user_id] = _Feed[Change](user_id)
        feed.hearing = self._broadcast.hear(self._events.bell(user_id), partial(self._hear, feed))
        feed.hearing.__enter__()
        return feed

    def _know(self, feed: _Feed[Change], place: LogPlace) -> None:
        if feed.place is None:
            feed.place = place
            if feed.was_rung:
                self._ring(feed)

    def _hear(self, feed: _Feed[Change], event: Event) -> None:
        change = None if isinstance(event, Gap) else self._events.rung(event.message)
        if change is None:
            self._ring(feed)
        elif feed.is_reading:
            feed.heard.append(change)
        else:
            self._take(feed, change)

    def _take(self, feed: _Feed[Change], change: Change) -> None:
        """A place that was there already is looked at, too: Redis may have lost the end of the log."""
        place = feed.place
        if place is not None and change.place.epoch == place.epoch and change.place.place == place.place + 1:
            feed.place = change.place
            self._new.append((feed, change))
            self._work.set()
        else:
            self._ring(feed)

    def _ring(self, feed: _Feed[Change]) -> None:
        if feed.place is None or feed.is_reading:
            feed.was_rung = True
        else:
            self._rung[feed] = None
            self._work.set()

    async def _pump(self) -> None:
        while not_cancelled():
            await self._work.wait()
            self._work.clear()
            new, self._new = self._new, []
            rung, self._rung = list(self._rung), {}
            for feed in rung:
                feed.is_reading = True  # from now on, so that nothing overtakes what is read
            await self._tell(new)
            if rung:
                await self._tell(await self._read(rung))

    async def _tell(self, new: Sequence[tuple[_Feed[Change], Change]]) -> None:
        """Judges until the stores answer: who waits for them waits for all, in order."""
        while new and not_cancelled():
            try:
                judged = await self._judged([(feed.user_id, change) for feed, change in new])
            except UnavailableError as error:
                _log.warning("events held up", error=repr(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one event, the others' feeds go on
                _log.exception("events not judged")
                for reader in [reader for feed in {feed for feed, _ in new} for reader in feed.readers]:
                    reader.fail(error)
                return
            for (feed, _), told in zip(new, judged, strict=True):
                for reader in feed.readers:
                    reader.tell(told)
            return

    async def _judged(self, new: Sequence[tuple[UserId, Change]]) -> list[Told[Change]]:
        values = await self._values(new) if self._values and new else [None] * len(new)
        alike: dict[object, dict[object, object]] = {}
        return [
            Told(change, value, alike.setdefault((id(value), change.at) if value is not None else change.what, {}))
            for (_, change), value in zip(new, values, strict=True)
        ]

    async def _read(self, rung: Sequence[_Feed[Change]]) -> list[tuple[_Feed[Change], Change]]:
        """What is new in logs whose bell did not say all."""
        found = await asyncio.gather(*[self._read_one(feed) for feed in rung])
        for feed, changes in zip(rung, found, strict=True):
            feed.is_reading = False
            heard, feed.heard = feed.heard, []
            for change in heard:
                if change not in changes:
                    self._take(feed, change)
            if feed.was_rung or len(changes) >= AT_ONCE:
                feed.was_rung = False
                self._ring(feed)
        return [(feed, change) for feed, changes in zip(rung, found, strict=True) for change in changes]

    async def _read_one(self, feed: _Feed[Change]) -> Sequence[Change]:
        if feed.place is None:
            return ()
        try:
            log = await self._events.range(feed.user_id, feed.place, AT_ONCE)
        except UnavailableError as error:
            _log.warning("event log away", error=repr(error))
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._ring, feed)
            return ()
        if log.changes is None:
            feed.place = log.head
            for reader in feed.readers:
                reader.look_again()
        elif log.changes:
            feed.place = log.changes[-1].place
        return log.changes or ()

    async def _look_again_and_again(self) -> None:
        part, clock = 0, asyncio.get_running_loop().time
        while not_cancelled():
            await asyncio.sleep(_LOOK_EVERY_SECONDS / _PARTS)
            part = (part + 1) % _PARTS
            due = list(self._feeds.values())[part::_PARTS]
            for feed in due:
                self._ring(feed)
            await self._keep([feed for feed in due if clock() - feed.kept_at >= _UPKEEP_SECONDS], clock())

    async def _keep(self, feeds: Sequence[_Feed[Change]], now: float) -> None:
        for feed in feeds:
            feed.kept_at = now
        if feeds and self._upkeep is not None:
            await self._upkeep([feed.user_id for feed in feeds])
