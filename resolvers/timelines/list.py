"""Timelines of lists: as home timelines, with the members in the place of the followees, shared by all viewers.

Ids come from the list's timeline in Redis, which is there while somebody reads it; below its end, and while it is
missing or Redis is away, from MongoDB. Rules run for each viewer.
"""

from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from itertools import pairwise
from typing import TypeAlias

import msgspec
import structlog

from core.errors import UnavailableError
from core.ids import ListId, TweetId, UserId
from datastore.graph.lists import ListRecord
from datastore.hydration import hydrate, hydrate_candidates, hydrate_ids, judged_items
from datastore.stores import Stores
from datastore.timelines.candidates import Circle
from datastore.timelines.changes import NO_POSITION
from datastore.timelines.home import Direction, Window, WindowState
from datastore.timelines.list_rules import list_reason
from datastore.timelines.local_items import LocalItem
from datastore.timelines.rules import HydratedItem, Reason, TimelineItem, is_muted
from datastore.timelines.stores import TimelineStores
from datastore.tweets.stores import TweetStores
from datastore.users.viewpoint_records import Viewpoint
from resolvers.enqueue import enqueue_list_build
from resolvers.identity import Identity
from resolvers.pages import check_first
from resolvers.services import Services
from resolvers.timelines.pages import ItemPage, Judged, PageOrder, TimelinePage, TimelineState, filled_page, window_page
from resolvers.viewpoints import viewpoint_since

_SPARE = 10
_log = structlog.get_logger()
ListTimeline: TypeAlias = TimelinePage[TimelineItem, int]


async def list_timeline(
    services: Services, identity: Identity | None, record: ListRecord, order: PageOrder[int], since: float
) -> ListTimeline:
    """A page of any length of a list that the viewer may see. A missing timeline is built, and read from MongoDB.

    Rows are as of `since` (monotonic seconds) or later.
    """
    check_first(order.first)
    # Sent before the viewpoint is awaited, so that both take one round trip.
    reading = _window(services.stores.timelines, record, order, order.first + 1 + _SPARE)
    view = await viewpoint_since(services.stores.users, identity, since)
    try:
        window = await reading
        if window.state in (WindowState.ABSENT, WindowState.BUILDING) or not window.is_joined:
            await enqueue_list_build(services.stores, record.id)
        if window.state in (WindowState.ABSENT, WindowState.BUILDING):
            page = await _page_of_database(services, view, record, order)
            return _timeline(page, TimelineState.REBUILDING, window, view)
        page = await _page_of_window(services, view, record, order, window, since)
    except UnavailableError as error:
        _log.warning("list served without Redis", error=repr(error))
        page = await _page_of_database(services, view, record, order)
        return TimelinePage(
            page.items, page.has_next, page.has_previous, page.end_place, TimelineState.DEGRADED, NO_POSITION, view
        )
    return _timeline(page, TimelineState.READY, window, view)


async def list_items(
    stores: Stores, view: Viewpoint, record: ListRecord, item_ids: Sequence[int]
) -> list[TimelineItem | None]:
    """Items as they are in the list for the viewer, in the order given; None for one that is not in it."""
    ids = [TweetId(item_id) for item_id in item_ids]
    found = await hydrate_ids(stores, view, ids, circle=record.members)
    return [None if shown is None else _judged(view, record, shown) for shown in found]


async def edit_changes_muting(tweets: TweetStores, view: Viewpoint, tweet_id: TweetId, edit_id: int) -> bool:
    """Whether the viewer mutes a tweet since an edit of it, or mutes it no more."""
    if not view.muted_words:
        return False
    versions = (await tweets.edits.versions([tweet_id])).get(tweet_id, [])
    for before, after in pairwise(versions):
        if after.edit_id == edit_id:
            return is_muted(view, before) is not is_muted(view, after)
    return False


async def stay_in_memory(services: Services, list_ids: Sequence[UserId]) -> None:
    """Call at intervals for lists that are followed live: their timelines stay, are built, and are pushed to."""
    with suppress(UnavailableError):
        for record in await services.stores.users.lists.get_many([ListId(list_id) for list_id in list_ids]):
            if record is not None:
                await ensure_timeline(services, record)


async def ensure_timeline(services: Services, record: ListRecord) -> None:
    """Enqueues a build where the timeline is missing: only changes of a timeline in Redis become live events."""
    with suppress(UnavailableError):
        window = await services.stores.timelines.lists.range(UserId(record.id), 1)
        if window.state is WindowState.ABSENT or not window.is_joined:
            await enqueue_list_build(services.stores, record.id)


def outlook(view: Viewpoint, record: ListRecord) -> int:
    """A number that changes with all of the viewpoint that decides what the list shows; up to 2^62."""
    parts: list[object] = [sorted(view.followees & record.members)]
    parts += [sorted(some) for some in (view.blocked, view.blockers, view.muted)]
    digest = blake2b(msgspec.msgpack.encode([*parts, view.muted_words]), digest_size=8).digest()
    return int.from_bytes(digest) >> 2


def _window(timelines: TimelineStores, record: ListRecord, order: PageOrder[int], count: int) -> Awaitable[Window]:
    """Sent at once, awaited when needed. The list's id stands in the place of a reader's."""
    reader = UserId(record.id)
    return timelines.lists.range(reader, count, start=order.start, direction=order.direction)


async def _page_of_window(
    services: Services, view: Viewpoint, record: ListRecord, order: PageOrder[int], window: Window, since: float
) -> ItemPage:
    """The window is read whole where rules leave too few of its newest items."""
    enough = order.first + 1 if order.direction is Direction.OLDER else None
    items = await _visible(services, view, record, window, since, enough)
    if len(items) <= order.first and len(window.ids) == order.first + 1 + _SPARE:
        window = await _window(services.stores.timelines, record, order, services.stores.timelines.lists.length)
        items = await _visible(services, view, record, window, since, enough)
    found = window_page(order, window, items)
    if isinstance(found, ItemPage):
        return found
    return await _page_of_database(services, view, record, order, found)


async def _visible(
    services: Services, view: Viewpoint, record: ListRecord, window: Window, since: float, enough: int | None
) -> list[TimelineItem]:
    """The newest visible items of the window, at most `enough`."""

    def judge(view: Viewpoint, item: LocalItem) -> Reason | None:
        return list_reason(view, record, item.hydrated)

    local = await judged_items(services.stores, view, window.ids, since, judge, enough)
    if local is not None:
        return local
    rows = await services.stores.tweets.items.get_many(window.ids, since)
    items = [row for row in rows if row is not None]
    hydrated = await hydrate(services.stores, view, items, since, circle=record.members)
    return _all_judged(view, record, hydrated)[:enough]


async def _page_of_database(
    services: Services,
    view: Viewpoint,
    record: ListRecord,
    order: PageOrder[int],
    begun: tuple[int, list[TimelineItem]] | None = None,
) -> ItemPage:
    circle = Circle(record.members)

    async def read(place: int | None, count: int) -> Judged:
        if not record.members:
            return Judged([], [])
        found = await services.stores.timelines.candidates.range(circle, count, start=place, direction=order.direction)
        hydrated = await hydrate_candidates(services.stores.tweets, view, found, circle=record.members)
        return Judged([item.id for item in found.items], _all_judged(view, record, hydrated))

    return await filled_page(order, read, begun)


def _all_judged(view: Viewpoint, record: ListRecord, hydrated: Iterable[HydratedItem]) -> list[TimelineItem]:
    return [item for shown in hydrated if (item := _judged(view, record, shown)) is not None]


def _judged(view: Viewpoint, record: ListRecord, shown: HydratedItem) -> TimelineItem | None:
    reason = list_reason(view, record, shown)
    return None if reason is None else TimelineItem(shown, reason)


def _timeline(page: ItemPage, state: TimelineState, window: Window, view: Viewpoint) -> ListTimeline:
    return TimelinePage(page.items, page.has_next, page.has_previous, page.end_place, state, window.head, view)
