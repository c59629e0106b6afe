"""Standing searches: each post is looked at once in a process, by those searches that need one of its terms.

The log of posts is read while somebody searches: after each ring, and every few seconds without one. Nothing is read
for one search alone, and no rule is applied: who sends a tweet judges it at that moment.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Self

import structlog

from core.errors import CodedError, ErrorCode, UnavailableError
from core.ids import TweetId, first_id_of, wall_ms
from core.runtime.tasks import not_cancelled
from core.search.query import Alternative, Query
from datastore.records.items import TweetCounts, TweetRecord
from datastore.timelines.post_log import PostLog, place_at
from datastore.tweets.store import TweetStore
from datastore.tweets.terms import SearchedTweet
from subscriptions.broadcast import ResilientBroadcast

_LOOK_EVERY_SECONDS = 5.0
_RETRY_SECONDS = 0.25
_AT_ONCE = 500
# So much earlier than the first search the log is read from: the clock of Redis is another one.
_LEAD_MS = 10_000
_REMEMBERED = 50_000
_WAITING_AT_MOST = 1_000
_log = structlog.get_logger()


class Standing:
    """Searches by terms that a tweet must have for them to hold; those that need none by themselves."""

    def __init__(self) -> None:
        self._watchers: dict[Query, set[Watcher]] = {}
        self._by_term: dict[str | None, set[Query]] = {}

    def __bool__(self) -> bool:
        return bool(self._watchers)

    def add(self, watcher: "Watcher") -> None:
        if watcher.query not in self._watchers:
            for term in _needed(watcher.query):
                self._by_term.setdefault(term, set()).add(watcher.query)
        self._watchers.setdefault(watcher.query, set()).add(watcher)

    def discard(self, watcher: "Watcher") -> None:
        others = self._watchers.get(watcher.query, set())
        others.discard(watcher)
        if not others and self._watchers.pop(watcher.query, None) is not None:
            for term in _needed(watcher.query):
                self._by_term[term].discard(watcher.query)
                if not self._by_term[term]:
                    del self._by_term[term]

    def tell(self, tweet: SearchedTweet) -> None:
        """Where it depends on whom the viewer follows, who sends the tweet must ask again."""
        candidates = {query for term in (*tweet.terms, None) for query in self._by_term.get(term, ())}
        for query in candidates:
            if query.is_personal or query.holds(tweet, frozenset()):
                for watcher in self._watchers[query]:
                    watcher.note(tweet.tweet)


class Watcher:
    """One search of one subscription: tweets with ids from `since` on that wait to be taken."""

    def __init__(self, query: Query, since: int) -> None:
        self.query, self._since = query, since
        self._waiting = deque[TweetRecord]()
        self._rung = asyncio.Event()

    def note(self, tweet: TweetRecord) -> None:
        if tweet.id >= self._since and len(self._waiting) <= _WAITING_AT_MOST:
            self._waiting.append(tweet)
            self._rung.set()

    async def take(self) -> list[TweetRecord]:
        """Waits until there are some. Raises CodedError where more came than can wait."""
        await self._rung.wait()
        self._rung.clear()
        if len(self._waiting) > _WAITING_AT_MOST:
            raise CodedError(ErrorCode.UNAVAILABLE, "More was found than was read. Search for it, and subscribe again.")
        return self.taken()

    def taken(self) -> list[TweetRecord]:
        """Those that wait at this moment."""
        taken = list(self._waiting)
        self._waiting.clear()
        return taken


class Searches:
    """All standing searches of a process."""

    def __init__(self, posts: PostLog, tweets: TweetStore, broadcast: ResilientBroadcast) -> None:
        self._posts, self._tweets, self._broadcast = posts, tweets, broadcast
        self._standing = Standing()
        self._wanted = asyncio.Event()
        self._told = OrderedDict[TweetId, None]()

    async def __aenter__(self) -> Self:
        self._reading = asyncio.create_task(self._read_while_wanted(), name="standing searches")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading

    @contextmanager
    def watch(self, query: Query) -> Iterator[Watcher]:
        """It is told of each tweet once that is posted from now on."""
        watcher = Watcher(query, first_id_of(wall_ms()))
        self._standing.add(watcher)
        self._wanted.set()
        try:
            yield watcher
        finally:
            self._standing.discard(watcher)
            if not self._standing:
                self._wanted.clear()

    async def _read_while_wanted(self) -> None:
        while not_cancelled():
            await self._wanted.wait()
            place = place_at(wall_ms() - _LEAD_MS)
            with self._broadcast.listen(self._posts.bell) as bell:
                while self._standing and not_cancelled():
                    try:
                        found = await self._posts.after(place, _AT_ONCE)
                        await self._tell([post.tweet_id for post in found])
                    except UnavailableError as error:
                        _log.warning("log of posts away", error=repr(error))
                        await asyncio.sleep(_RETRY_SECONDS)
                        continue
                    if found:
                        place = found[-1].place
                    else:
                        await bell.wait(_LOOK_EVERY_SECONDS)

    async def _tell(self, ids: Sequence[TweetId]) -> None:
        new = [tweet_id for tweet_id in dict.fromkeys(ids) if tweet_id not in self._told]
        for item in await self._tweets.get_many(new) if new else ():
            if isinstance(item, TweetRecord):
                self._standing.tell(SearchedTweet(item, TweetCounts()))
        self._told.update(dict.fromkeys(new))
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)


def _needed(query: Query) -> set[str | None]:
    """A term of each alternative, None for one that needs none."""
    return {_rarest(alternative) for alternative in query.alternatives}


def _rarest(alternative: Alternative) -> str | None:
    """By the look of it: traits and languages are common, and so are short words."""
    return max(
        alternative.required, key=lambda term: (not term.startswith(("has:", "is:", "lang:")), len(term)), default=None
    )
