"""Items with all that rules judge them by, one batch for each kind of row."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.ids import TweetId, UserId
from datastore.marks import NO_MARK, Mark
from datastore.retweets import RetweetLog
from datastore.stores import Stores
from datastore.tweets import ItemRecord, RetweetRecord, TweetCounts, TweetRecord
from datastore.users import UserRecord
from datastore.viewpoints import NOBODY, Viewpoint
from resolvers.rules import Shown
from resolvers.services import Services
from resolvers.sessions import Identity

_NO_RETWEETS = RetweetLog()


async def viewpoint_of(services: Services, identity: Identity | None) -> Viewpoint:
    """Without a viewer that of nobody, who sees public accounts alone."""
    return NOBODY if identity is None else await services.stores.viewpoints.get(identity.user_id)


async def hydrate_ids(services: Services, view: Viewpoint, ids: Sequence[TweetId]) -> list[Shown | None]:
    """In the order asked, None where the item is gone."""
    found = await services.stores.tweets.get_many(ids)
    shown = {one.item.id: one for one in await hydrate(services, view, [item for item in found if item is not None])}
    return [shown.get(item_id) for item_id in ids]


async def hydrate(services: Services, view: Viewpoint, items: Sequence[ItemRecord]) -> list[Shown]:
    """In the order given."""
    if not items:
        return []
    stores = services.stores
    retweeted = list(dict.fromkeys(item.tweet_id for item in items if isinstance(item, RetweetRecord)))
    tweet_ids = list(dict.fromkeys(map(_tweet_id, items)))
    authors = list(dict.fromkeys(map(_tweet_author, items)))
    tweets, users, logs, counts, marks = await asyncio.gather(
        stores.tweets.get_many(retweeted),
        stores.users.get_many(authors),
        _logs(stores, view, retweeted),
        stores.tweets.counts_of(tweet_ids),
        _marks(stores, view, tweet_ids),
    )
    rows = _Rows(
        tweets=dict(zip(retweeted, tweets, strict=True)),
        users=dict(zip(authors, users, strict=True)),
        logs=dict(zip(retweeted, logs, strict=True)),
        counts=dict(zip(tweet_ids, counts, strict=True)),
        marks=dict(zip(tweet_ids, marks, strict=True)),
    )
    return [rows.shown(item) for item in items]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What was looked up, by id."""

    tweets: Mapping[TweetId, ItemRecord | None]
    users: Mapping[UserId, UserRecord | None]
    logs: Mapping[TweetId, RetweetLog]
    counts: Mapping[TweetId, TweetCounts]
    marks: Mapping[TweetId, Mark]

    def shown(self, item: ItemRecord) -> Shown:
        tweet_id = _tweet_id(item)
        tweet = item if isinstance(item, TweetRecord) else self.tweets[tweet_id]
        return Shown(
            item,
            tweet if isinstance(tweet, TweetRecord) else None,
            self.users[_tweet_author(item)],
            self.logs.get(tweet_id, _NO_RETWEETS),
            self.counts[tweet_id],
            self.marks[tweet_id],
        )


async def _marks(stores: Stores, view: Viewpoint, tweet_ids: Sequence[TweetId]) -> list[Mark]:
    """Without a viewer there are none."""
    return [NO_MARK for _ in tweet_ids] if view is NOBODY else await stores.marks.get_many(view.user_id, tweet_ids)


async def _logs(stores: Stores, view: Viewpoint, tweet_ids: Sequence[TweetId]) -> list[RetweetLog]:
    """Of a tweet retweeted more often than its log is kept, the retweets of the viewer's circle."""
    logs = await stores.retweets.logs(tweet_ids)
    return [
        log if log.is_whole else await stores.retweets.by_some(tweet_id, sorted(view.circle))
        for tweet_id, log in zip(tweet_ids, logs, strict=True)
    ]


def _tweet_id(item: ItemRecord) -> TweetId:
    return item.tweet_id if isinstance(item, RetweetRecord) else item.id


def _tweet_author(item: ItemRecord) -> UserId:
    return item.tweet_author_id if isinstance(item, RetweetRecord) else item.author_id
