"""Removals of tweets by moderators, and their ends, published to live readers.

Lists keep the tweet, since it may come back; rules hide it at every read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from core.ids import UserId
from core.moderation import ModerationAction
from core.runtime.tasks import for_each, for_each_page
from datastore.jobs.jobs import ApplyDecision
from datastore.jobs.queue import enqueue
from datastore.records.items import ItemKind, TweetRecord
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.timelines.rules import home_item_id
from datastore.tweets.retweets import RetweetLog
from workers.timelines.lists import tell_lists_of
from workers.timelines.retractions import pages_of_readers
from workers.timelines.sights import LiveReader, live_readers

# One page is read while the other is told.
_PAGES_AT_ONCE = 2
_READERS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Removal:
    """The removal of a tweet, or its end. `tweet` as it is while nobody removed it; `log` has its retweets."""

    act_id: int
    tweet: TweetRecord
    author: UserRecord | None
    log: RetweetLog
    is_removed: bool


async def publish_removal(stores: Stores, job: ApplyDecision, tweet: TweetRecord) -> None:
    """Tells live readers, once for the act, that the tweet is gone or back; its author sees it all the while.

    Those who follow lists are told to read again. Nothing is left to do for other decisions.
    """
    removal = await _removal_of(stores, job, tweet)
    if removal is None:
        return
    pages = pages_of_readers(stores, removal.tweet, removal.log)
    await for_each_page(pages, lambda page: _tell(stores, removal, page), at_once=_PAGES_AT_ONCE)
    retweeters = [user_id for _, user_id in removal.log.entries]
    await tell_lists_of(stores, job.act_id, dict.fromkeys([tweet.author_id, *retweeters]))
    await _publish_unread_counts(stores, tweet)


async def publish_removal_to(stores: Stores, job: ApplyDecision, reader: UserId) -> None:
    """As `publish_removal`, to one reader, who hears nothing of the act after this."""
    tweet = None if job.tweet_id is None else await stores.tweets.items.get(job.tweet_id)
    removal = await _removal_of(stores, job, tweet) if isinstance(tweet, TweetRecord) else None
    if removal is not None:
        await _tell(stores, removal, [reader])
        await stores.timelines.home.publish_item_change(reader, job.act_id, None, None)


async def _removal_of(stores: Stores, job: ApplyDecision, tweet: TweetRecord) -> Removal | None:
    decision = await stores.moderation.decisions.get(job.decision_id)
    if decision is None or decision.action is not ModerationAction.REMOVE:
        return None
    author = await stores.users.accounts.get_uncached(tweet.author_id)
    (log,) = await stores.tweets.retweets.logs([tweet.id])
    return Removal(job.act_id, replace(tweet, is_removed=False), author, log, job.act_id == decision.id)


async def _tell(stores: Stores, removal: Removal, page: Sequence[UserId]) -> None:
    author_id = removal.tweet.author_id

    async def tell(reader: LiveReader) -> None:
        item_id = _item_of(removal, reader)
        if item_id is None:
            return
        kind = ItemKind.TWEET if item_id == removal.tweet.id else ItemKind.RETWEET
        left, entered = ((kind, item_id), None) if removal.is_removed else (None, item_id)
        await stores.timelines.home.publish_item_change(reader.user_id, removal.act_id, left, entered)

    others = [one for one in page if one != author_id]
    concerned = (author_id, removal.tweet.reply_to_author)
    readers = await live_readers(stores, others, removal.tweet.id, removal.log, concerned)
    await for_each(readers, tell, at_once=_READERS_AT_ONCE)


def _item_of(removal: Removal, reader: LiveReader) -> int | None:
    """Id of the item by which the reader has the tweet; one that leaves may be one that they had a moment ago."""
    sights = (reader.now, *(reader.before if removal.is_removed else ()))
    ids = (home_item_id(one.view, removal.tweet, one.user(removal.author), reader.log) for one in sights)
    return next(filter(None, ids), None)


async def _publish_unread_counts(stores: Stores, tweet: TweetRecord) -> None:
    """To live people with notifications about the tweet."""
    told = await stores.notifications.reader.told_of_tweet(tweet.id)
    for user_id in await stores.notifications.log.live_among(told):
        await enqueue(stores.jobs.redis, await stores.notifications.reader.refresh_count(stores.ids(), user_id))
