"""Removals of tweets by moderators, and their ends, published to live readers.

Lists keep the tweet, since it may come back; rules hide it at every read.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from core.ids import UserId
from core.runtime.tasks import for_each, for_each_page
from datastore.jobs.queue import enqueue
from datastore.records.items import ItemKind, TweetRecord
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.timelines.rules import home_item_id
from datastore.tweets.retweets import RetweetLog
from datastore.users.viewpoints import Viewpoint
from workers.timelines.lists import tell_lists_of
from workers.timelines.retractions import live_views, pages_of_readers

# One page is read while the other is told.
_PAGES_AT_ONCE = 2
_READERS_AT_ONCE = 8


async def publish_removal(stores: Stores, act_id: int, tweet: TweetRecord, *, is_removed: bool) -> None:
    """Tells live readers, once for the act, that the tweet is gone or back; its author sees it all the while.

    Those who follow lists are told to read again.
    """
    shown = replace(tweet, is_removed=False)
    author = await stores.users.accounts.get_uncached(tweet.author_id)
    (log,) = await stores.tweets.retweets.logs([tweet.id])

    async def tell(page: Sequence[UserId]) -> None:
        readers = [one for one in page if one != tweet.author_id]
        await _tell(stores, act_id, readers, (shown, author, log), is_removed=is_removed)

    await for_each_page(pages_of_readers(stores, shown, log), tell, at_once=_PAGES_AT_ONCE)
    await tell_lists_of(stores, act_id, dict.fromkeys([tweet.author_id, *[one for _, one in log.entries]]))
    await _publish_unread_counts(stores, tweet)


async def _tell(
    stores: Stores,
    act_id: int,
    readers: Sequence[UserId],
    shown: tuple[TweetRecord, UserRecord | None, RetweetLog],
    *,
    is_removed: bool,
) -> None:
    tweet, author, whole = shown

    async def tell(found: tuple[list[Viewpoint], RetweetLog]) -> None:
        (view, *earlier), log = found
        had_by = (home_item_id(one, tweet, author, log) for one in (view, *(earlier if is_removed else ())))
        item_id = next(filter(None, had_by), None)
        if item_id is None:
            return
        kind = ItemKind.TWEET if item_id == tweet.id else ItemKind.RETWEET
        left, entered = ((kind, item_id), None) if is_removed else (None, item_id)
        await stores.timelines.home.publish_item_change(view.user_id, act_id, left, entered)

    await for_each(await live_views(stores, readers, tweet.id, whole), tell, at_once=_READERS_AT_ONCE)


async def _publish_unread_counts(stores: Stores, tweet: TweetRecord) -> None:
    """To live people with notifications about the tweet."""
    told = await stores.notifications.reader.told_of_tweet(tweet.id)
    for user_id in await stores.notifications.log.live_among(told):
        await enqueue(stores.jobs.redis, await stores.notifications.reader.refresh_count(stores.ids(), user_id))
