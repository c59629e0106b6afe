"""Fan-out on write: an item into the home timelines where it belongs, and out of them once it is deleted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from core.ids import UserId, ms_of, wall_ms
from core.runtime.metrics import FANOUT_DELAY_SECONDS
from core.runtime.tasks import for_each_page
from datastore.jobs.jobs import FANOUT, WIDE_FANOUT, FanOut, Job, Retract
from datastore.records.items import ItemRecord, TweetRecord
from datastore.stores import Stores
from workers.consumer.runner import CLAIM_IDLE_MS, Runner
from workers.timelines.fanout_targets import late_reader_pages, people_at_once, reader_pages
from workers.timelines.retractions import withdraw

WIDE_FROM = 1_000
"""Followers from which on a post goes to the queue of its own, so that the others do not wait for it."""
LATE_MS = 5_000
_WIDE_JOBS_AT_ONCE = 4
# While one page is pushed the next one is read.
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Lateness:
    """When a post of somebody with more followers than `followers` is late: so long after it was written."""

    ms: int = LATE_MS
    followers: int = WIDE_FROM


_USUAL = Lateness()


async def run(stores: Stores, stop: asyncio.Event, *, claim_idle_ms: int = CLAIM_IDLE_MS) -> None:
    """Consumes both queues, each with room of its own."""
    usual = Runner(stores, FANOUT, handle, claim_idle_ms=claim_idle_ms, queue_of=queue_of)
    wide = Runner(stores, WIDE_FANOUT, handle, claim_idle_ms=claim_idle_ms, at_once=_WIDE_JOBS_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        group.create_task(usual.run(stop))
        group.create_task(wide.run(stop))


async def queue_of(stores: Stores, job: Job) -> str:
    """By how many people it reaches, more or less."""
    match job:
        case FanOut(author_id=int(author)) | Retract(author_id=author):
            return (
                WIDE_FANOUT
                if await stores.users.fanout_state.approximate_follower_count(author) > WIDE_FROM
                else FANOUT
            )
        case _:
            return FANOUT


async def handle(stores: Stores, job: Job) -> None:
    match job:
        case FanOut(is_again=True) if not await stores.jobs.outbox.is_pending(job):
            return
        case FanOut():
            await fan_out(stores, job)
            FANOUT_DELAY_SECONDS.observe((wall_ms() - ms_of(job.item_id)) / 1000)
        case Retract():
            await withdraw(stores, job)
        case _:
            raise TypeError(f"no job of this queue: {job!r}")


async def fan_out(stores: Stores, job: FanOut, lateness: Lateness = _USUAL) -> None:
    """Nothing to do where the item was deleted meanwhile.

    What is late already goes to those who are live, and is merged by the others as they read: so the queue gets short
    again, while the lists of people who are away can wait.
    """
    item = await stores.tweets.items.get(job.item_id)
    if item is None:
        return
    if isinstance(item, TweetRecord):
        await stores.timelines.post_log.append(item.id)
    await _push(stores, item, [item.author_id])
    is_late = wall_ms() - ms_of(item.id) > lateness.ms
    author, limit = item.author_id, lateness.followers
    pages = late_reader_pages(stores, author, limit) if is_late else reader_pages(stores, author)
    await for_each_page(pages, lambda page: _push(stores, item, page), at_once=_AT_ONCE)
    if isinstance(item, TweetRecord) and item.tags and item.reply_to_author is None:
        async for page in stores.trends.hashtags.follower_pages(item.tags, people_at_once(stores)):
            await stores.timelines.home.push(page, item.id)


async def _push(stores: Stores, item: ItemRecord, readers: Sequence[UserId]) -> None:
    reached = await _readers_of(stores, item, readers)
    if reached:
        await stores.timelines.home.push(reached, item.id)


async def _readers_of(stores: Stores, item: ItemRecord, readers: Sequence[UserId]) -> Sequence[UserId]:
    """A reply reaches those who follow the person answered, too, and that person."""
    if not isinstance(item, TweetRecord) or item.reply_to_author is None:
        return readers
    knowing = await stores.users.follows.followers_among(item.reply_to_author, readers)
    return [reader for reader in readers if reader in knowing or reader == item.reply_to_author]
