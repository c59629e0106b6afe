"""Home timelines with advertisements: organic pages as they are, and after AD_SPACING entries each one that is paid."""

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from core.devices import DeviceKind
from core.ids import UserId
from core.tokens import ImpressionClaims
from datastore.items import TweetCounts
from datastore.marks import Mark
from datastore.rules import may_be_promoted_to
from datastore.timelines import Direction, LogPlace
from resolvers.advertisements import Offer
from resolvers.offering import Offering, ShownOffer, shown_offers
from resolvers.pages import Page, check_first
from resolvers.ranking import Ranked
from resolvers.services import Services
from resolvers.sessions import Identity
from resolvers.slots import AD_ABOVE, AD_BELOW, Grid, Slot, downward, upward
from resolvers.timelines import PageOrder, TimelineItem, TimelineState, home_timeline
from resolvers.toptimelines import TopEdge, TopPlace, top_timeline


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
    """An advertisement as it was given to one person, once; its tweet's counts and what they did with it."""

    offer: Offer
    token: str
    counts: TweetCounts
    mark: Mark


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
    offering = Offering(services, identity.user_id, order.device)
    timeline = await home_timeline(services, identity, PageOrder(order.first, start, order.direction))
    page = timeline.page
    offers = await offering.offers(timeline.view, order.first, [edge.node.item for edge in page.edges])
    edges = _edges(services, identity.user_id, order, page, offers)
    left_out = sum(isinstance(edge.node, TimelineItem) for edge in edges) < len(page.edges)
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
    offering = Offering(services, identity.user_id, device)
    top = await top_timeline(services, identity, first, after and after.top)
    offers = await offering.offers(top.view, first, [edge.item.item for edge in top.edges])
    if not offers:
        edges = [RankedEdge(RankedPlace(edge.place), edge.item, edge.ranked) for edge in top.edges]
    else:
        edges = _ranked_edges(services, identity, first, after, top.edges, offers)
    left_out = sum(edge.ranked is not None for edge in edges) < len(top.edges)
    last = None if top.end is None else RankedPlace(top.end)
    end = edges[-1].place if edges else last
    return RankedPage(tuple(edges), top.has_next or left_out, end, top.state, top.head)


async def promotion_of(services: Services, identity: Identity | None, token: str) -> Promotion | None:
    """An advertisement again, for whom it was given to, as long as its token serves and it may be shown to them."""
    claims = services.impression_tokens.check(token)
    if identity is None or claims is None or claims.viewer_id != identity.user_id:
        return None
    offer = next((offer for offer in services.offers.current if offer.campaign.id == claims.campaign_id), None)
    view = await services.stores.viewpoints.get(identity.user_id)
    if offer is None or not may_be_promoted_to(view, offer.tweet, offer.author):
        return None
    (offered,) = await shown_offers(services, identity.user_id, [offer], time.monotonic())
    return Promotion(offer, token, offered.counts, offered.mark)


def _promoted(services: Services, viewer_id: UserId, offers: Sequence[ShownOffer]) -> Iterator[Promotion]:
    """Each with a token that serves once."""
    for offer, counts, mark in offers:
        claims = ImpressionClaims(offer.campaign.id, viewer_id, secrets.randbits(62))
        yield Promotion(offer, services.impression_tokens.issue(claims), counts, mark)


def _edges(
    services: Services, viewer_id: UserId, order: HomeOrder, page: Page[TimelineItem], offers: Sequence[ShownOffer]
) -> tuple[HomeEdge, ...]:
    if not offers:
        return tuple(HomeEdge(HomePlace(edge.place), edge.node) for edge in page.edges)
    grid = Grid(services.ad_spacing, len(offers), order.place and order.place.passed)
    lay = downward if order.direction is Direction.OLDER else upward
    slots, promotions = lay(len(page.edges), order.first, grid), _promoted(services, viewer_id, offers)
    return tuple(
        HomeEdge(
            _place(order, page, slots, at), next(promotions) if slot.organic is None else page.edges[slot.organic].node
        )
        for at, slot in enumerate(slots)
    )


def _place(order: HomeOrder, page: Page[TimelineItem], slots: Sequence[Slot], at: int) -> HomePlace:
    """An advertisement is known by the organic item that it was laid after."""
    slot = slots[at]
    if slot.organic is None:
        at += -1 if slot.passed == AD_BELOW else 1
    beside = slots[at].organic if 0 <= at < len(slots) else None
    if beside is not None:
        return HomePlace(page.edges[beside].place, slot.passed)
    return HomePlace(order.place.item if order.place else 0, slot.passed)


def _ranked_edges(
    services: Services,
    identity: Identity,
    first: int,
    after: RankedPlace | None,
    organic: Sequence[TopEdge],
    offers: Sequence[ShownOffer],
) -> list[RankedEdge]:
    slots = downward(len(organic), first, Grid(services.ad_spacing, len(offers), after and after.passed))
    promotions, edges = _promoted(services, identity.user_id, offers), list[RankedEdge]()
    above = after and after.top
    for slot in slots:
        if slot.organic is not None:
            edge = organic[slot.organic]
            above = edge.place
            edges.append(RankedEdge(RankedPlace(above, slot.passed), edge.item, edge.ranked))
        elif above is not None:
            edges.append(RankedEdge(RankedPlace(above, slot.passed), next(promotions), None))
    return edges


def _end(order: HomeOrder, page: Page[TimelineItem], edges: Sequence[HomeEdge], *, left_out: bool) -> HomePlace | None:
    last = edges[-1].place if edges else None
    if left_out or page.end_place is None or (last is not None and last.item == page.end_place):
        return last
    passed = last.passed if last else order.place and order.place.passed
    return HomePlace(page.end_place, passed)
