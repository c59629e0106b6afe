"""Home timelines: skeleton of ids, hydrate, rules, page. The list in Redis first, MongoDB beyond it and without it."""

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

import msgspec
import structlog

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from datastore.cache.rows import settle
from datastore.hydration import hydrate, hydrate_found, hydrate_ids
from datastore.records.items import ItemRecord
from datastore.timelines.event_log import NO_PLACE, LogPlace
from datastore.timelines.home import Direction, Window, WindowState
from datastore.timelines.rules import Reason, Shown, home_reason
from datastore.users.viewpoints import Viewpoint
from resolvers.enqueue import order_rebuild
from resolvers.identity import Identity
from resolvers.pages import Edge, Page, check_first
from resolvers.services import Services

_SPARE = 10
# Rounds of MongoDB for one page, each of twice as many candidates: 20 and then 40 to 1,280.
_ROUNDS = 7
_log = structlog.get_logger()


class TimelineState(StrEnum):
    """From where a page was served: its list, or MongoDB while that is made or Redis is away."""

    READY = "READY"
    REBUILDING = "REBUILDING"
    DEGRADED = "DEGRADED"


class TimelineItem(msgspec.Struct, frozen=True):
    """An item with what it was judged by, and why it stands in the timeline."""

    shown: Shown
    reason: Reason

    @property
    def item(self) -> ItemRecord:
        return self.shown.item


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """`head` is the place in the event log up to which the page knows all, `view` what it was judged by."""

    page: Page[TimelineItem]
    state: TimelineState
    head: LogPlace
    view: Viewpoint


@dataclass(frozen=True, slots=True)
class PageOrder:
    """`start` is the place to go on from, itself left out; None for the newest items."""

    first: int
    start: int | None = None
    direction: Direction = Direction.OLDER


async def home_timeline(services: Services, identity: Identity, order: PageOrder) -> TimelinePage:
    """The viewer's home timeline. Raises BadInputError for a page that is too long."""
    check_first(order.first)
    return await read_home(services, identity, order)


async def read_home(services: Services, identity: Identity, order: PageOrder) -> TimelinePage:
    """However long. Where the list is not there, the page is served from MongoDB and the list ordered."""
    began, user_id = time.monotonic(), identity.user_id
    asked = _window(services, user_id, order, _opening_count(order))
    viewing = services.stores.users.viewpoints.look(user_id, began)
    await settle(viewing)
    view = viewing.found.get(user_id) or Viewpoint(user_id)
    try:
        opening = await asked
        if view.merged and not opening.is_joined:
            await _catch_up(services, view)
            opening = await _window(services, user_id, order, _opening_count(order))
        window, items = await _from_list(services, view, order, opening, began)
    except UnavailableError as error:
        _log.warning("home timeline served without Redis", error=repr(error))
        return TimelinePage(await _from_database(services, view, order), TimelineState.DEGRADED, NO_PLACE, view)
    if window.state in (WindowState.ABSENT, WindowState.BUILDING):
        await order_rebuild(services.stores, user_id)
        return TimelinePage(await _from_database(services, view, order), TimelineState.REBUILDING, window.head, view)
    page = await _beyond_list(services, view, order, window, items)
    return TimelinePage(page, TimelineState.READY, window.head, view)


async def ensure_list(services: Services, identity: Identity) -> None:
    """Has the list made where there is none: what is not in memory tells no changes."""
    with suppress(UnavailableError):
        if not await services.stores.timelines.home.is_present(identity.user_id):
            await order_rebuild(services.stores, identity.user_id)


async def stay_live(services: Services, user_ids: Sequence[UserId]) -> None:
    """Once in a while for those who watch without reading: keeps them in the audiences of whom they follow."""
    try:
        for view in await services.stores.users.viewpoints.get_many(user_ids):
            if view.merged and not await services.stores.timelines.audiences.is_joined(view.user_id):
                await _catch_up(services, view)
    except UnavailableError as error:
        _log.warning("audiences not joined", error=repr(error))


async def home_items(services: Services, user_id: UserId, item_ids: Sequence[int]) -> list[TimelineItem | None]:
    """Items as they stand in this person's home timeline now, in the order asked; None for one that does not."""
    view = await services.stores.users.viewpoints.get(user_id)
    found = await hydrate_ids(services.stores, view, [TweetId(item_id) for item_id in item_ids])
    judged = [(shown, shown and home_reason(view, shown)) for shown in found]
    return [TimelineItem(shown, reason) if shown and reason else None for shown, reason in judged]


async def _catch_up(services: Services, view: Viewpoint) -> None:
    """Brings in what those with too many followers posted while the viewer was away; from now on it is pushed."""
    audiences = services.stores.timelines.audiences
    await audiences.join(view.user_id, view.merged)
    ids = await services.stores.timelines.candidates.newest_merged(view, services.stores.timelines.home.length + 1)
    await services.stores.timelines.home.merge(view.user_id, ids)
    await audiences.mark_joined(view.user_id)


def _opening_count(order: PageOrder) -> int:
    """Of the first slice of the list: enough for the page as a rule."""
    return order.first + 1 + _SPARE


def _window(services: Services, user_id: UserId, order: PageOrder, count: int) -> Awaitable[Window]:
    return services.stores.timelines.home.range(user_id, count, start=order.start, direction=order.direction)


async def _from_list(
    services: Services, view: Viewpoint, order: PageOrder, opening: Window, since: float
) -> tuple[Window, list[TimelineItem]]:
    """The list's part of a page and one item more, of one moment: never pieced together from two."""
    enough = order.first + 1 if order.direction is Direction.OLDER else None
    items = await _judged(services, view, opening, since, enough)
    if len(items) > order.first or len(opening.ids) < _opening_count(order):
        return opening, items
    window = await _window(services, view.user_id, order, services.stores.timelines.home.length)
    return window, await _judged(services, view, window, since, enough)


async def _judged(
    services: Services, view: Viewpoint, window: Window, since: float, enough: int | None
) -> list[TimelineItem]:
    """The newest of the window, down to where there are `enough`."""
    found = await services.stores.tweets.items.get_many(window.ids, since)
    items = [item for item in found if item is not None]
    return list(islice(_belonging(view, await hydrate(services.stores, view, items, since)), enough))


async def _beyond_list(
    services: Services, view: Viewpoint, order: PageOrder, window: Window, items: list[TimelineItem]
) -> Page[TimelineItem]:
    if window.state is WindowState.COMPLETE:
        return _page(order, items, is_end=True)
    below = order.start is not None and order.start < window.floor
    if order.direction is Direction.NEWER:
        return await _from_database(services, view, order) if below else _page(order, items, is_end=True)
    if len(items) > order.first:
        return _page(order, items, is_end=True)
    return await _from_database(services, view, order, (window.floor, items) if not below else None)


async def _from_database(
    services: Services,
    view: Viewpoint,
    order: PageOrder,
    begun: tuple[int, list[TimelineItem]] | None = None,
) -> Page[TimelineItem]:
    """`begun`: the items found already, and the place below which MongoDB is to go on."""

    async def further(place: int | None, count: int) -> Sifted:
        found = await services.stores.timelines.candidates.range(view, count, start=place, direction=order.direction)
        return Sifted(found.items, list(_belonging(view, await hydrate_found(services.stores, view, found))))

    return await filled_page(order, further, begun)


class Sifted(NamedTuple):
    """Items next to a place, newest first, and what rules leave of them."""

    found: Sequence[ItemRecord]
    items: list[TimelineItem]


async def filled_page(
    order: PageOrder,
    further: Callable[[int | None, int], Awaitable[Sifted]],
    begun: tuple[int, list[TimelineItem]] | None = None,
) -> Page[TimelineItem]:
    """Asks for so many items beyond a place until what is left of them fills the page."""
    place, items = begun or (order.start, [])
    older = order.direction is Direction.OLDER
    for count in (order.first << step for step in range(_ROUNDS)):
        wanted = max(count, order.first + 1)
        found, fresh = await further(place, wanted)
        items = items + fresh if older else fresh + items
        if found:
            place = found[-1 if older else 0].id
        if len(items) > order.first or len(found) < wanted:
            return _page(order, items, is_end=True)
    return _page(order, items, is_end=False, reached=place)


def _belonging(view: Viewpoint, found: Iterable[Shown]) -> Iterator[TimelineItem]:
    for one in found:
        if (reason := home_reason(view, one)) is not None:
            yield TimelineItem(one, reason)


def _page(
    order: PageOrder, items: Sequence[TimelineItem], *, is_end: bool, reached: int | None = None
) -> Page[TimelineItem]:
    """`is_end`: there is nothing beyond the items; otherwise the search stopped at `reached`."""
    has_more = len(items) > order.first or not is_end
    older = order.direction is Direction.OLDER
    shown = items[: order.first] if older else items[-order.first :]
    edges = tuple(Edge(_place(item), item) for item in shown)
    end = edges[-1].place if edges and (is_end or not older) else reached or order.start
    if older:
        return Page(edges, has_more, order.start is not None, end)
    return Page(edges, has_next=True, has_previous=has_more, end_place=end)


def _place(item: TimelineItem) -> int:
    return item.item.id
