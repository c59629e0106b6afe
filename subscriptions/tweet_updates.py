"""Counts of tweets on screen: one look a second at all tweets that somebody in this process watches, for all of them.

Nothing rings for a count: a tweet with thousands of likes a second would ring as often. Rows in the cache, which acts
correct, are read by two commands for all watched tweets together. See docs/decisions/0014-counts-are-polled.md.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple, Self

import structlog

from core.errors import UnavailableError
from core.ids import TweetId
from core.runtime.tasks import not_cancelled
from datastore.mongo.bulk import chunked
from datastore.records.items import TweetCounts, TweetRecord
from datastore.tweets.counts import TweetCountStore
from datastore.tweets.store import TweetStore

LOOK_EVERY_SECONDS = 1.0
_AT_ONCE = 1_000
_log = structlog.get_logger()


class TweetState(NamedTuple):
    """As of the last look. `tweet` stays what it was when it `is_deleted`."""

    tweet: TweetRecord
    counts: TweetCounts
    is_deleted: bool = False


class Watcher:
    """The tweets of one subscription, and those of them that changed since they were taken."""

    def __init__(self, ids: Collection[TweetId]) -> None:
        self.ids = frozenset(ids)
        self._changed: dict[TweetId, TweetState] = {}
        self._rung = asyncio.Event()

    def note(self, state: TweetState) -> None:
        self._changed[state.tweet.id] = state
        self._rung.set()

    async def take(self) -> list[TweetState]:
        """Waits until there are some; of each tweet the newest state alone."""
        await self._rung.wait()
        self._rung.clear()
        changed, self._changed = self._changed, {}
        return list(changed.values())


class TweetUpdates:
    """All watchers of a process."""

    def __init__(
        self, tweets: TweetStore, counts: TweetCountStore, *, every_seconds: float = LOOK_EVERY_SECONDS
    ) -> None:
        self._tweets, self._counts, self._every_seconds = tweets, counts, every_seconds
        self._watchers: set[Watcher] = set()
        self._known: dict[TweetId, TweetState] = {}

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look_again_and_again(), name="tweet updates")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._looking.cancel()
        with suppress(asyncio.CancelledError):
            await self._looking

    @contextmanager
    def watch(self, ids: Collection[TweetId]) -> Iterator[Watcher]:
        """It is told the state of each tweet that there is once, and then whenever that changed."""
        watcher = Watcher(ids)
        for tweet_id in watcher.ids:
            if known := self._known.get(tweet_id):
                watcher.note(known)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    async def look(self) -> None:
        """At all that is watched. Raises UnavailableError."""
        watched = list({tweet_id for watcher in self._watchers for tweet_id in watcher.ids})
        self._known = {tweet_id: self._known[tweet_id] for tweet_id in watched if tweet_id in self._known}
        for some in chunked(watched, _AT_ONCE):
            self._tell(await self._changes(some))

    async def _look_again_and_again(self) -> None:
        while not_cancelled():
            try:
                await self.look()
            except UnavailableError as error:
                _log.warning("no look at watched tweets", error=repr(error))
            await asyncio.sleep(self._every_seconds)

    async def _changes(self, ids: Sequence[TweetId]) -> Mapping[TweetId, TweetState]:
        items, counts = await asyncio.gather(self._tweets.get_many(ids), self._counts.get_many(ids))
        changed: dict[TweetId, TweetState] = {}
        for tweet_id, item, count in zip(ids, items, counts, strict=True):
            known = self._known.get(tweet_id)
            state = (
                TweetState(item, count) if isinstance(item, TweetRecord) else known and known._replace(is_deleted=True)
            )
            if state is not None and state != known:
                changed[tweet_id] = state
        return changed

    def _tell(self, changed: Mapping[TweetId, TweetState]) -> None:
        self._known |= changed
        for watcher in self._watchers:
            for tweet_id in watcher.ids & changed.keys():
                watcher.note(changed[tweet_id])
