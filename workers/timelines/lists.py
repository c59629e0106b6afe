"""Timelines of lists in memory: built when somebody reads one, pushed to and retracted from, and dropped by themselves.

All viewers of a list share its timeline and its event log; rules run for each viewer when they read.
"""

import secrets
from collections.abc import Awaitable, Iterable

from core.ids import ListId, UserId
from core.runtime.tasks import for_each
from datastore.graph.lists import ListRecord
from datastore.jobs.jobs import BuildList, PublishEdit, RebuildLists, Retract
from datastore.records.items import ItemKind, ItemRecord, RetweetRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.candidates import Circle
from datastore.timelines.home import RemovalNotice
from datastore.timelines.list_rules import list_item_ids
from datastore.tweets.retweets import RetweetLog

_LISTS_AT_ONCE = 8


async def run_list_job(stores: Stores, job: BuildList | RebuildLists) -> None:
    if isinstance(job, RebuildLists):
        await rebuild_lists(stores, job)
    else:
        await build_list(stores, job)
        await stores.jobs.locks.release_rebuild(UserId(job.list_id))


async def build_list(stores: Stores, job: BuildList) -> None:
    """Builds a missing timeline, or adds to one what may have been posted while its list was in no audience."""
    record, reader = await stores.users.lists.current(job.list_id), UserId(job.list_id)
    if record is None:
        await stores.timelines.lists.drop(reader)
        return
    await stores.timelines.list_audiences.join(record.id, record.members)
    token = secrets.token_hex(8)
    if await stores.timelines.lists.begin_build(reader, token):
        ids = await _newest(stores, record, stores.timelines.lists.length)
        is_complete = len(ids) < stores.timelines.lists.length
        await stores.timelines.lists.commit_build(reader, token, ids, complete=is_complete)
    else:
        await stores.timelines.lists.merge(reader, await _newest(stores, record, stores.timelines.lists.length + 1))
    await stores.timelines.list_audiences.mark_joined(record.id)


async def rebuild_lists(stores: Stores, job: RebuildLists) -> None:
    """Whoever follows one of the lists live is told to read again, once."""
    for list_id in job.list_ids:
        reader = UserId(list_id)
        if await stores.timelines.lists.exists(reader):
            await stores.timelines.lists.drop(reader)
            await build_list(stores, BuildList(list_id))
        await _tell_to_read(stores, [reader], job.act_id)


def lists_for(stores: Stores, item: ItemRecord) -> Awaitable[list[UserId]]:
    """The lists in memory that a new item is for: a reply answers a member. Asks at once; await the answer."""
    answered = item.reply_to_author if isinstance(item, TweetRecord) else None
    return stores.timelines.list_audiences.lists_with(item.author_id, answered)


async def retract_from_lists(stores: Stores, job: Retract, item: ItemRecord | None, log: RetweetLog) -> None:
    """Takes a deleted item out of lists in memory. `log` has the tweet's retweets, also those deleted with it."""
    authors = [job.author_id]
    if isinstance(item, TweetRecord):
        authors += [user_id for _, user_id in log.entries]

    async def retract(reader: UserId) -> None:
        record = await stores.users.lists.get(ListId(reader))
        if record is None:
            return
        if isinstance(item, TweetRecord):
            await _retract_tweet(stores, record, item, log)
        else:
            notice = await _notice_of_retweet(stores, record, job, item)
            await stores.timelines.lists.remove([reader], [(job.kind, int(job.item_id))], notice)

    await for_each(await _lists_with(stores, authors), retract, at_once=_LISTS_AT_ONCE)


async def tell_lists_of(stores: Stores, act_id: int, authors: Iterable[UserId]) -> None:
    """Tells whoever follows a list with one of these people live to read again, once for the act."""
    await _tell_to_read(stores, await _lists_with(stores, authors), act_id)


async def tell_lists_of_edit(stores: Stores, job: PublishEdit, authors: Iterable[UserId]) -> None:
    """Tells whoever follows a list with one of these people live that a tweet was edited, once."""

    async def tell(reader: UserId) -> None:
        await stores.timelines.lists.publish_edit(reader, job.act_id, job.item_id)

    await for_each(await _lists_with(stores, authors), tell, at_once=_LISTS_AT_ONCE)


async def _retract_tweet(stores: Stores, record: ListRecord, tweet: TweetRecord, log: RetweetLog) -> None:
    """Viewers may have had the tweet by different retweets, so each that leaves is published."""
    whole = log if log.is_whole else await stores.tweets.retweets.log_by(tweet.id, sorted(record.members))
    shown = list_item_ids(record.members, tweet, whole)
    items = [(ItemKind.TWEET if item_id == tweet.id else ItemKind.RETWEET, item_id) for item_id in shown]
    await stores.timelines.lists.remove([UserId(record.id)], items, RemovalNotice.LEFT)
    left = [(ItemKind.TWEET, int(tweet.id)), *[(ItemKind.RETWEET, item_id) for item_id, _ in whole.entries]]
    await stores.timelines.lists.remove([UserId(record.id)], left, RemovalNotice.NOTHING)


async def _notice_of_retweet(
    stores: Stores, record: ListRecord, job: Retract, item: ItemRecord | None
) -> RemovalNotice:
    """RESET if another retweet takes its place, for all viewers or some."""
    if job.with_tweet:
        return RemovalNotice.NOTHING
    tweet = await stores.tweets.items.get(item.tweet_id) if isinstance(item, RetweetRecord) else None
    if not isinstance(tweet, TweetRecord):
        return RemovalNotice.LEFT
    (log,) = await stores.tweets.retweets.logs([tweet.id])
    whole = log if log.is_whole else await stores.tweets.retweets.log_by(tweet.id, sorted(record.members))
    others = [one for one in list_item_ids(record.members, tweet, whole) if one != job.item_id]
    if tweet.id in others:
        return RemovalNotice.NOTHING
    return RemovalNotice.RESET if others else RemovalNotice.LEFT


async def _newest(stores: Stores, record: ListRecord, count: int) -> list[int]:
    return await stores.timelines.candidates.newest_ids(Circle(record.members), count) if record.members else []


async def _lists_with(stores: Stores, authors: Iterable[UserId]) -> set[UserId]:
    return await stores.timelines.list_audiences.lists_with_any(list(dict.fromkeys(authors)))


async def _tell_to_read(stores: Stores, readers: Iterable[UserId], act_id: int) -> None:
    async def tell(reader: UserId) -> None:
        await stores.timelines.lists.publish_view_changes(reader, [act_id], [], has_added=True)

    await for_each(readers, tell, at_once=_LISTS_AT_ONCE)
