"""Home timelines with advertisements: organic pages as they are, and after AD_SPACING entries each one that is paid."""

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from core.auth.tokens import ImpressionClaims
from core.devices import DeviceKind
from core.ids import TweetId, UserId
from datastore.timelines.event_log import LogPlace
from datastore.timelines.home import Direction
from datastore.timelines.rules import Shown, may_be_promoted_to
from resolvers.ads.selection import Offering, ShownOffer, shown_offers
from resolvers.auction.auction import Offer
from resolvers.auction.layout import AD_ABOVE, AD_BELOW, Grid, laid, room
from resolvers.identity import Identity
from resolvers.pages import Page, check_first
from resolvers.services import Services
from resolvers.timelines.home import PageOrder, TimelineItem, TimelineState, home_timeline
from resolvers.timelines.ranking import Ranked
from resolvers.timelines.top import TopEdge, TopPlace, top_timeline


class HomePlace(NamedTuple):
    """A place in the home timeline. `passed`: see slots.Slot; None where advertisements are not counted."""

    item: int
    passed: int | None = None

    def start(self, direction: Direction) -> int:
        """The id beyond which organic items lie from here in this direction."""
        if self.passed == AD_BELOW and direction is Direction.NEWER:
            return self.item - 1
        if self.passed == AD_ABOVE and direction is Direction.OLDER:
            return self.item + 1
        return self.item


class Promotion(NamedTuple):
    """An advertisement as it was given to one person, once, with all that is shown of its tweet."""

    offer: Offer
    shown: Shown
    token: str


class HomeEdge(msgspec.Struct, frozen=True):
    place: HomePlace
    node: TimelineItem | Promotion


@dataclass(frozen=True, slots=True)
class HomePage:
    """`end` is where the next page begins, None for an empty timeline."""

    edges: tuple[HomeEdge, ...]
    has_next: bool
    has_previous: bool
    end: HomePlace | None
    state: TimelineState
    head: LogPlace


@dataclass(frozen=True, slots=True)
class HomeOrder:
    """`place` is where to go on from; None for the newest items."""

    first: int
    place: HomePlace | None = None
    direction: Direction = Direction.OLDER
    device: DeviceKind = DeviceKind.API


class RankedPlace(NamedTuple):
    """A place in the home timeline in TOP mode; `passed` as of HomePlace."""

    top: TopPlace
    passed: int | None = None


@dataclass(frozen=True, slots=True)
class RankedEdge:
    """`ranked` is None for an advertisement."""

    place: RankedPlace
    node: TimelineItem | Promotion
    ranked: Ranked | None


@dataclass(frozen=True, slots=True)
class RankedPage:
    """`end` is where the next page begins, None for an empty timeline."""

    edges: tuple[RankedEdge, ...]
    has_next: bool
    end: RankedPlace | None
    state: TimelineState
    head: LogPlace


async def home_page(services: Services, identity: Identity, order: HomeOrder) -> HomePage:
    """Raises BadInputError for a page that is too long."""
    check_first(order.first)
    start = None if order.place is None else order.place.start(order.direction)
    with Offering(services, identity.user_id, order.device) as offering:
        timeline = await home_timeline(services, identity, PageOrder(order.first, start, order.direction))
        page, grid = timeline.page, Grid(services.ad_spacing, order.first, order.place and order.place.passed)
        wanted = room(len(page.edges), order.first, grid, is_upward=order.direction is Direction.NEWER)
        offers = await offering.offers(timeline.view, wanted, _tweets_of(edge.node for edge in page.edges))
    promoted = _promoted(services, identity.user_id, offers)
    edges = _edges(order, page, grid, promoted) if offering.is_open else _organic(page)
    left_out = len(edges) - len(promoted) < len(page.edges)
    older = order.direction is Direction.OLDER
    return HomePage(
        edges,
        has_next=page.has_next or (older and left_out),
        has_previous=page.has_previous or (not older and left_out),
        end=_end(order, page, edges, left_out=left_out),
        state=timeline.state,
        head=timeline.head,
    )


async def top_page(
    services: Services, identity: Identity, first: int, after: RankedPlace | None, device: DeviceKind
) -> RankedPage:
    """The same in TOP mode. Raises BadInputError for a page that is too long."""
    check_first(first)
    with Offering(services, identity.user_id, device) as offering:
        top = await top_timeline(services, identity, first, after and after.top)
        grid = Grid(services.ad_spacing, first, after and after.passed)
        wanted = room(len(top.edges), first, grid, is_upward=False)
        offers = await offering.offers(top.view, wanted, _tweets_of(edge.item for edge in top.edges))
    promoted = _promoted(services, identity.user_id, offers)
    edges = _ranked_edges(first, after, top.edges, grid, promoted) if offering.is_open else _organic_ranked(top.edges)
    left_out = len(edges) - len(promoted) < len(top.edges)
    last = None if top.end is None else RankedPlace(top.end)
    end = edges[-1].place if edges else last
    return RankedPage(tuple(edges), top.has_next or left_out, end, top.state, top.head)


async def promotion_of(services: Services, identity: Identity | None, token: str) -> Promotion | None:
    """An advertisement again, for whom it was given to, as long as its token serves and it may be shown to them."""
    claims = services.impression_tokens.check(token)
    if identity is None or claims is None or claims.viewer_id != identity.user_id:
        return None
    offer = next((offer for offer in services.offers.current if offer.campaign.id == claims.campaign_id), None)
    view = await services.stores.users.viewpoints.get(identity.user_id)
    if offer is None or not may_be_promoted_to(view, offer.tweet, offer.author):
        return None
    (offered,) = await shown_offers(services, identity.user_id, [offer], time.monotonic())
    return Promotion(offer, offered.shown, token)


def _tweets_of(items: Iterable[TimelineItem]) -> set[TweetId]:
    return {item.shown.tweet.id for item in items if item.shown.tweet is not None}


def _promoted(services: Services, viewer_id: UserId, offers: Sequence[ShownOffer]) -> list[Promotion]:
    """Each with a token that serves once."""
    issue = services.impression_tokens.issue
    return [
        Promotion(offer, shown, issue(ImpressionClaims(offer.campaign.id, viewer_id, secrets.randbits(62))))
        for offer, shown in offers
    ]


def _organic(page: Page[TimelineItem]) -> tuple[HomeEdge, ...]:
    return tuple([HomeEdge(HomePlace(edge.place), edge.node) for edge in page.edges])


def _edges(
    order: HomeOrder, page: Page[TimelineItem], grid: Grid, promoted: Sequence[Promotion]
) -> tuple[HomeEdge, ...]:
    organic, above, promotions = page.edges, order.place.item if order.place else 0, iter(promoted)
    grid, is_upward = grid._replace(ads=len(promoted)), order.direction is Direction.NEWER
    edges = [
        HomeEdge(
            HomePlace(above if beside is None else organic[beside].place, passed),
            next(promotions) if entry is None else organic[entry].node,
        )
        for entry, passed, beside in laid(len(organic), order.first, grid, is_upward=is_upward)
    ]
    return tuple(edges)


def _organic_ranked(organic: Sequence[TopEdge]) -> list[RankedEdge]:
    return [RankedEdge(RankedPlace(edge.place), edge.item, edge.ranked) for edge in organic]


def _ranked_edges(
    first: int, after: RankedPlace | None, organic: Sequence[TopEdge], grid: Grid, promoted: Sequence[Promotion]
) -> list[RankedEdge]:
    above, promotions, edges = after and after.top, iter(promoted), list[RankedEdge]()
    for entry, passed, _ in laid(len(organic), first, grid._replace(ads=len(promoted)), is_upward=False):
        if entry is not None:
            edge = organic[entry]
            above = edge.place
            edges.append(RankedEdge(RankedPlace(above, passed), edge.item, edge.ranked))
        elif above is not None:
            edges.append(RankedEdge(RankedPlace(above, passed), next(promotions), None))
    return edges


def _end(order: HomeOrder, page: Page[TimelineItem], edges: Sequence[HomeEdge], *, left_out: bool) -> HomePlace | None:
    last = edges[-1].place if edges else None
    if left_out or page.end_place is None or (last is not None and last.item == page.end_place):
        return last
    passed = last.passed if last else order.place and order.place.passed
    return HomePlace(page.end_place, passed)
