"""Items assembled from rows in the memory of this process: once for all requests, while none of their rows changes.

A page judges and shows them without a record for each. Rows that are absent, changed, or not confirmed are left to
datastore/hydration.py, which brings them into memory. Pictures alone may be absent: who presents them reads them.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from msgspec.structs import replace

from core.ids import TweetId
from datastore.cache.local import Entry
from datastore.media.records import MediaRecord
from datastore.media.store import MediaStore
from datastore.records.items import ItemRecord, RetweetRecord, TweetRecord
from datastore.redis.node.tracking import TrackingConnection, unconfirmed
from datastore.timelines.rules import (
    HydratedItem,
    Reason,
    TimelineItem,
    home_reason,
    is_plain,
    may_see_at,
    plain_home_reason,
)
from datastore.tweets.retweets import RetweetLog
from datastore.tweets.stores import TweetStores
from datastore.tweets.viewer_state import NO_INTERACTION, RecentActs, RecentInteractions, ViewerState
from datastore.users.store import UserStore
from datastore.users.viewpoint_records import ANONYMOUS, Viewpoint

MOST_ITEMS = 8_192
_MOST_VARIANTS = 8
# An item whose rows are read again within these seconds, and are equal, keeps what was made of it.
_LINGER_SECONDS = 30.0
_NO_RETWEETS, _NO_ACTS = RetweetLog(), RecentInteractions(RecentActs(), RecentActs(), RecentActs())


class LocalItem:
    """An item hydrated but for the viewer's state, with the tracking of each of its rows."""

    __slots__ = (
        "_trackings",
        "_variants",
        "connections",
        "expires_at",
        "hydrated",
        "id",
        "is_plain",
        "lacks_pictures",
        "tweet",
    )

    def __init__(self, hydrated: HydratedItem, tweet: TweetRecord, entries: Sequence[Entry[Any]]) -> None:
        self.id, self.hydrated, self.tweet, self.is_plain = hydrated.item.id, hydrated, tweet, is_plain(hydrated)
        self.lacks_pictures = bool(tweet.media) and hydrated.media is None
        self._variants: dict[tuple[ViewerState, Reason], TimelineItem] = {}
        self.confirm(entries)

    def confirm(self, entries: Sequence[Entry[Any]]) -> None:
        """Takes over the trackings of rows that were read again and are equal."""
        self._trackings = list({entry.tracking for entry in entries})
        self.expires_at = min(entry.expires_at for entry in entries)
        self.connections = frozenset(one.connection for one in self._trackings if one.connection is not None)

    def is_current(self, now: float) -> bool:
        if self.expires_at <= now:
            return False
        for tracking in self._trackings:  # noqa: SIM110 - a generator costs more than all the rest
            if not tracking.is_current:
                return False
        return True

    def seen_as(self, state: ViewerState, reason: Reason) -> TimelineItem:
        """One object for all viewers of the same state."""
        item = self._variants.get((state, reason))
        if item is None:
            if len(self._variants) >= _MOST_VARIANTS:
                self._variants.clear()
            item = TimelineItem(replace(self.hydrated, viewer_state=state), reason, {})
            self._variants[state, reason] = item
        return item


Judge: TypeAlias = Callable[[Viewpoint, LocalItem], Reason | None]


def judge_home(view: Viewpoint, item: LocalItem) -> Reason | None:
    return plain_home_reason(view, item.tweet) if item.is_plain else home_reason(view, item.hydrated)


def judge_profile(view: Viewpoint, item: LocalItem) -> Reason | None:
    return Reason.PROFILE if may_see_at(view, item.hydrated, item.hydrated.item.author_id) else None


class _Judged(NamedTuple):
    """`connections`: those that have to confirm the rows."""

    items: list[TimelineItem]
    connections: set[TrackingConnection]


class LocalItems:
    """The items of the caches of these stores, oldest first, up to a limit."""

    def __init__(self, tweets: TweetStores, accounts: UserStore, media: MediaStore) -> None:
        self._rows, self._profiles, self._counts = tweets.items.rows, accounts.rows, tweets.counts.rows
        self._logs, self._interactions = tweets.retweets.rows, tweets.viewer_state.rows
        self._media = media
        self._items = OrderedDict[TweetId, LocalItem]()

    def __len__(self) -> int:
        return len(self._items)

    async def judged(
        self, view: Viewpoint, ids: Sequence[TweetId], since: float, judge: Judge, enough: int | None = None
    ) -> list[TimelineItem] | None:
        """The items that `judge` admits, in the order of the ids, at most `enough`; None if rows must be read.

        Rows are as of `since` (by `time.monotonic`) or later. Waits at most for a read barrier.
        """
        judged = self._pass(view, ids, judge, enough)
        if judged is None or not (waiting := unconfirmed(judged.connections, since)):
            return None if judged is None else judged.items
        for barrier in [connection.read_barrier() for connection in waiting]:
            await barrier
        judged = self._pass(view, ids, judge, enough)
        return None if judged is None or unconfirmed(judged.connections, since) else judged.items

    def absent(self, ids: Iterable[TweetId]) -> list[TweetId]:
        """The subset of items of which a row is not in memory."""
        now = time.monotonic()
        return [id_ for id_ in ids if not self._has_rows(id_, now)]

    def _has_rows(self, id_: TweetId, now: float) -> bool:
        entry = self._rows.local_entry(id_, now)
        if entry is None:
            return False
        item, shown = entry.row, entry
        if isinstance(item, RetweetRecord):
            tweet = self._rows.local_entry(item.tweet_id, now)
            if tweet is None or self._logs.local_entry(item.tweet_id, now) is None:
                return False
            shown = tweet
        people = {item.author_id, shown.row.author_id}
        has_people = all(self._profiles.local_entry(one, now) is not None for one in people)
        return has_people and self._counts.local_entry(shown.row.id, now) is not None

    def _pass(self, view: Viewpoint, ids: Sequence[TweetId], judge: Judge, enough: int | None) -> _Judged | None:
        now, found = time.monotonic(), self._items
        items: list[TimelineItem] = []
        connections: set[TrackingConnection] = set()
        acts = self._acts(view, now, connections)
        if acts is None:
            return None
        for id_ in ids:
            item = found.get(id_)
            if item is None or not item.is_current(now) or (item.lacks_pictures and self._pictures(item.tweet, now)):
                item = self._assemble(id_, now)
                if item is None:
                    return None
            connections |= item.connections
            reason = judge(view, item)
            if reason is None:
                continue
            state = acts.state_of(item.tweet.id)
            if state is None:
                return None
            items.append(item.seen_as(state, reason))
            if len(items) == enough:
                break
        return _Judged(items, connections)

    def _acts(self, view: Viewpoint, now: float, connections: set[TrackingConnection]) -> RecentInteractions | None:
        """Adds the connection of the row to `connections`."""
        if view is ANONYMOUS:
            return _NO_ACTS
        entry = self._interactions.local_entry(view.user_id, now)
        if entry is None or entry.tracking.connection is None:
            return None
        connections.add(entry.tracking.connection)
        return entry.row

    def _assemble(self, id_: TweetId, now: float) -> LocalItem | None:
        """None if one of the rows is not in memory."""
        entry = self._rows.local_entry(id_, now)
        if entry is None:
            return None
        if isinstance(entry.row, RetweetRecord):
            return self._retweet(entry, entry.row, now)
        return self._item(entry.row, entry.row, _NO_RETWEETS, [entry], now)

    def _retweet(self, entry: Entry[Any], retweet: RetweetRecord, now: float) -> LocalItem | None:
        """None also if the tweet's retweets are so many that its log is cut off."""
        shown, log = self._rows.local_entry(retweet.tweet_id, now), self._logs.local_entry(retweet.tweet_id, now)
        if shown is None or log is None or not log.row.is_whole or not isinstance(shown.row, TweetRecord):
            return None
        return self._item(retweet, shown.row, log.row, [entry, shown, log], now)

    def _item(
        self, item: ItemRecord, tweet: TweetRecord, log: RetweetLog, entries: list[Entry[Any]], now: float
    ) -> LocalItem | None:
        author, poster = (
            self._profiles.local_entry(tweet.author_id, now),
            self._profiles.local_entry(item.author_id, now),
        )
        counts = self._counts.local_entry(tweet.id, now)
        if author is None or poster is None or counts is None:
            return None
        pictures = self._pictures(tweet, now)
        media = tuple(picture.row for picture in pictures) if pictures else None
        hydrated = HydratedItem(item, tweet, author.row, log, counts.row, NO_INTERACTION, poster.row, media)
        entries += [author, poster, counts, *pictures]
        known = self._items.get(item.id)
        if known is None or known.hydrated != hydrated:
            return self._remember(LocalItem(hydrated, tweet, entries), now)
        known.confirm(entries)
        return self._remember(known, now)

    def _pictures(self, tweet: TweetRecord, now: float) -> Sequence[Entry[MediaRecord]]:
        """Empty unless all of them are in memory."""
        return (self._media.local_entries(tweet.media, now) if tweet.media else None) or ()

    def _remember(self, item: LocalItem, now: float) -> LocalItem:
        items = self._items
        items.pop(item.id, None)
        items[item.id] = item
        while len(items) > MOST_ITEMS or next(iter(items.values())).expires_at <= now - _LINGER_SECONDS:
            items.popitem(last=False)
        return item
