"""Items with all that rules judge them by, one batch for each kind of row."""

import asyncio
from collections.abc import Mapping, Sequence

from core.ids import TweetId, UserId
from datastore.candidates import Found
from datastore.items import ItemRecord, RetweetRecord, TweetCounts, TweetRecord
from datastore.marks import NO_MARK, Mark
from datastore.retweets import RetweetLog
from datastore.rules import Shown
from datastore.stores import Stores
from datastore.viewpoints import NOBODY, Viewpoint

_NO_RETWEETS, _NO_COUNTS = RetweetLog(), TweetCounts()


async def hydrate_ids(stores: Stores, view: Viewpoint, ids: Sequence[TweetId]) -> list[Shown | None]:
    """In the order asked, None where the item is gone."""
    found = await stores.tweets.get_many(ids)
    shown = {one.item.id: one for one in await hydrate(stores, view, [item for item in found if item is not None])}
    return [shown.get(item_id) for item_id in ids]


async def hydrate(stores: Stores, view: Viewpoint, items: Sequence[ItemRecord]) -> list[Shown]:
    """In the order given."""
    retweeted = _retweeted(items)
    people = list(dict.fromkeys(user_id for item in items for user_id in (_tweet_author(item), item.author_id)))
    tweet_ids = list(dict.fromkeys(map(_tweet_id, items)))
    tweets, users, counts, logs, marks = await asyncio.gather(
        stores.tweets.get_many(retweeted),
        stores.users.get_many(people),
        stores.tweets.counts_of(tweet_ids),
        _logs(stores, view, retweeted),
        _marks(stores, view, tweet_ids),
    )
    found = Found(
        list(items),
        dict(zip(retweeted, tweets, strict=True)),
        dict(zip(people, users, strict=True)),
        dict(zip(tweet_ids, counts, strict=True)),
    )
    return _shown(found, logs, marks)


async def hydrate_found(stores: Stores, view: Viewpoint, found: Found) -> list[Shown]:
    """In the order found; asks for what was not found with the items alone."""
    tweet_ids = list(dict.fromkeys(map(_tweet_id, found.items)))
    logs, marks = await asyncio.gather(_logs(stores, view, _retweeted(found.items)), _marks(stores, view, tweet_ids))
    return _shown(found, logs, marks)


def _shown(found: Found, logs: Mapping[TweetId, RetweetLog], marks: Mapping[TweetId, Mark]) -> list[Shown]:
    def show(item: ItemRecord) -> Shown:
        tweet_id = _tweet_id(item)
        tweet = item if isinstance(item, TweetRecord) else found.tweets[tweet_id]
        return Shown(
            item,
            tweet if isinstance(tweet, TweetRecord) else None,
            found.users[_tweet_author(item)],
            logs.get(tweet_id, _NO_RETWEETS),
            found.counts.get(tweet_id, _NO_COUNTS),
            marks[tweet_id],
            found.users[item.author_id],
        )

    return [show(item) for item in found.items]


async def _marks(stores: Stores, view: Viewpoint, tweet_ids: Sequence[TweetId]) -> dict[TweetId, Mark]:
    """Without a viewer there are none."""
    if view is NOBODY or not tweet_ids:
        return dict.fromkeys(tweet_ids, NO_MARK)
    return dict(zip(tweet_ids, await stores.marks.get_many(view.user_id, tweet_ids), strict=True))


async def _logs(stores: Stores, view: Viewpoint, tweet_ids: Sequence[TweetId]) -> dict[TweetId, RetweetLog]:
    """Of a tweet retweeted more often than its log is kept, the retweets of the viewer's circle."""
    logs = await stores.retweets.logs(tweet_ids)
    return {
        tweet_id: log if log.is_whole else await stores.retweets.by_some(tweet_id, sorted(view.circle))
        for tweet_id, log in zip(tweet_ids, logs, strict=True)
    }


def _retweeted(items: Sequence[ItemRecord]) -> list[TweetId]:
    return list(dict.fromkeys(item.tweet_id for item in items if isinstance(item, RetweetRecord)))


def _tweet_id(item: ItemRecord) -> TweetId:
    return item.tweet_id if isinstance(item, RetweetRecord) else item.id


def _tweet_author(item: ItemRecord) -> UserId:
    return item.tweet_author_id if isinstance(item, RetweetRecord) else item.author_id
