"""Timeline pages: what is asked for, what is returned, and filling a page where rules hide items."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from core.ids import TweetId
from datastore.records.items import ItemRecord, RetweetRecord
from datastore.timelines.changes import StreamPosition
from datastore.timelines.home import Direction, Window, WindowState
from datastore.timelines.rules import TimelineItem
from datastore.users.viewpoint_records import Viewpoint

P = TypeVar("P")
E = TypeVar("E")

# Rounds of MongoDB for one page, each of twice as many candidates: 20 and then 40 to 1,280.
_ROUNDS = 7


class TimelineState(StrEnum):
    """Source of a page: the list in Redis, or MongoDB while the list is rebuilt or Redis is away."""

    READY = "READY"
    REBUILDING = "REBUILDING"
    DEGRADED = "DEGRADED"


@dataclass(frozen=True, slots=True)
class PageOrder(Generic[P]):
    """`first` entries beyond the place `start`, which is excluded; None starts at the newest entry."""

    first: int
    start: P | None = None
    direction: Direction = Direction.OLDER


@dataclass(frozen=True, slots=True)
class TimelinePage(Generic[E, P]):
    """`end` is where the next page begins, None for an empty timeline.

    `head`: position in the event log up to which the page includes all changes; `view`: what its rules ran with.
    """

    edges: tuple[E, ...]
    has_next: bool
    has_previous: bool
    end: P | None
    state: TimelineState
    head: StreamPosition
    view: Viewpoint


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of items, newest first; an item's place is its id. `end_place` as in `resolvers.pages.Page`."""

    items: tuple[TimelineItem, ...]
    has_next: bool
    has_previous: bool = False
    end_place: int | None = None


class Judged(NamedTuple):
    """Ids of candidates next to a place, newest first, and the items that rules leave of them."""

    ids: Sequence[int]
    items: list[TimelineItem]


async def filled_page(
    order: PageOrder[int],
    read: Callable[[int | None, int], Awaitable[Judged]],
    begun: tuple[int, list[TimelineItem]] | None = None,
) -> ItemPage:
    """Reads candidates beyond a place (`read(place, count)`) until the page is full, or _ROUNDS are over.

    `begun`: items found already, and the place below which `read` continues.
    """
    place, items = begun or (order.start, [])
    older = order.direction is Direction.OLDER
    for count in (order.first << step for step in range(_ROUNDS)):
        wanted = max(count, order.first + 1)
        ids, fresh = await read(place, wanted)
        items = items + fresh if older else fresh + items
        if ids:
            place = ids[-1 if older else 0]
        if len(items) > order.first or len(ids) < wanted:
            return present(order, items, is_end=True)
    return present(order, items, is_end=False, reached=place)


def present(
    order: PageOrder[int], items: Sequence[TimelineItem], *, is_end: bool, reached: int | None = None
) -> ItemPage:
    """Last step of a page: cuts the items to `first`, and says whether there is more.

    `is_end`: there is nothing beyond the items; otherwise the search stopped at `reached`.
    """
    has_more = len(items) > order.first or not is_end
    older = order.direction is Direction.OLDER
    kept = tuple(items[: order.first] if older else items[-order.first :])
    end = kept[-1].item.id if kept and (is_end or not older) else reached or order.start
    if older:
        return ItemPage(kept, has_more, order.start is not None, end)
    return ItemPage(kept, has_next=True, has_previous=has_more, end_place=end)


def window_page(
    order: PageOrder[int], window: Window, items: list[TimelineItem]
) -> ItemPage | tuple[int, list[TimelineItem]] | None:
    """The page if the list in Redis suffices for it. Else MongoDB continues below the window with its items, or alone.

    `items` are those of the window that rules let through, all of it or more than the page has.
    """
    below = order.start is not None and order.start < window.floor
    if window.state is WindowState.COMPLETE or (order.direction is Direction.NEWER and not below):
        return present(order, items, is_end=True)
    if order.direction is Direction.OLDER and len(items) > order.first:
        return present(order, items, is_end=True)
    return None if below or order.direction is Direction.NEWER else (window.floor, items)


def shown_tweet_id(item: ItemRecord) -> TweetId:
    """The id of the tweet itself, also for a retweet."""
    return item.tweet_id if isinstance(item, RetweetRecord) else item.id
