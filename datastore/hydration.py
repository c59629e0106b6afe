"""Items with all that rules judge them by, one batch for each kind of row."""

import time
from collections.abc import Iterator, Mapping, Sequence

from core.ids import TweetId, UserId
from datastore.cache.rows import resolve_reads
from datastore.records.items import ItemRecord, RetweetRecord, TweetCounts, TweetRecord
from datastore.stores import Stores
from datastore.timelines.candidates import Found
from datastore.timelines.rules import Shown
from datastore.tweets.retweets import RetweetLog
from datastore.tweets.viewer_state import NO_INTERACTION, ViewerState
from datastore.users.viewpoints import ANONYMOUS, Viewpoint

_NO_RETWEETS, _NO_COUNTS = RetweetLog(), TweetCounts()


async def hydrate_ids(stores: Stores, view: Viewpoint, ids: Sequence[TweetId]) -> list[Shown | None]:
    """In the order asked, None where the item is gone."""
    found = await stores.tweets.items.get_many(ids)
    shown = {one.item.id: one for one in await hydrate(stores, view, [item for item in found if item is not None])}
    return [shown.get(item_id) for item_id in ids]


async def hydrate(
    stores: Stores, view: Viewpoint, items: Sequence[ItemRecord], since: float | None = None
) -> Iterator[Shown]:
    """In the order given, each put together when it is needed.

    What they are judged by is as of `since`, or later; None: as of this moment.
    """
    moment = time.monotonic() if since is None else since
    retweeted, tweet_ids = _retweeted(items), list(dict.fromkeys(map(_tweet_id, items)))
    people = dict.fromkeys(item.author_id for item in items) | dict.fromkeys(map(_tweet_author, items))
    tweets = stores.tweets.items.begin_read(retweeted, moment)
    users = stores.users.accounts.begin_read(list(people), moment)
    counts = stores.tweets.counts.begin_read(tweet_ids, moment)
    judging = _Judging(stores, view, retweeted, tweet_ids, moment)
    await resolve_reads(tweets, users, counts, *judging.reads)
    return await judging.shown(Found(items, tweets.found, users.found, counts.found))


async def hydrate_found(stores: Stores, view: Viewpoint, found: Found) -> Iterator[Shown]:
    """In the order found, likewise; asks for what was not found with the items alone."""
    tweet_ids = list(dict.fromkeys(map(_tweet_id, found.items)))
    judging = _Judging(stores, view, _retweeted(found.items), tweet_ids, time.monotonic())
    await resolve_reads(*judging.reads)
    return await judging.shown(found)


class _Judging:
    """What the viewer did with the tweets, and the logs of those that were retweeted. Settle its `looks` first."""

    def __init__(
        self, stores: Stores, view: Viewpoint, retweeted: Sequence[TweetId], tweet_ids: Sequence[TweetId], since: float
    ) -> None:
        self._stores, self._view, self._retweeted, self._tweet_ids = stores, view, retweeted, tweet_ids
        self._logs = stores.tweets.retweets.begin_read_logs(retweeted, since)
        self._marks = (
            None if view is ANONYMOUS or not tweet_ids else stores.tweets.viewer_state.begin_read(view.user_id, since)
        )
        self.reads = (self._logs,) if self._marks is None else (self._logs, self._marks)

    async def shown(self, found: Found) -> Iterator[Shown]:
        logs, marks = await self._whole_logs(), await self._all_marks()

        def show(item: ItemRecord) -> Shown:
            if isinstance(item, TweetRecord):
                author = found.users.get(item.author_id)
                counts, log = found.counts.get(item.id, _NO_COUNTS), logs.get(item.id, _NO_RETWEETS)
                return Shown(item, item, author, log, counts, marks[item.id], author)
            tweet = found.tweets.get(item.tweet_id)
            return Shown(
                item,
                tweet if isinstance(tweet, TweetRecord) else None,
                found.users.get(item.tweet_author_id),
                logs.get(item.tweet_id, _NO_RETWEETS),
                found.counts.get(item.tweet_id, _NO_COUNTS),
                marks[item.tweet_id],
                found.users.get(item.author_id),
            )

        return map(show, found.items)

    async def _whole_logs(self) -> Mapping[TweetId, RetweetLog]:
        """Of a tweet retweeted more often than its log is kept, the retweets of the viewer's circle."""
        logs, some = self._logs.found, self._stores.tweets.retweets.log_by
        short = [tweet_id for tweet_id, log in logs.items() if not log.is_whole]
        return {**logs, **{one: await some(one, sorted(self._view.circle)) for one in short}} if short else logs

    async def _all_marks(self) -> Mapping[TweetId, ViewerState]:
        """Without a viewer there are none."""
        if self._marks is None:
            return dict.fromkeys(self._tweet_ids, NO_INTERACTION)
        row = self._marks.found.get(self._view.user_id)
        marks = await self._stores.tweets.viewer_state.from_row(self._view.user_id, row, self._tweet_ids)
        return dict(zip(self._tweet_ids, marks, strict=True))


def _retweeted(items: Sequence[ItemRecord]) -> list[TweetId]:
    return list(dict.fromkeys(item.tweet_id for item in items if isinstance(item, RetweetRecord)))


def _tweet_id(item: ItemRecord) -> TweetId:
    return item.tweet_id if isinstance(item, RetweetRecord) else item.id


def _tweet_author(item: ItemRecord) -> UserId:
    return item.tweet_author_id if isinstance(item, RetweetRecord) else item.author_id
