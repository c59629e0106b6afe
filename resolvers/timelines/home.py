"""Home timelines: skeleton (ids), hydrate (rows), apply rules, present.

Ids come from the list in Redis; below its end, and while it is missing or Redis is away, from MongoDB.
"""

import time
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TypeAlias

import structlog
from msgspec import structs

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.cache.pending_read import resolve_reads
from datastore.hydration import hydrate, hydrate_candidates, hydrate_ids, judged_items
from datastore.timelines.changes import NO_POSITION, StreamPosition
from datastore.timelines.home import Direction, Window, WindowState
from datastore.timelines.local_items import judge_home
from datastore.timelines.rules import HydratedItem, TimelineItem, home_reason
from datastore.timelines.stores import TimelineStores
from datastore.users.viewpoint_records import Viewpoint
from resolvers.enqueue import enqueue_rebuild
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.timelines.pages import ItemPage, Judged, PageOrder, TimelinePage, TimelineState, filled_page, window_page

_SPARE = 10
_log = structlog.get_logger()

HomeTimeline: TypeAlias = TimelinePage[TimelineItem, int]


async def home_timeline(services: Services, identity: Identity, order: PageOrder[int]) -> HomeTimeline:
    """A page of any length. If the list is missing, the page is read from MongoDB and a rebuild is enqueued.

    Skeleton and rules interleave: a slice of ids with some to spare is hydrated and judged; only where rules leave too
    few items, the whole list is, and then MongoDB is asked for what lies below it.
    """
    began, user_id = time.monotonic(), identity.user_id
    # Sent before the viewpoint is awaited, so that both take one round trip.
    reading = skeleton(services.stores.timelines, user_id, order, _opening_count(order))
    viewing = services.stores.users.viewpoints.begin_read(user_id, began)
    await resolve_reads(viewing)
    view = viewing.found.get(user_id) or Viewpoint(user_id)
    try:
        opening = await reading
        if view.fanout_on_read and not opening.is_joined:
            await _join_audiences(services, view)
            opening = await skeleton(services.stores.timelines, user_id, order, _opening_count(order))
        window, items = await _items_of_list(services, view, order, opening, began)
    except UnavailableError as error:
        _log.warning("home timeline served without Redis", error=repr(error))
        page = await _page_of_database(services, view, order)
        return _timeline(page, TimelineState.DEGRADED, NO_POSITION, view)
    if window.state in (WindowState.ABSENT, WindowState.BUILDING):
        await enqueue_rebuild(services.stores, user_id)
        page = await _page_of_database(services, view, order)
        return _timeline(page, TimelineState.REBUILDING, window.head, view)
    page = await _page_of_list(services, view, order, window, items)
    return _timeline(page, TimelineState.READY, window.head, view)


def skeleton(timelines: TimelineStores, user_id: UserId, order: PageOrder[int], count: int) -> Awaitable[Window]:
    """First step: up to `count` ids of the list in Redis. Sent at once, awaited when needed."""
    return timelines.home.range(user_id, count, start=order.start, direction=order.direction)


def apply_rules(view: Viewpoint, hydrated: Iterable[HydratedItem]) -> Iterator[TimelineItem]:
    """Third step, after hydration: the items that belong in the viewer's home timeline, in the order given."""
    for shown in hydrated:
        if (reason := home_reason(view, shown)) is not None:
            yield TimelineItem(shown, reason)


async def home_items(services: Services, user_id: UserId, item_ids: Sequence[int]) -> list[TimelineItem | None]:
    """Items as they are in this user's home timeline now, in the order given; None for one that is not in it."""
    view = await services.stores.users.viewpoints.get(user_id)
    found = await hydrate_ids(services.stores, view, [TweetId(item_id) for item_id in item_ids])
    judged = [(shown, shown and home_reason(view, shown)) for shown in found]
    return [TimelineItem(shown, reason) if shown and reason else None for shown, reason in judged]


async def ensure_list(services: Services, identity: Identity) -> None:
    """Enqueues a rebuild if the list is missing: only changes of a list in Redis become live events."""
    with suppress(UnavailableError):
        if not await services.stores.timelines.home.exists(identity.user_id):
            await enqueue_rebuild(services.stores, identity.user_id)


async def stay_live(services: Services, user_ids: Sequence[UserId]) -> None:
    """Call at intervals for subscribers who do not read pages: keeps them in the audiences of those they follow."""
    try:
        for view in await services.stores.users.viewpoints.get_many(user_ids):
            if view.fanout_on_read and not await services.stores.timelines.live_followers.is_joined(view.user_id):
                await _join_audiences(services, view)
    except UnavailableError as error:
        _log.warning("audiences not joined", error=repr(error))


async def _join_audiences(services: Services, view: Viewpoint) -> None:
    """Merges what fan-out-on-read authors posted while the viewer was away; from then on it is pushed to the list."""
    audiences = services.stores.timelines.live_followers
    await audiences.join(view.user_id, view.fanout_on_read)
    follows = await services.stores.users.viewpoints.current_follows(view.user_id)
    ids = await services.stores.timelines.candidates.newest_fanout_on_read(
        structs.replace(follows, fanout_on_read=view.fanout_on_read), services.stores.timelines.home.length + 1
    )
    await services.stores.timelines.home.merge(view.user_id, ids)
    await audiences.mark_joined(view.user_id)


def _opening_count(order: PageOrder[int]) -> int:
    """Length of the first slice of the list: usually enough to fill the page."""
    return order.first + 1 + _SPARE


async def _items_of_list(
    services: Services, view: Viewpoint, order: PageOrder[int], opening: Window, since: float
) -> tuple[Window, list[TimelineItem]]:
    """The list's part of a page plus one item, all of one window: two windows may be of different moments."""
    enough = order.first + 1 if order.direction is Direction.OLDER else None
    items = await _visible_items(services, view, opening, since, enough)
    if len(items) > order.first or len(opening.ids) < _opening_count(order):
        return opening, items
    window = await skeleton(services.stores.timelines, view.user_id, order, services.stores.timelines.home.length)
    return window, await _visible_items(services, view, window, since, enough)


async def _visible_items(
    services: Services, view: Viewpoint, window: Window, since: float, enough: int | None
) -> list[TimelineItem]:
    """Second and third step: the newest visible items of the window, at most `enough`."""
    local = await judged_items(services.stores, view, window.ids, since, judge_home, enough)
    if local is not None:
        return local
    rows = await services.stores.tweets.items.get_many(window.ids, since)
    hydrated = await hydrate(services.stores, view, [row for row in rows if row is not None], since)
    return list(islice(apply_rules(view, hydrated), enough))


async def _page_of_list(
    services: Services, view: Viewpoint, order: PageOrder[int], window: Window, items: list[TimelineItem]
) -> ItemPage:
    """The page if the list suffices for it, continued in MongoDB otherwise."""
    found = window_page(order, window, items)
    return found if isinstance(found, ItemPage) else await _page_of_database(services, view, order, found)


async def _page_of_database(
    services: Services,
    view: Viewpoint,
    order: PageOrder[int],
    begun: tuple[int, list[TimelineItem]] | None = None,
) -> ItemPage:
    """The same steps with MongoDB's candidates as skeleton. `begun` as for `filled_page`."""

    async def read(place: int | None, count: int) -> Judged:
        found = await services.stores.timelines.candidates.range(view, count, start=place, direction=order.direction)
        hydrated = await hydrate_candidates(services.stores.tweets, view, found)
        return Judged([item.id for item in found.items], list(apply_rules(view, hydrated)))

    return await filled_page(order, read, begun)


def _timeline(page: ItemPage, state: TimelineState, head: StreamPosition, view: Viewpoint) -> HomeTimeline:
    return TimelinePage(page.items, page.has_next, page.has_previous, page.end_place, state, head, view)
