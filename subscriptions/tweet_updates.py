"""Counts and pictures of tweets on screen: one poll per second of all tweets that are watched in this process.

Changes of counts are not notified: a tweet with thousands of likes per second would cause as many messages. Cached
rows, which acts invalidate, are read by two commands for all watched tweets together. See
docs/decisions/0014-counts-are-polled.md.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple, Self

import structlog

from core.errors import UnavailableError
from core.ids import MediaId, TweetId
from core.runtime.tasks import not_cancelled
from datastore.media.records import MediaState
from datastore.media.store import MediaStore
from datastore.mongo.bulk import chunked
from datastore.records.items import TweetCounts, TweetRecord
from datastore.tweets.counts import TweetCountStore
from datastore.tweets.store import TweetStore

POLL_SECONDS = 1.0
_BATCH_SIZE = 1_000
_log = structlog.get_logger()


class TweetState(NamedTuple):
    """The state at the last poll. Of a deleted tweet `tweet` is the last known row. `pictures` are their states."""

    tweet: TweetRecord
    counts: TweetCounts
    is_deleted: bool = False
    pictures: tuple[MediaState | None, ...] = ()


class TweetWatcher:
    """The tweets of one subscription, and the changed ones among them that have not been taken."""

    def __init__(self, ids: Collection[TweetId]) -> None:
        self.ids = frozenset(ids)
        self._changed: dict[TweetId, TweetState] = {}
        self._has_changed = asyncio.Event()

    def add(self, state: TweetState) -> None:
        self._changed[state.tweet.id] = state
        self._has_changed.set()

    async def take(self, within: float | None = None) -> list[TweetState]:
        """Waits for changes, at most `within` seconds. Only the newest state of each tweet; may be empty then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._has_changed.wait()
        self._has_changed.clear()
        changed, self._changed = self._changed, {}
        return list(changed.values())


class TweetUpdates:
    """All watchers of a process."""

    def __init__(
        self, tweets: TweetStore, counts: TweetCountStore, media: MediaStore, *, every_seconds: float = POLL_SECONDS
    ) -> None:
        self._tweets, self._counts, self._media, self._every_seconds = tweets, counts, media, every_seconds
        self._watchers: set[TweetWatcher] = set()
        self._states: dict[TweetId, TweetState] = {}

    async def __aenter__(self) -> Self:
        self._polling = asyncio.create_task(self._poll_forever(), name="tweet updates")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._polling.cancel()
        with suppress(asyncio.CancelledError):
            await self._polling

    @contextmanager
    def watch(self, ids: Collection[TweetId]) -> Iterator[TweetWatcher]:
        """Gets the state of each existing tweet once, and then each change of it."""
        watcher = TweetWatcher(ids)
        for tweet_id in watcher.ids:
            if known := self._states.get(tweet_id):
                watcher.add(known)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    async def poll(self) -> None:
        """Reads all watched tweets. Raises UnavailableError."""
        watched = list({tweet_id for watcher in self._watchers for tweet_id in watcher.ids})
        self._states = {tweet_id: self._states[tweet_id] for tweet_id in watched if tweet_id in self._states}
        for some in chunked(watched, _BATCH_SIZE):
            self._notify(await self._changes(some))

    async def _poll_forever(self) -> None:
        while not_cancelled():
            try:
                await self.poll()
            except UnavailableError as error:
                _log.warning("watched tweets not polled", error=repr(error))
            await asyncio.sleep(self._every_seconds)

    async def _changes(self, ids: Sequence[TweetId]) -> Mapping[TweetId, TweetState]:
        items, counts = await asyncio.gather(self._tweets.get_many(ids), self._counts.get_many(ids))
        tweets = [item for item in items if isinstance(item, TweetRecord)]
        pictures = await self._picture_states([one for tweet in tweets for one in tweet.media])
        changed: dict[TweetId, TweetState] = {}
        for tweet_id, item, count in zip(ids, items, counts, strict=True):
            known = self._states.get(tweet_id)
            if isinstance(item, TweetRecord):
                state: TweetState | None = TweetState(item, count, pictures=tuple(map(pictures.get, item.media)))
            else:
                state = known and known._replace(is_deleted=True)
            if state is not None and state != known:
                changed[tweet_id] = state
        return changed

    async def _picture_states(self, ids: Sequence[MediaId]) -> Mapping[MediaId, MediaState]:
        found = await self._media.get_many(ids) if ids else []
        return {one.id: one.state for one in found if one is not None}

    def _notify(self, changed: Mapping[TweetId, TweetState]) -> None:
        self._states |= changed
        for watcher in self._watchers:
            for tweet_id in watcher.ids & changed.keys():
                watcher.add(changed[tweet_id])
