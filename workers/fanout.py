"""Fan-out on write: an item into the home timelines where it belongs, and out of them once it is deleted."""

from collections.abc import Sequence

from core.ids import UserId, ms_of, wall_ms
from core.metrics import FANOUT_DELAY_SECONDS
from core.tasks import for_each_page
from datastore.items import ItemRecord, TweetRecord
from datastore.jobs import FanOut, Job, Withdraw
from datastore.stores import Stores
from workers.readers import PEOPLE_AT_ONCE, reader_pages
from workers.withdrawal import withdraw

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
    if isinstance(item, TweetRecord):
        await stores.posts.append(item.id)
    await _push(stores, item, [item.author_id])
    await for_each_page(reader_pages(stores, item.author_id), lambda page: _push(stores, item, page), at_once=_AT_ONCE)
    if isinstance(item, TweetRecord) and item.tags and item.reply_to_author is None:
        async for page in stores.hashtags.follower_pages(item.tags, PEOPLE_AT_ONCE):
            await stores.timelines.push(page, item.id)


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
