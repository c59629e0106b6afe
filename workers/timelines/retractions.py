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
from datastore.jobs.jobs import Retract, ViewChange
from datastore.jobs.queue import enqueue
from datastore.records.items import ItemKind, ItemRecord, RetweetRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.home import RemovalNotice
from datastore.timelines.rules import home_item_id
from datastore.tweets.retweets import RetweetLog
from datastore.users.viewpoints import Viewpoint, viewpoints_before
from workers.timelines.fanout_targets import page_size, target_pages
from workers.timelines.lists import retract_from_lists

# One page is read while the other is served.
_PAGES_AT_ONCE = 2


class Removal(NamedTuple):
    """Event for a reader: the item by which their timeline had the tweet, and how it left."""

    item_id: int
    notice: RemovalNotice


RemovalRule = Callable[[Viewpoint, RetweetLog], Removal | None]
"""The removal for a viewpoint and the retweets within its circle; None if the timeline did not have the tweet."""


@dataclass(frozen=True, slots=True)
class Retraction:
    """`tweet_id` is the tweet that the deleted item showed; `log` has its retweets, also those deleted with it."""

    job: Retract
    tweet_id: TweetId
    log: RetweetLog
    rule: RemovalRule


async def retract(stores: Stores, job: Retract) -> None:
    """Visits the same readers as the fan-out. Deletes retweets, likes and bookmarks of a deleted tweet too."""
    item = await stores.jobs.outbox.deleted_item(job.act_id)
    if isinstance(item, RetweetRecord):
        await stores.tweets.retweets.forget_log(item.tweet_id)
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


async def retract_gone(stores: Stores, reader: UserId, gone: Sequence[int]) -> None:
    """Runs the unfinished retractions of deleted items for one reader who is about to be told of another change.

    Once that was published, it could not be determined that they had had the item.
    """
    for job in await stores.jobs.outbox.retractions_about(gone):
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
    if tweet.is_removed and await stores.jobs.outbox.decisions_about(tweet.id):
        tweet = replace(tweet, is_removed=False)  # its removal was not published yet

    def rule(view: Viewpoint, log: RetweetLog) -> Removal | None:
        item_id = home_item_id(view, tweet, author, log)
        return None if item_id is None else Removal(item_id, RemovalNotice.LEFT)

    return Retraction(job, tweet.id, log, rule)


async def _retraction_of_retweet(stores: Stores, job: Retract, item: RetweetRecord | None) -> Retraction:
    """If the deleted item or its tweet is unknown, all readers who have it are told."""
    if job.with_tweet:
        return Retraction(job, job.item_id, RetweetLog(), lambda _, __: None)
    tweet = None if item is None else await stores.tweets.items.get(item.tweet_id)
    if item is None or not isinstance(tweet, TweetRecord):
        return Retraction(job, TweetId(0), RetweetLog(), lambda _, __: Removal(int(job.item_id), RemovalNotice.LEFT))
    author = await stores.users.accounts.get_uncached(item.tweet_author_id)
    (log,) = await stores.tweets.retweets.logs([item.tweet_id])
    entry = (int(item.id), item.author_id)

    def rule(view: Viewpoint, log: RetweetLog) -> Removal | None:
        before = RetweetLog(tuple(sorted({*log.entries, entry})), log.is_whole)
        after = RetweetLog(tuple(other for other in log.entries if other != entry), log.is_whole)
        if home_item_id(view, tweet, author, before) != item.id:
            return None
        is_replaced = home_item_id(view, tweet, author, after) is not None
        return Removal(int(item.id), RemovalNotice.RESET if is_replaced else RemovalNotice.LEFT)

    return Retraction(job, item.tweet_id, log, rule)


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
    for views, log in await live_views(stores, page, retraction.tweet_id, retraction.log):
        removal = next(filter(None, (retraction.rule(view, log) for view in views)), None)
        if removal is not None:
            readers[removal].append(views[0].user_id)
    return readers


async def live_views(
    stores: Stores, page: Sequence[UserId], tweet_id: TweetId, whole: RetweetLog
) -> list[tuple[list[Viewpoint], RetweetLog]]:
    """Viewpoints of each live reader: the current one, then those before each change that was not published to them
    yet, oldest first; with the retweets of the tweet, which `whole` has, within their circles.
    """
    live = await stores.timelines.home_log.live_among(page)
    if not live:
        return []
    changes = await stores.jobs.outbox.view_changes(live)
    found = []
    for view in await stores.users.viewpoints.get_many(live):
        unpublished = await unpublished_among(stores, view.user_id, changes[view.user_id])
        views = [view, *viewpoints_before(view, unpublished)]
        circle = sorted(frozenset[UserId]().union(*[one.circle for one in views]))
        log = whole if whole.is_whole else await stores.tweets.retweets.log_by(tweet_id, circle)
        found.append((views, log))
    return found


async def unpublished_among(stores: Stores, reader: UserId, changes: Mapping[int, ViewChange]) -> list[ViewChange]:
    """Those of the changes, by act, that the reader's event log does not have, oldest first."""
    published = await stores.timelines.home.published_among(reader, list(changes)) if changes else ()
    return [change for act, change in changes.items() if act not in published]
