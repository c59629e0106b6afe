"""Retractions: takes deleted items out of home timelines, and publishes to live readers which item of theirs left.

The item's row is gone when its job runs; the act left it in the outbox.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from msgspec.structs import replace

from core.ids import TweetId, UserId
from core.runtime.tasks import for_each_page
from datastore.jobs.jobs import Retract
from datastore.jobs.queue import enqueue
from datastore.records.items import ItemKind, ItemRecord, RetweetRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.home import RemovalNotice
from datastore.timelines.rules import home_item_id
from datastore.tweets.retweets import RetweetLog
from workers.timelines.fanout_targets import page_size, target_pages
from workers.timelines.lists import retract_from_lists
from workers.timelines.sights import Sight, live_readers

# One page is read while the other is served.
_PAGES_AT_ONCE = 2


class Removal(NamedTuple):
    """Event for a reader: the item by which their timeline had the tweet, and how it left."""

    item_id: int
    notice: RemovalNotice


RemovalRule = Callable[[Sight, RetweetLog], Removal | None]
"""The removal for a sight and the retweets within its circle; None if the timeline did not have the tweet."""


@dataclass(frozen=True, slots=True)
class Retraction:
    """`tweet_id` is the tweet that the deleted item showed; `log` has its retweets, also those deleted with it.

    `concerned`: the author, whom they answer, and the retweeter.
    """

    job: Retract
    tweet_id: TweetId
    log: RetweetLog
    rule: RemovalRule
    concerned: tuple[UserId | None, ...] = ()


async def retract(stores: Stores, job: Retract) -> None:
    """Visits the same readers as the fan-out. Deletes retweets, likes and bookmarks of a deleted tweet too."""
    item = await stores.jobs.outbox.deleted_item(job.act_id)
    if job.kind is ItemKind.RETWEET:
        await _forget_retweet(stores, job, item)
    retraction = await _retraction_of(stores, job, item)
    pages = pages_of_readers(stores, item or job.author_id, retraction.log)
    await for_each_page(pages, lambda page: _remove(stores, retraction, page), at_once=_PAGES_AT_ONCE)
    await retract_from_lists(stores, job, item, retraction.log)
    if isinstance(item, TweetRecord):
        await stores.trends.tag_sketches.changed(item.id, item.author_id, lost=item.tags)
    if job.kind is ItemKind.TWEET:
        await stores.tweets.likes.delete_to(job.item_id)
        await stores.tweets.bookmarks.delete_to(job.item_id)
        await stores.media.items.remove_of_tweet(job.item_id)
        while (act := await stores.tweets.retweets.delete_next_of(stores.ids(), job.item_id)) is not None:
            await enqueue(stores.jobs.redis, act)


async def _forget_retweet(stores: Stores, job: Retract, item: ItemRecord | None) -> None:
    """Rows that the deletion of a retweet changed, beside its own."""
    tweet_id = item.tweet_id if isinstance(item, RetweetRecord) else None
    await stores.tweets.viewer_state.forget_unretweet(job, tweet_id)
    if tweet_id is not None:
        await stores.tweets.retweets.forget_log(tweet_id)


async def retract_for(stores: Stores, job: Retract, reader: UserId) -> None:
    """Does of the retraction what concerns one reader."""
    item = await stores.jobs.outbox.deleted_item(job.act_id)
    await _remove(stores, await _retraction_of(stores, job, item), [reader])


async def pages_of_readers(stores: Stores, item: ItemRecord | UserId, log: RetweetLog) -> AsyncIterator[list[UserId]]:
    """Pages of all readers that the item was pushed to; for a tweet also those of its retweets, which `log` has. Who
    left them comes last, until their live events tell of that.

    An item that is unknown is given by its author.
    """
    authors = [item if isinstance(item, int) else item.author_id]
    tags: Sequence[str] = ()
    if isinstance(item, TweetRecord):
        authors += [user_id for _, user_id in log.entries]
        tags = item.tags if item.reply_to_author is None else ()
    for author in dict.fromkeys(authors):
        yield [author]
        async for page in target_pages(stores, author):
            yield page
    if tags:
        async for page in stores.trends.hashtags.follower_pages(tags, page_size(stores)):
            yield page
    yield await stores.jobs.outbox.leavers(authors, tags)


async def _retraction_of(stores: Stores, job: Retract, item: ItemRecord | None) -> Retraction:
    if isinstance(item, TweetRecord):
        return await _retraction_of_tweet(stores, job, item)
    return await _retraction_of_retweet(stores, job, item)


async def _retraction_of_tweet(stores: Stores, job: Retract, tweet: TweetRecord) -> Retraction:
    """The tweet's retweets are deleted too; each reader is told of the one by which they had the tweet."""
    author = await stores.users.accounts.get_uncached(tweet.author_id)
    (log,) = await stores.tweets.retweets.logs([tweet.id])
    shown = await _as_published(stores, tweet)

    def rule(sight: Sight, log: RetweetLog) -> Removal | None:
        item_id = home_item_id(sight.view, shown, sight.user(author), log)
        return None if item_id is None else Removal(item_id, RemovalNotice.LEFT)

    return Retraction(job, tweet.id, log, rule, (tweet.author_id, tweet.reply_to_author))


async def _retraction_of_retweet(stores: Stores, job: Retract, item: RetweetRecord | None) -> Retraction:
    """If the deleted item or its tweet is unknown, all readers who have it are told."""
    if job.with_tweet:
        return Retraction(job, job.item_id, RetweetLog(), lambda _, __: None)
    tweet = None if item is None else await stores.tweets.items.get(item.tweet_id)
    if item is None or not isinstance(tweet, TweetRecord):
        removal = Removal(int(job.item_id), RemovalNotice.LEFT)
        return Retraction(job, TweetId(0), RetweetLog(), lambda _, __: removal)
    author, shown = await stores.users.accounts.get_uncached(item.tweet_author_id), await _as_published(stores, tweet)
    (log,) = await stores.tweets.retweets.logs([item.tweet_id])
    entry = (int(item.id), item.author_id)

    def rule(sight: Sight, log: RetweetLog) -> Removal | None:
        before = RetweetLog(tuple(sorted({*log.entries, entry})), log.is_whole)
        after = RetweetLog(tuple(other for other in log.entries if other != entry), log.is_whole)
        if home_item_id(sight.view, shown, sight.user(author), before) != item.id:
            return None
        is_replaced = home_item_id(sight.view, shown, sight.user(author), after) is not None
        return Removal(int(item.id), RemovalNotice.RESET if is_replaced else RemovalNotice.LEFT)

    return Retraction(job, item.tweet_id, log, rule, (item.tweet_author_id, item.author_id, tweet.reply_to_author))


async def _as_published(stores: Stores, tweet: TweetRecord) -> TweetRecord:
    """The tweet as it is until its removal by moderators is published."""
    if tweet.is_removed and await stores.jobs.outbox.changes.decisions_about(tweet.id):
        return replace(tweet, is_removed=False)
    return tweet


async def _remove(stores: Stores, retraction: Retraction, page: Sequence[UserId]) -> None:
    """Removes the deleted item from all lists, and from lists of live readers the item by which they had the tweet."""
    job = retraction.job
    for removal, readers in (await _removals(stores, retraction, page)).items():
        kind = job.kind if removal.item_id == job.item_id else ItemKind.RETWEET
        await stores.timelines.home.remove(readers, [(kind, removal.item_id)], removal.notice)
    await stores.timelines.home.remove(page, [(job.kind, int(job.item_id))], RemovalNotice.NOTHING)


async def _removals(stores: Stores, retraction: Retraction, page: Sequence[UserId]) -> Mapping[Removal, list[UserId]]:
    """Live readers by removal."""
    readers = defaultdict[Removal, list[UserId]](list)
    concerned = retraction.concerned
    for one in await live_readers(stores, page, retraction.tweet_id, retraction.log, concerned):
        removals = (retraction.rule(sight, one.log) for sight in (one.now, *one.before))
        removal = next(filter(None, removals), None)
        if removal is not None:
            readers[removal].append(one.user_id)
    return readers
