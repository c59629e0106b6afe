"""Deleted items out of the home timelines. Whoever is live is told of the one item by which it stood there.

The item's own row is gone when its job runs; the act left it in the outbox.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.ids import TweetId, UserId
from core.runtime.tasks import for_each_page
from datastore.jobs.jobs import Retract
from datastore.jobs.queue import enqueue
from datastore.records.items import ItemKind, RetweetRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.home import RemovalNotice
from datastore.timelines.rules import home_item_id
from datastore.tweets.retweets import RetweetLog
from datastore.users.viewpoints import Viewpoint, viewpoint_before
from workers.timelines.fanout_targets import people_at_once, reader_pages

# While one page is served the next one is read.
_AT_ONCE = 2


class Left(NamedTuple):
    """What somebody is told: the id of the item by which the tweet stood, and how."""

    item_id: int
    notice: RemovalNotice


Judge = Callable[[Viewpoint, RetweetLog], Left | None]
"""By what somebody sees, and the retweets of the tweet that they may know of; None where nothing of it stood."""


@dataclass(frozen=True, slots=True)
class Case:
    """`tweet_id` is the tweet that was shown; `log` its retweets, those that are deleted as well."""

    job: Retract
    tweet_id: TweetId
    log: RetweetLog
    judge: Judge


async def withdraw(stores: Stores, job: Retract) -> None:
    """Follows the ways of the fan-out. A deleted tweet takes its retweets, likes and bookmarks with it."""
    was = await stores.jobs.outbox.deleted_item(job.act_id)
    case = await _case_of(stores, job, was)
    await for_each_page(_pages(stores, case, was), lambda page: _take_out(stores, case, page), at_once=_AT_ONCE)
    if job.kind is ItemKind.TWEET:
        await stores.tweets.likes.delete_to(job.item_id)
        await stores.tweets.bookmarks.delete_to(job.item_id)
        while (act := await stores.tweets.retweets.delete_next_of(stores.ids(), job.item_id)) is not None:
            await enqueue(stores.jobs.redis, act)


async def withdraw_from(stores: Stores, reader: UserId, author: UserId) -> None:
    """What the author deleted a moment ago, out of the list of one reader who has just changed how they see the author.

    Once the reader was told of that change nobody could find out any more that they had the item.
    """
    for job in await stores.jobs.outbox.retractions_of(author):
        await _take_out(
            stores, await _case_of(stores, job, await stores.jobs.outbox.deleted_item(job.act_id)), [reader]
        )


async def _case_of(stores: Stores, job: Retract, was: TweetRecord | RetweetRecord | None) -> Case:
    return await _case_of_tweet(stores, job, was) if isinstance(was, TweetRecord) else await _case(stores, job, was)


async def _case_of_tweet(stores: Stores, job: Retract, tweet: TweetRecord) -> Case:
    """Its retweets go with it, and each reader is told of the one by which they had it."""
    author = await stores.users.accounts.get_uncached(tweet.author_id)
    (log,) = await stores.tweets.retweets.logs([tweet.id])

    def judge(view: Viewpoint, log: RetweetLog) -> Left | None:
        stood = home_item_id(view, tweet, author, log)
        return None if stood is None else Left(stood, RemovalNotice.LEFT)

    return Case(job, tweet.id, log, judge)


async def _case(stores: Stores, job: Retract, was: RetweetRecord | None) -> Case:
    """Of a retweet. Where too little is known of an item, all are told who have it."""
    if job.with_tweet:
        return Case(job, job.item_id, RetweetLog(), lambda _, __: None)
    tweet = None if was is None else await stores.tweets.items.get(was.tweet_id)
    if was is None or not isinstance(tweet, TweetRecord):
        return Case(job, TweetId(0), RetweetLog(), lambda _, __: Left(int(job.item_id), RemovalNotice.LEFT))
    author = await stores.users.accounts.get_uncached(was.tweet_author_id)
    (log,) = await stores.tweets.retweets.logs([was.tweet_id])
    entry = (int(was.id), was.author_id)

    def judge(view: Viewpoint, log: RetweetLog) -> Left | None:
        with_it = RetweetLog(tuple(sorted({*log.entries, entry})), log.is_whole)
        without = RetweetLog(tuple(other for other in log.entries if other != entry), log.is_whole)
        if home_item_id(view, tweet, author, with_it) != was.id:
            return None
        is_replaced = home_item_id(view, tweet, author, without) is not None
        return Left(int(was.id), RemovalNotice.RESET if is_replaced else RemovalNotice.LEFT)

    return Case(job, was.tweet_id, log, judge)


async def _pages(stores: Stores, case: Case, was: TweetRecord | RetweetRecord | None) -> AsyncIterator[list[UserId]]:
    """Everybody whom the item reached, and of a tweet everybody whom its retweets reached."""
    yield [case.job.author_id]
    async for page in reader_pages(stores, case.job.author_id):
        yield page
    if not isinstance(was, TweetRecord):
        return
    if was.tags and was.reply_to_author is None:
        async for page in stores.trends.hashtags.follower_pages(was.tags, people_at_once(stores)):
            yield page
    for retweeter in dict.fromkeys(user_id for _, user_id in case.log.entries):
        yield [retweeter]
        async for page in reader_pages(stores, retweeter):
            yield page


async def _take_out(stores: Stores, case: Case, page: Sequence[UserId]) -> None:
    """The item out of all lists; what else of the tweet somebody had, out of theirs."""
    for left, readers in (await _told(stores, case, page)).items():
        kind = case.job.kind if left.item_id == case.job.item_id else ItemKind.RETWEET
        await stores.timelines.home.remove(readers, [(kind, left.item_id)], left.notice)
    await stores.timelines.home.remove(page, [(case.job.kind, int(case.job.item_id))], RemovalNotice.NOTHING)


async def _told(stores: Stores, case: Case, page: Sequence[UserId]) -> Mapping[Left, list[UserId]]:
    """Who of these people is told what. What they did a moment ago and were not told yet counts as not done."""
    told = defaultdict[Left, list[UserId]](list)
    live = await stores.timelines.home_log.live_among(page)
    if not live:
        return told
    changes = await stores.jobs.outbox.view_changes(live)
    for view in await stores.users.viewpoints.get_many(live):
        log = case.log if case.log.is_whole else await stores.tweets.retweets.log_by(case.tweet_id, sorted(view.circle))
        then = viewpoint_before(view, changes[view.user_id].values())
        left = case.judge(view, log) or case.judge(then, log)
        if left is not None:
            told[left].append(view.user_id)
    return told
