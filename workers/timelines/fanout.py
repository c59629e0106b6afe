"""Fan-out on write: pushes new items into home timelines, follows edited ones, and retracts deleted ones."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from core.ids import UserId, ms_of, wall_ms
from core.runtime.metrics import FANOUT_DELAY_SECONDS
from core.runtime.tasks import for_each_page
from datastore.graph.follows import FollowStore
from datastore.invalidation import forget_rows
from datastore.jobs.jobs import FanOut, Job, PublishEdit, Retract
from datastore.jobs.routing import FANOUT, WIDE_FANOUT
from datastore.mongo.bulk import chunked
from datastore.records.items import ItemRecord, TweetRecord
from datastore.stores import Stores
from workers.consumer.runner import CLAIM_IDLE_MS, Runner
from workers.timelines.edits import fan_out_of, publish_edit
from workers.timelines.fanout_targets import late_target_pages, page_size, target_pages
from workers.timelines.lists import lists_for
from workers.timelines.retractions import retract

WIDE_FROM = 1_000
"""Number of followers above which posts have a queue of their own, so that other posts do not wait for them."""
LATE_MS = 5_000
_MAX_WIDE_JOBS = 4
# One page is read while the other is pushed.
_PAGES_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Lateness:
    """Threshold for late posts: age in milliseconds, for authors with more followers than `followers`."""

    ms: int = LATE_MS
    followers: int = WIDE_FROM


_DEFAULT_LATENESS = Lateness()
_EMPTY_PAGE: Final[list[UserId]] = []


async def run(stores: Stores, stop: asyncio.Event, *, claim_idle_ms: int = CLAIM_IDLE_MS) -> None:
    """Consumes both queues, each with its own concurrency limit."""
    handler, route = partial(handle, stores), partial(queue_of, stores)
    usual = Runner(stores.jobs, FANOUT, handler, claim_idle_ms=claim_idle_ms, route=route)
    wide = Runner(stores.jobs, WIDE_FANOUT, handler, claim_idle_ms=claim_idle_ms, at_once=_MAX_WIDE_JOBS)
    async with asyncio.TaskGroup() as group:
        group.create_task(usual.run(stop))
        group.create_task(wide.run(stop))


async def queue_of(stores: Stores, job: Job) -> str:
    """The queue that a job belongs to, by the approximate number of followers."""
    match job:
        case FanOut(author_id=int(author)) | Retract(author_id=author) | PublishEdit(author_id=author):
            followers = await stores.users.fanout_state.approximate_follower_count(author)
            return WIDE_FANOUT if followers > WIDE_FROM else FANOUT
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
            await forget_rows(stores, job)
            await retract(stores, job)
        case PublishEdit():
            await forget_rows(stores, job)
            await fan_out_before(stores, fan_out_of(job))
            await publish_edit(stores, job)
        case _:
            raise TypeError(f"no job of this queue: {job!r}")


async def fan_out_before(stores: Stores, job: FanOut) -> None:
    """Fans the item out if that is not done: its own job was lost, and does nothing more when it is issued again."""
    if await stores.jobs.outbox.is_pending(job):
        await fan_out(stores, job)


async def fan_out(stores: Stores, job: FanOut, lateness: Lateness = _DEFAULT_LATENESS) -> None:
    """Pushes an item; nothing is left to do if it was deleted meanwhile.

    A late item of an author with many followers is pushed to live readers only, and the others merge it when they read.
    So the queue gets shorter, while lists of absent readers can wait.
    """
    item = await stores.tweets.items.get(job.item_id)
    if item is None:
        return
    lists = lists_for(stores, item)
    if isinstance(item, TweetRecord):
        await stores.timelines.post_log.append(item.id)
    else:
        await stores.tweets.retweets.forget_log(item.tweet_id)
    is_late = wall_ms() - ms_of(item.id) > lateness.ms
    author, limit = item.author_id, lateness.followers
    pages = late_target_pages(stores, author, limit) if is_late else target_pages(stores, author)
    targets = _targets(stores, author, lists, pages)
    await for_each_page(targets, lambda page: _push(stores, item, page), at_once=_PAGES_AT_ONCE)
    if isinstance(item, TweetRecord) and item.tags and item.reply_to_author is None:
        async for page in stores.trends.hashtags.follower_pages(item.tags, page_size(stores)):
            await stores.timelines.home.push(page, item.id)


class _Targets(NamedTuple):
    """Readers whose home timelines an item may be for, and lists of people that it is for."""

    readers: Sequence[UserId]
    lists: Sequence[UserId] = ()


async def _targets(
    stores: Stores, author: UserId, lists: Awaitable[Sequence[UserId]], pages: AsyncIterator[list[UserId]]
) -> AsyncIterator[_Targets]:
    """The pages, the first one with the author, and with as many lists as one script may push to besides."""
    size, first = page_size(stores), await anext(pages, _EMPTY_PAGE)
    waiting, room = await lists, size - len(first)
    yield _Targets([author, *first], waiting[:room])
    async for page in pages:
        yield _Targets(page)
    for some in chunked(waiting[room:], size):
        yield _Targets(_EMPTY_PAGE, some)


async def _push(stores: Stores, item: ItemRecord, page: _Targets) -> None:
    """Timelines of lists lie beside home timelines, and are pushed to with them."""
    targets = [*await _targets_among(stores.users.follows, item, page.readers), *page.lists]
    if targets:
        await stores.timelines.home.push(targets, item.id)


async def _targets_among(follows: FollowStore, item: ItemRecord, readers: Sequence[UserId]) -> Sequence[UserId]:
    """Readers that the item is for: a reply is only for followers of the parent's author, and that author."""
    if not readers or not isinstance(item, TweetRecord) or item.reply_to_author is None:
        return readers
    following = await follows.followers_among(item.reply_to_author, readers)
    return [reader for reader in readers if reader in following or reader == item.reply_to_author]
