"""Fan-out on write: an item into the home timelines of its author's followers, and out of them once it is deleted."""

from collections.abc import Sequence

from core.ids import UserId
from datastore.jobs import FanOut, Job, Withdraw
from datastore.stores import Stores
from datastore.tweets import ItemRecord, TweetRecord

# A script holds Redis while it runs: some hundred lists take 2 to 3 ms.
_CHUNK = 500


async def handle(stores: Stores, job: Job) -> None:
    match job:
        case FanOut():
            await fan_out(stores, job)
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
    async for page in stores.follows.follower_pages(item.author_id, _CHUNK):
        await _push(stores, item, page)


async def withdraw(stores: Stores, job: Withdraw) -> None:
    """Follows the same ways as the fan-out did; who stopped following meanwhile was seen to by another job."""
    items = [(job.kind, int(job.item_id))]
    await stores.timelines.remove([job.author_id], items)
    async for page in stores.follows.follower_pages(job.author_id, _CHUNK):
        await stores.timelines.remove(page, items)


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
