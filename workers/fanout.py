"""Fan-out on write: an item into the home timelines where it belongs, and out of them once it is deleted."""

from collections.abc import AsyncIterator, Sequence

from core.ids import UserId, ms_of, wall_ms
from core.metrics import FANOUT_DELAY_SECONDS
from core.tasks import for_each_page
from datastore.items import ItemRecord, TweetRecord
from datastore.jobs import FanOut, Job, Withdraw
from datastore.queue import enqueue
from datastore.stores import Stores
from datastore.timelines import ItemKind

# A script holds Redis while it runs: some hundred lists take 2 to 3 ms.
_CHUNK = 500
# While one page is pushed the next one is read.
_AT_ONCE = 2


async def handle(stores: Stores, job: Job) -> None:
    match job:
        case FanOut():
            await fan_out(stores, job)
            FANOUT_DELAY_SECONDS.observe((wall_ms() - ms_of(job.item_id)) / 1000)
        case Withdraw():
            await withdraw(stores, job)
        case _:
            raise TypeError(f"no job of this queue: {job!r}")


async def fan_out(stores: Stores, job: FanOut) -> None:
    """Nothing to do where the item was deleted meanwhile."""
    item = await stores.tweets.get(job.item_id)
    if item is None:
        return
    await _push(stores, item, [item.author_id])
    await for_each_page(_reader_pages(stores, item.author_id), lambda page: _push(stores, item, page), at_once=_AT_ONCE)
    if isinstance(item, TweetRecord) and item.tags and item.reply_to_author is None:
        async for page in stores.hashtags.follower_pages(item.tags, _CHUNK):
            await stores.timelines.push(page, item.id)


async def withdraw(stores: Stores, job: Withdraw) -> None:
    """Follows the ways of the fan-out. A deleted tweet takes its retweets, likes and bookmarks with it."""
    items = [(job.kind, int(job.item_id))]
    await stores.timelines.remove([job.author_id], items)
    await for_each_page(
        _reader_pages(stores, job.author_id), lambda page: stores.timelines.remove(page, items), at_once=_AT_ONCE
    )
    if job.kind is ItemKind.TWEET:
        await stores.likes.delete_to(job.item_id)
        await stores.bookmarks.delete_to(job.item_id)
        while (act := await stores.retweets.delete_next_of(stores.ids(), job.item_id)) is not None:
            await enqueue(stores.redis, act)


async def _reader_pages(stores: Stores, author: UserId) -> AsyncIterator[list[UserId]]:
    """All followers; of an author who has too many, those in the audience."""
    if await stores.users.follower_count(author) <= stores.audiences.limit:
        async for page in stores.follows.follower_pages(author, _CHUNK):
            yield page
        return
    if not await stores.users.has_audience(author):
        await _begin_audience(stores, author)
    async for page in stores.audiences.pages(author, _CHUNK):
        yield page


async def _begin_audience(stores: Stores, author: UserId) -> None:
    """From now on readers who come find the items themselves; until it is known who is live, all count as such."""
    await stores.users.mark_merged(author)
    async for page in stores.follows.follower_pages(author, _CHUNK):
        await stores.audiences.add_all(author, page)
        await stores.viewpoints.forget(*page)
    await stores.users.mark_audience(author)


async def _push(stores: Stores, item: ItemRecord, readers: Sequence[UserId]) -> None:
    reached = await _readers_of(stores, item, readers)
    if reached:
        await stores.timelines.push(reached, item.id)


async def _readers_of(stores: Stores, item: ItemRecord, readers: Sequence[UserId]) -> Sequence[UserId]:
    """A reply reaches those who follow the person answered, too, and that person."""
    if not isinstance(item, TweetRecord) or item.reply_to_author is None:
        return readers
    knowing = await stores.follows.followers_among(item.reply_to_author, readers)
    return [reader for reader in readers if reader in knowing or reader == item.reply_to_author]
