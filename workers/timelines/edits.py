"""Edits in timelines: pushes an edited tweet to followers of its new hashtags, and publishes to live readers by which
item their timeline had the tweet, and has it now.

Lists keep what their reader may not see, so an edit takes nothing out of them. Versions are compared as the edit found
and left them, whatever later edits made of the tweet: theirs are jobs of their own.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from core.ids import UserId
from core.runtime.tasks import for_each, for_each_page
from datastore.jobs.jobs import FanOut, PublishEdit
from datastore.records.items import ItemKind, TweetRecord
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.timelines.rules import home_item_id
from datastore.tweets.retweets import RetweetLog
from datastore.users.viewpoint_records import Viewpoint
from workers.timelines.fanout_targets import page_size, target_pages
from workers.timelines.lists import tell_lists_of_edit
from workers.timelines.sights import LiveReader, Sight, live_readers

# One page is read while the other is served.
_PAGES_AT_ONCE = 2
_READERS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Edited:
    """The tweet before and after its edit, with what decides who has it."""

    job: PublishEdit
    was: TweetRecord
    became: TweetRecord
    author: UserRecord | None
    log: RetweetLog

    @property
    def is_changed(self) -> bool:
        return (self.was.text, self.was.tags) != (self.became.text, self.became.tags)

    @property
    def all_tags(self) -> list[str]:
        """Hashtags of both versions; none of a reply, which they bring to nobody."""
        return [] if self.was.reply_to_author is not None else sorted({*self.was.tags, *self.became.tags})

    @property
    def new_tags(self) -> list[str]:
        return [] if self.was.reply_to_author is not None else _others(self.became.tags, self.was.tags)


async def publish_edit(stores: Stores, job: PublishEdit) -> None:
    """Nothing is left to do if the job is finished. The tweet is fanned out before."""
    edited = await _edited(stores, job)
    if edited is None:
        return
    was = edited.was
    await stores.timelines.post_log.append_edit(was.id, job.act_id)
    await stores.trends.tag_sketches.changed(
        was.id, was.author_id, gained=_others(edited.became.tags, was.tags), lost=_others(was.tags, edited.became.tags)
    )
    if not edited.is_changed:
        return
    await for_each_page(_pages(stores, edited), lambda page: _tell(stores, edited, page), at_once=_PAGES_AT_ONCE)
    if edited.new_tags:
        async for page in stores.trends.hashtags.follower_pages(edited.new_tags, page_size(stores)):
            await stores.timelines.home.push(page, was.id)
    await tell_lists_of_edit(stores, job, [was.author_id, *_retweeters(edited.log)])


async def publish_edit_to(stores: Stores, job: PublishEdit, reader: UserId) -> None:
    """As `publish_edit`, to one reader whose list has the tweet, and who hears nothing of the act after this."""
    edited = await _edited(stores, job)
    if edited is not None and edited.is_changed:
        await _tell(stores, edited, [reader])
        await stores.timelines.home.publish_item_change(reader, job.act_id, None, None)


def fan_out_of(job: PublishEdit) -> FanOut:
    """The job that must be done before: else the edit would be told of a tweet that timelines do not have yet."""
    return FanOut(job.item_id, job.author_id)


async def _edited(stores: Stores, job: PublishEdit) -> Edited | None:
    """None if the job is finished."""
    versions = await stores.jobs.outbox.edited_item(job.act_id)
    if versions is None:
        return None
    was, became = versions
    author = await stores.users.accounts.get_uncached(was.author_id)
    (log,) = await stores.tweets.retweets.logs([was.id])
    return Edited(job, was, became, author, log)


async def _pages(stores: Stores, edited: Edited) -> AsyncIterator[list[UserId]]:
    """Pages of all readers whom a version of the tweet reaches, by itself or by a retweet; some readers twice."""
    yield [edited.was.author_id]
    async for page in target_pages(stores, edited.was.author_id):
        yield page
    if edited.all_tags:
        async for page in stores.trends.hashtags.follower_pages(edited.all_tags, page_size(stores)):
            yield page
    for retweeter in _retweeters(edited.log):
        yield [retweeter]
        async for page in target_pages(stores, retweeter):
            yield page


def _others(tags: Sequence[str], known: Sequence[str]) -> list[str]:
    return [tag for tag in tags if tag not in known]


def _retweeters(log: RetweetLog) -> list[UserId]:
    return list(dict.fromkeys(user_id for _, user_id in log.entries))


async def _tell(stores: Stores, edited: Edited, page: Sequence[UserId]) -> None:
    """Changes of a viewpoint, or of people, that the reader was not told of yet count as not done: they publish the
    rest. Where the reader had the tweet by another item, or not, at some moment of these changes, they read again.
    """
    told = list[Viewpoint]()

    async def tell(reader: LiveReader) -> None:
        (before, after), *later = [_items(edited, sight, reader.log) for sight in reader.sights]
        if any(one != (before, after) for one in later):
            await _reset(stores, reader.user_id)
        elif before != after:
            told.append(reader.now.view)
            left = None if before is None else (_kind(edited, before), before)
            await stores.timelines.home.publish_item_change(reader.user_id, edited.job.act_id, left, after)

    concerned = (edited.was.author_id, edited.was.reply_to_author)
    readers = await live_readers(stores, page, edited.was.id, edited.log, concerned)
    await for_each(readers, tell, at_once=_READERS_AT_ONCE)
    await _reset_changed(stores, told)


def _items(edited: Edited, sight: Sight, log: RetweetLog) -> tuple[int | None, int | None]:
    """Ids of the items by which a reader's timeline had the tweet, and has it now."""
    author = sight.user(edited.author)
    before, after = (home_item_id(sight.view, version, author, log) for version in (edited.was, edited.became))
    return before, after


def _kind(edited: Edited, item_id: int) -> ItemKind:
    return ItemKind.TWEET if item_id == edited.was.id else ItemKind.RETWEET


async def _reset_changed(stores: Stores, told: Sequence[Viewpoint]) -> None:
    """Tells readers to read again whose viewpoint changed meanwhile: its changes may have been published in between."""
    again = await stores.users.viewpoints.get_many([view.user_id for view in told]) if told else []
    for before, now in zip(told, again, strict=True):
        if before != now:
            await _reset(stores, now.user_id)


async def _reset(stores: Stores, reader: UserId) -> None:
    await stores.timelines.home.publish_view_changes(reader, [stores.ids()], [], has_added=True)
