"""Home timelines with advertisements: organic pages, with one advertisement after every AD_SPACING entries."""

import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import msgspec

from core.auth.tokens import ImpressionClaims, ImpressionTokens
from core.devices import DeviceKind
from core.ids import TweetId, UserId
from datastore.timelines.home import Direction
from datastore.timelines.rules import HydratedItem, TimelineItem, may_be_promoted_to
from resolvers.ads.selection import AdSelection, HydratedAd, hydrate_ads
from resolvers.auction.auction import AdCandidate, AdViewer, TargetingReason
from resolvers.auction.layout import AD_ABOVE, AD_BELOW, AdLayout, ad_capacity, place_ads
from resolvers.identity import Identity
from resolvers.pages import check_first
from resolvers.services import Services
from resolvers.timelines.home import HomeTimeline, home_timeline
from resolvers.timelines.pages import PageOrder, TimelinePage
from resolvers.timelines.ranking import Ranked
from resolvers.timelines.top import TopEdge, TopPlace, top_timeline

P = TypeVar("P")


class HomePlace(NamedTuple):
    """A place in the home timeline. `passed`: see auction.layout.PageEntry; None if advertisements are not counted."""

    item: int
    passed: int | None = None

    def start(self, direction: Direction) -> int:
        """The id beyond which organic items lie from here in this direction."""
        if self.passed == AD_BELOW and direction is Direction.NEWER:
            return self.item - 1
        if self.passed == AD_ABOVE and direction is Direction.OLDER:
            return self.item + 1
        return self.item


class RankedPlace(NamedTuple):
    """A place in the home timeline in TOP mode; `passed` as in HomePlace."""

    top: TopPlace
    passed: int | None = None


class Advertisement(NamedTuple):
    """An advertisement given to one viewer once, with its hydrated tweet, its impression token, and its reasons."""

    candidate: AdCandidate
    shown: HydratedItem
    token: str
    reasons: tuple[TargetingReason, ...]


class HomeEdge(msgspec.Struct, Generic[P], frozen=True):
    """`ranked` is set for organic entries in TOP mode only."""

    place: P
    node: TimelineItem | Advertisement
    ranked: Ranked | None = None


HomePage: TypeAlias = TimelinePage[HomeEdge[HomePlace], HomePlace]
RankedPage: TypeAlias = TimelinePage[HomeEdge[RankedPlace], RankedPlace]


async def home_page(
    services: Services, identity: Identity, order: PageOrder[HomePlace], device: DeviceKind
) -> HomePage:
    """A page in LATEST mode, newest first. Raises BadInputError unless `first` is 1 to 100."""
    check_first(order.first)
    start = None if order.start is None else order.start.start(order.direction)
    older = order.direction is Direction.OLDER
    with AdSelection(services, identity.user_id, device) as selection:
        organic = await home_timeline(services, identity, PageOrder(order.first, start, order.direction))
        layout = AdLayout(services.ad_spacing, order.first, order.start and order.start.passed)
        capacity = ad_capacity(len(organic.edges), order.first, layout, is_upward=not older)
        on_page = _tweet_ids(organic.edges) if selection.has_ads else ()
        chosen = await selection.choose(organic.view, capacity, on_page)
    ads = _issue_tokens(services.impression_tokens, identity.user_id, chosen)
    edges = _edges_with_ads(order, organic.edges, layout, ads) if selection.has_ads else _edges(organic.edges)
    left_out = len(edges) - len(ads) < len(organic.edges)
    return TimelinePage(
        edges,
        has_next=organic.has_next or (older and left_out),
        has_previous=organic.has_previous or (not older and left_out),
        end=_end(order, organic, edges, left_out=left_out),
        state=organic.state,
        head=organic.head,
        view=organic.view,
    )


async def top_page(
    services: Services, identity: Identity, order: PageOrder[RankedPlace], device: DeviceKind
) -> RankedPage:
    """A page in TOP mode, best first; `order.direction` is OLDER. Raises BadInputError unless `first` is 1 to 100."""
    check_first(order.first)
    with AdSelection(services, identity.user_id, device) as selection:
        organic = await top_timeline(services, identity, PageOrder(order.first, order.start and order.start.top))
        layout = AdLayout(services.ad_spacing, order.first, order.start and order.start.passed)
        capacity = ad_capacity(len(organic.edges), order.first, layout, is_upward=False)
        chosen = await selection.choose(organic.view, capacity, _tweet_ids(edge.item for edge in organic.edges))
    ads = _issue_tokens(services.impression_tokens, identity.user_id, chosen)
    edges = _ranked_with_ads(order, organic.edges, layout, ads) if selection.has_ads else _ranked(organic.edges)
    last = None if organic.end is None else RankedPlace(organic.end)
    return TimelinePage(
        tuple(edges),
        has_next=organic.has_next or len(edges) - len(ads) < len(organic.edges),
        has_previous=bool(edges) and edges[0].place.top.position > 0,
        end=edges[-1].place if edges else last,
        state=organic.state,
        head=organic.head,
        view=organic.view,
    )


async def advertisement_by_token(services: Services, identity: Identity | None, token: str) -> Advertisement | None:
    """The advertisement, for the viewer it was given to, while its token is valid and rules allow it."""
    claims = services.impression_tokens.check(token)
    if identity is None or claims is None or claims.viewer_id != identity.user_id:
        return None
    current = services.ad_inventory.current
    candidate = next((candidate for candidate in current if candidate.campaign.id == claims.campaign_id), None)
    view, began = await services.stores.users.viewpoints.get(identity.user_id), time.monotonic()
    if candidate is None or not may_be_promoted_to(view, candidate.tweet, candidate.author):
        return None
    known = await services.stores.ads.interests.get(identity.user_id, began)
    if candidate.tweet.id in known.unwanted:
        return None
    viewer = AdViewer(view, known.tags, {}, DeviceKind.API)
    (hydrated,) = await hydrate_ads(services.stores, viewer, [candidate], began)
    return Advertisement(candidate, hydrated.shown, token, hydrated.reasons)


def _tweet_ids(items: Iterable[TimelineItem]) -> set[TweetId]:
    return {item.shown.tweet.id for item in items if item.shown.tweet is not None}


def _issue_tokens(
    impression_tokens: ImpressionTokens, viewer_id: UserId, ads: Sequence[HydratedAd]
) -> list[Advertisement]:
    """Each with a single-use token."""
    issue = impression_tokens.issue
    return [Advertisement(ad.candidate, ad.shown, issue(_claims(ad.candidate, viewer_id)), ad.reasons) for ad in ads]


def _claims(candidate: AdCandidate, viewer_id: UserId) -> ImpressionClaims:
    return ImpressionClaims(candidate.campaign.id, viewer_id, secrets.randbits(62))


def _edges(organic: Iterable[TimelineItem]) -> tuple[HomeEdge[HomePlace], ...]:
    return tuple([_edge(item) for item in organic])


def _edge(item: TimelineItem) -> HomeEdge[HomePlace]:
    if item.derived is None:
        return HomeEdge(HomePlace(item.item.id), item)
    edge: HomeEdge[HomePlace] | None = item.derived.get(HomeEdge)
    if edge is None:
        edge = item.derived[HomeEdge] = HomeEdge(HomePlace(item.item.id), item)
    return edge


def _edges_with_ads(
    order: PageOrder[HomePlace],
    organic: Sequence[TimelineItem],
    layout: AdLayout,
    ads: Sequence[Advertisement],
) -> tuple[HomeEdge[HomePlace], ...]:
    above, remaining = order.start.item if order.start else 0, iter(ads)
    layout, is_upward = layout._replace(ads=len(ads)), order.direction is Direction.NEWER
    edges = [
        HomeEdge(
            HomePlace(above if beside is None else organic[beside].item.id, passed),
            next(remaining) if entry is None else organic[entry],
        )
        for entry, passed, beside in place_ads(len(organic), order.first, layout, is_upward=is_upward)
    ]
    return tuple(edges)


def _end(
    order: PageOrder[HomePlace], organic: HomeTimeline, edges: Sequence[HomeEdge[HomePlace]], *, left_out: bool
) -> HomePlace | None:
    last = edges[-1].place if edges else None
    if left_out or organic.end is None or (last is not None and last.item == organic.end):
        return last
    passed = last.passed if last else order.start and order.start.passed
    return HomePlace(organic.end, passed)


def _ranked(organic: Sequence[TopEdge]) -> list[HomeEdge[RankedPlace]]:
    return [HomeEdge(RankedPlace(edge.place), edge.item, edge.ranked) for edge in organic]


def _ranked_with_ads(
    order: PageOrder[RankedPlace], organic: Sequence[TopEdge], layout: AdLayout, ads: Sequence[Advertisement]
) -> list[HomeEdge[RankedPlace]]:
    above, remaining, edges = order.start and order.start.top, iter(ads), list[HomeEdge[RankedPlace]]()
    for entry, passed, _ in place_ads(len(organic), order.first, layout._replace(ads=len(ads)), is_upward=False):
        if entry is not None:
            edge = organic[entry]
            above = edge.place
            edges.append(HomeEdge(RankedPlace(above, passed), edge.item, edge.ranked))
        elif above is not None:
            edges.append(HomeEdge(RankedPlace(above, passed), next(remaining)))
    return edges
