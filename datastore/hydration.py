"""Hydration: adds to items all rows that visibility rules and presentation need, one batched read for each kind."""

import time
from collections.abc import Iterator, Mapping, Sequence

from core.ids import TweetId, UserId
from datastore.cache.pending_read import resolve_reads
from datastore.records.items import ItemRecord, RetweetRecord, TweetCounts, TweetRecord
from datastore.stores import Stores
from datastore.timelines.candidates import CandidateRows
from datastore.timelines.local_items import Judge
from datastore.timelines.rules import HydratedItem, TimelineItem
from datastore.tweets.retweets import RetweetLog
from datastore.tweets.stores import TweetStores
from datastore.tweets.viewer_state import NO_INTERACTION, ViewerState
from datastore.users.viewpoint_records import ANONYMOUS, Viewpoint

_NO_RETWEETS, _NO_COUNTS = RetweetLog(), TweetCounts()


async def judged_items(
    stores: Stores, view: Viewpoint, ids: Sequence[TweetId], since: float, judge: Judge, enough: int | None = None
) -> list[TimelineItem] | None:
    """As `LocalItems.judged`, after rows of some items were read; None if all are to be hydrated."""
    items = await stores.local_items.judged(view, ids, since, judge, enough)
    if items is not None:
        return items
    absent = stores.local_items.absent(ids)
    if not 0 < len(absent) < len(ids):
        return None
    await hydrate_ids(stores, view, absent, since)
    return await stores.local_items.judged(view, ids, since, judge, enough)


async def hydrate_ids(
    stores: Stores,
    view: Viewpoint,
    ids: Sequence[TweetId],
    since: float | None = None,
    *,
    circle: frozenset[UserId] | None = None,
) -> list[HydratedItem | None]:
    """In the order of the ids, None for a deleted item. `since` and `circle`: as for `hydrate`."""
    found = await stores.tweets.items.get_many(ids, since)
    items = [item for item in found if item is not None]
    hydrated = {one.item.id: one for one in await hydrate(stores, view, items, since, circle=circle)}
    return [hydrated.get(item_id) for item_id in ids]


async def hydrate(
    stores: Stores,
    view: Viewpoint,
    items: Sequence[ItemRecord],
    since: float | None = None,
    *,
    circle: frozenset[UserId] | None = None,
) -> Iterator[HydratedItem]:
    """In the order of the items, each assembled when it is needed.

    Rows are as of `since` (monotonic seconds) or later; None: now. `circle`: those whose retweets count, the viewer's
    own circle by default.
    """
    moment = time.monotonic() if since is None else since
    retweeted, tweet_ids = _retweeted(items), list(dict.fromkeys(map(_tweet_id, items)))
    user_ids = dict.fromkeys(item.author_id for item in items) | dict.fromkeys(map(_tweet_author, items))
    tweets = stores.tweets.items.begin_read(retweeted, moment)
    users = stores.users.accounts.begin_read(list(user_ids), moment)
    counts = stores.tweets.counts.begin_read(tweet_ids, moment)
    viewer_rows = _ViewerRows(stores.tweets, view, retweeted, tweet_ids, moment, circle=circle)
    await resolve_reads(tweets, users, counts, *viewer_rows.reads)
    return await viewer_rows.hydrate(CandidateRows(items, tweets.found, users.found, counts.found))


async def hydrate_candidates(
    tweets: TweetStores, view: Viewpoint, found: CandidateRows, *, circle: frozenset[UserId] | None = None
) -> Iterator[HydratedItem]:
    """Like `hydrate` for candidates, whose tweets, users and counts were read with them."""
    tweet_ids = list(dict.fromkeys(map(_tweet_id, found.items)))
    viewer_rows = _ViewerRows(tweets, view, _retweeted(found.items), tweet_ids, time.monotonic(), circle=circle)
    await resolve_reads(*viewer_rows.reads)
    return await viewer_rows.hydrate(found)


class _ViewerRows:
    """Retweet logs, and the viewer's interactions with the tweets. Resolve `reads` before `hydrate`."""

    def __init__(
        self,
        tweets: TweetStores,
        view: Viewpoint,
        retweeted: Sequence[TweetId],
        tweet_ids: Sequence[TweetId],
        since: float,
        *,
        circle: frozenset[UserId] | None,
    ) -> None:
        self._tweets, self._view, self._tweet_ids, self._circle = tweets, view, tweet_ids, circle
        self._logs = tweets.retweets.begin_read_logs(retweeted, since)
        has_viewer = view is not ANONYMOUS and bool(tweet_ids)
        self._interactions = tweets.viewer_state.begin_read(view.user_id, since) if has_viewer else None
        self.reads = (self._logs,) if self._interactions is None else (self._logs, self._interactions)

    async def hydrate(self, found: CandidateRows) -> Iterator[HydratedItem]:
        logs, states = await self._complete_logs(), await self._viewer_states()

        def hydrated(item: ItemRecord) -> HydratedItem:
            if isinstance(item, TweetRecord):
                author = found.users.get(item.author_id)
                counts, log = found.counts.get(item.id, _NO_COUNTS), logs.get(item.id, _NO_RETWEETS)
                return HydratedItem(item, item, author, log, counts, states[item.id], author)
            tweet = found.tweets.get(item.tweet_id)
            return HydratedItem(
                item,
                tweet if isinstance(tweet, TweetRecord) else None,
                found.users.get(item.tweet_author_id),
                logs.get(item.tweet_id, _NO_RETWEETS),
                found.counts.get(item.tweet_id, _NO_COUNTS),
                states[item.tweet_id],
                found.users.get(item.author_id),
            )

        return map(hydrated, found.items)

    async def _complete_logs(self) -> Mapping[TweetId, RetweetLog]:
        """For a tweet whose log is cut off, the retweets by the circle instead."""
        logs, log_by = self._logs.found, self._tweets.retweets.log_by
        cut_off = [tweet_id for tweet_id, log in logs.items() if not log.is_whole]
        if not cut_off:
            return logs
        circle = sorted(self._view.circle if self._circle is None else self._circle)
        return {**logs, **{one: await log_by(one, circle) for one in cut_off}}

    async def _viewer_states(self) -> Mapping[TweetId, ViewerState]:
        if self._interactions is None:
            return dict.fromkeys(self._tweet_ids, NO_INTERACTION)
        row = self._interactions.found.get(self._view.user_id)
        states = await self._tweets.viewer_state.from_row(self._view.user_id, row, self._tweet_ids)
        return dict(zip(self._tweet_ids, states, strict=True))


def _retweeted(items: Sequence[ItemRecord]) -> list[TweetId]:
    return list(dict.fromkeys(item.tweet_id for item in items if isinstance(item, RetweetRecord)))


def _tweet_id(item: ItemRecord) -> TweetId:
    return item.tweet_id if isinstance(item, RetweetRecord) else item.id


def _tweet_author(item: ItemRecord) -> UserId:
    return item.tweet_author_id if isinstance(item, RetweetRecord) else item.author_id
