"""Items with all that rules judge them by, one batch for each kind of row."""

import asyncio
from collections.abc import Sequence

from core.ids import TweetId, UserId
from datastore.retweets import RetweetLog
from datastore.stores import Stores
from datastore.tweets import ItemRecord, RetweetRecord, TweetRecord
from datastore.viewpoints import NOBODY, Viewpoint
from resolvers.rules import Shown
from resolvers.services import Services
from resolvers.sessions import Identity


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
    retweeted = list(dict.fromkeys(item.tweet_id for item in items if isinstance(item, RetweetRecord)))
    authors = list(dict.fromkeys(_tweet_author(item) for item in items))
    tweets, users, logs = await asyncio.gather(
        services.stores.tweets.get_many(retweeted),
        services.stores.users.get_many(authors),
        _logs(services.stores, view, retweeted),
    )
    tweet_by_id = dict(zip(retweeted, tweets, strict=True))
    user_by_id = dict(zip(authors, users, strict=True))
    log_by_id = dict(zip(retweeted, logs, strict=True))
    shown = []
    for item in items:
        user = user_by_id[_tweet_author(item)]
        if isinstance(item, TweetRecord):
            shown.append(Shown(item, item, user))
        else:
            tweet = tweet_by_id[item.tweet_id]
            known = tweet if isinstance(tweet, TweetRecord) else None
            shown.append(Shown(item, known, user, log_by_id[item.tweet_id]))
    return shown


async def _logs(stores: Stores, view: Viewpoint, tweet_ids: Sequence[TweetId]) -> list[RetweetLog]:
    """Of a tweet retweeted more often than its log is kept, the retweets of the viewer's circle."""
    logs = await stores.retweets.logs(tweet_ids)
    return [
        log if log.is_whole else await stores.retweets.by_some(tweet_id, sorted(view.circle))
        for tweet_id, log in zip(tweet_ids, logs, strict=True)
    ]


def _tweet_author(item: ItemRecord) -> UserId:
    return item.tweet_author_id if isinstance(item, RetweetRecord) else item.author_id
