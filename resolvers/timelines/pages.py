"""Timeline pages: what is asked for, what is returned, and filling a page where rules hide items."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

import msgspec

from core.ids import TweetId
from datastore.records.items import ItemRecord, RetweetRecord
from datastore.timelines.changes import StreamPosition
from datastore.timelines.home import Direction
from datastore.timelines.rules import HydratedItem, Reason
from datastore.users.viewpoints import Viewpoint
from resolvers.pages import Edge, Page

P = TypeVar("P")
E = TypeVar("E")

# Rounds of MongoDB for one page, each of twice as many candidates: 20 and then 40 to 1,280.
_ROUNDS = 7


class TimelineState(StrEnum):
    """Source of a page: the list in Redis, or MongoDB while the list is rebuilt or Redis is away."""

    READY = "READY"
    REBUILDING = "REBUILDING"
    DEGRADED = "DEGRADED"


class TimelineItem(msgspec.Struct, frozen=True):
    """A hydrated item that rules let through, and why it is in the timeline."""

    shown: HydratedItem
    reason: Reason

    @property
    def item(self) -> ItemRecord:
        return self.shown.item


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


class Judged(NamedTuple):
    """Candidates next to a place, newest first, and the items that rules leave of them."""

    candidates: Sequence[ItemRecord]
    items: list[TimelineItem]


async def filled_page(
    order: PageOrder[int],
    read: Callable[[int | None, int], Awaitable[Judged]],
    begun: tuple[int, list[TimelineItem]] | None = None,
) -> Page[TimelineItem]:
    """Reads candidates beyond a place (`read(place, count)`) until the page is full, or _ROUNDS are over.

    `begun`: items found already, and the place below which `read` continues.
    """
    place, items = begun or (order.start, [])
    older = order.direction is Direction.OLDER
    for count in (order.first << step for step in range(_ROUNDS)):
        wanted = max(count, order.first + 1)
        candidates, fresh = await read(place, wanted)
        items = items + fresh if older else fresh + items
        if candidates:
            place = candidates[-1 if older else 0].id
        if len(items) > order.first or len(candidates) < wanted:
            return present(order, items, is_end=True)
    return present(order, items, is_end=False, reached=place)


def present(
    order: PageOrder[int], items: Sequence[TimelineItem], *, is_end: bool, reached: int | None = None
) -> Page[TimelineItem]:
    """Last step of a page: cuts the items to `first`, and says whether there is more.

    `is_end`: there is nothing beyond the items; otherwise the search stopped at `reached`.
    """
    has_more = len(items) > order.first or not is_end
    older = order.direction is Direction.OLDER
    kept = items[: order.first] if older else items[-order.first :]
    edges = tuple(Edge(_place(item), item) for item in kept)
    end = edges[-1].place if edges and (is_end or not older) else reached or order.start
    if older:
        return Page(edges, has_more, order.start is not None, end)
    return Page(edges, has_next=True, has_previous=has_more, end_place=end)


def shown_tweet_id(item: ItemRecord) -> TweetId:
    """The id of the tweet itself, also for a retweet."""
    return item.tweet_id if isinstance(item, RetweetRecord) else item.id


def _place(item: TimelineItem) -> int:
    return item.item.id
