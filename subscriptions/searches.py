"""Standing searches: each post and edit is matched once in a process, with the searches that need one of its terms.

The log of posts is read while there are searches: after each notification, and every few seconds without one. Nothing
is read for a single search, and no visibility rules are applied: the sender of a tweet applies them at that moment.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import NamedTuple, Self

import structlog

from core.errors import CodedError, ErrorCode, UnavailableError
from core.ids import first_id_of, wall_ms
from core.runtime.tasks import not_cancelled
from core.search.query import Alternative, Query
from datastore.records.items import TweetCounts, TweetRecord
from datastore.timelines.post_log import LoggedPost, PostLog, entry_id_at
from datastore.tweets.stores import TweetStores
from datastore.tweets.terms import SearchedTweet
from subscriptions.broadcast import ResilientBroadcast

_POLL_SECONDS = 5.0
_RETRY_SECONDS = 0.25
_BATCH_SIZE = 500
# The log is read from this long before the first search, because the clock of Redis may differ.
_CLOCK_SKEW_MS = 10_000
_MAX_REMEMBERED = 50_000
_MAX_WAITING = 1_000
_log = structlog.get_logger()


class Found(NamedTuple):
    """A tweet that matches, or may match; `was` is the version before its edit, None for a new tweet."""

    tweet: TweetRecord
    was: TweetRecord | None

    @property
    def act_id(self) -> int:
        return self.tweet.id if self.was is None else self.tweet.edit_id or self.tweet.id


class SearchIndex:
    """Searches by a term that a matching tweet must have; those without such a term are under None."""

    def __init__(self) -> None:
        self._watchers: dict[Query, set[SearchWatcher]] = {}
        self._by_term: dict[str | None, set[Query]] = {}

    def __bool__(self) -> bool:
        return bool(self._watchers)

    def add(self, watcher: "SearchWatcher") -> None:
        if watcher.query not in self._watchers:
            for term in _required_terms(watcher.query):
                self._by_term.setdefault(term, set()).add(watcher.query)
        self._watchers.setdefault(watcher.query, set()).add(watcher)

    def discard(self, watcher: "SearchWatcher") -> None:
        others = self._watchers.get(watcher.query, set())
        others.discard(watcher)
        if not others and self._watchers.pop(watcher.query, None) is not None:
            for term in _required_terms(watcher.query):
                self._by_term[term].discard(watcher.query)
                if not self._by_term[term]:
                    del self._by_term[term]

    def notify(self, tweet: SearchedTweet, was: SearchedTweet | None = None) -> None:
        """Adds the tweet to all searches that match it; of an edited one, to those that did not match it as it `was`.

        A search by follows always matches here; the sender checks it.
        """
        candidates = {query for term in (*tweet.terms, None) for query in self._by_term.get(term, ())}
        for query in candidates:
            if query.is_personal or _is_new_hit(query, tweet, was):
                for watcher in self._watchers[query]:
                    watcher.add(Found(tweet.tweet, None if was is None else was.tweet))


class SearchWatcher:
    """The search of one subscription, and the matching tweets since the act `since` that have not been taken."""

    def __init__(self, query: Query, since: int) -> None:
        self.query, self._since = query, since
        self._waiting = deque[Found]()
        self._has_waiting = asyncio.Event()

    def add(self, found: Found) -> None:
        if found.act_id >= self._since and len(self._waiting) <= _MAX_WAITING:
            self._waiting.append(found)
            self._has_waiting.set()

    async def take(self) -> list[Found]:
        """Waits for tweets. Raises CodedError if more came than may wait."""
        await self._has_waiting.wait()
        self._has_waiting.clear()
        if len(self._waiting) > _MAX_WAITING:
            raise CodedError(ErrorCode.UNAVAILABLE, "More was found than was read. Search for it, and subscribe again.")
        return self.take_waiting()

    def take_waiting(self) -> list[Found]:
        """Without waiting."""
        taken = list(self._waiting)
        self._waiting.clear()
        return taken


class StandingSearches:
    """All standing searches of a process."""

    def __init__(self, posts: PostLog, tweets: TweetStores, broadcast: ResilientBroadcast) -> None:
        self._posts, self._tweets, self._broadcast = posts, tweets, broadcast
        self._index = SearchIndex()
        self._has_searches = asyncio.Event()
        self._notified = OrderedDict[int, None]()

    async def __aenter__(self) -> Self:
        self._reading = asyncio.create_task(self._read_while_searched(), name="standing searches")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading

    @contextmanager
    def watch(self, query: Query) -> Iterator[SearchWatcher]:
        """Gets each tweet that is posted, or edited so that it matches, from now on; an edited one perhaps twice."""
        watcher = SearchWatcher(query, first_id_of(wall_ms()))
        self._index.add(watcher)
        self._has_searches.set()
        try:
            yield watcher
        finally:
            self._index.discard(watcher)
            if not self._index:
                self._has_searches.clear()

    async def _read_while_searched(self) -> None:
        while not_cancelled():
            await self._has_searches.wait()
            entry_id = entry_id_at(wall_ms() - _CLOCK_SKEW_MS)
            with self._broadcast.listen(self._posts.channel) as subscription:
                while self._index and not_cancelled():
                    try:
                        found = await self._posts.after(entry_id, _BATCH_SIZE)
                        await self._notify(found)
                    except UnavailableError as error:
                        _log.warning("log of posts away", error=repr(error))
                        await asyncio.sleep(_RETRY_SECONDS)
                        continue
                    if found:
                        entry_id = found[-1].entry_id
                    else:
                        await subscription.wait(_POLL_SECONDS)

    async def _notify(self, posts: Sequence[LoggedPost]) -> None:
        new = {post.act_id: post for post in posts if post.act_id not in self._notified}
        items = await self._tweets.items.get_many([post.tweet_id for post in new.values()]) if new else []
        edited = {post.tweet_id for post in new.values() if post.edit_id is not None}
        versions = await self._tweets.edits.versions(edited) if edited else {}
        for post, item in zip(new.values(), items, strict=True):
            if isinstance(item, TweetRecord):
                was = _version_before(versions.get(post.tweet_id, ()), post.edit_id)
                self._index.notify(_searched(item), None if was is None else _searched(was))
        self._notified.update(dict.fromkeys(new))
        while len(self._notified) > _MAX_REMEMBERED:
            self._notified.popitem(last=False)


def _is_new_hit(query: Query, tweet: SearchedTweet, was: SearchedTweet | None) -> bool:
    return query.holds(tweet, frozenset()) and (was is None or not query.holds(was, frozenset()))


def _searched(tweet: TweetRecord) -> SearchedTweet:
    return SearchedTweet(tweet, TweetCounts())


def _version_before(versions: Sequence[TweetRecord], edit_id: int | None) -> TweetRecord | None:
    """None for a post."""
    return next((before for before, after in pairwise(versions) if after.edit_id == edit_id), None)


def _required_terms(query: Query) -> set[str | None]:
    """One term of each alternative, None for an alternative that requires no term."""
    return {_rarest(alternative) for alternative in query.alternatives}


def _rarest(alternative: Alternative) -> str | None:
    """A guess: traits and languages are frequent, and so are short words. None if there is no required term."""
    return max(
        alternative.required, key=lambda term: (not term.startswith(("has:", "is:", "lang:")), len(term)), default=None
    )
