"""Timelines as pages: connections of timeline items, and homeTimeline."""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated

import strawberry

from core.errors import BadCursorError, BadInputError
from datastore.timelines.event_log import LogPlace
from datastore.timelines.home import Direction
from datastore.timelines.rules import Reason
from engine import Internable
from resolvers.pages import Edge, Page
from resolvers.timelines.home_with_ads import (
    Advertisement,
    HomeEdge,
    HomePage,
    HomePlace,
    RankedPage,
    RankedPlace,
    home_page,
    top_page,
)
from resolvers.timelines.pages import PageOrder, TimelineState
from resolvers.timelines.pages import TimelineItem as ItemInTimeline
from resolvers.timelines.ranking import Ranked
from resolvers.timelines.top import TopPlace
from resolvers.timelines.user import tweets_at_offset
from schema.request.context import Info
from schema.types import users
from schema.types.items import TimelineItem, present_timeline_node
from schema.types.tweets import Tweet, present_tweet
from schema.values.connections import After, First, PageInfo, page_info, write_cursor
from schema.values.devices import FromDevice, count_device
from schema.values.interned import intern_object

HOME, TOP = "Query.homeTimeline", "Query.homeTimeline(TOP)"
EVENTS = "Subscription.homeTimelineEvents"
UNSEEN_IN_CURSOR = 16
"""Items of which a reader was not told, at most: what is deleted before it is told is few, and cursors stay short."""


@strawberry.enum(description="Order of the home timeline.")
class TimelineMode(Enum):
    LATEST = strawberry.enum_value("LATEST", description="Newest first.")
    TOP = strawberry.enum_value("TOP", description="Of the newest 500 items, those first that most engage with.")


@strawberry.type(description="One part of a score.")
class RankingTerm:
    name: str = strawberry.field(description="What it measures.")
    value: float = strawberry.field(description="How much of it the item has.")
    weight: float = strawberry.field(description="How much that counts.")


@strawberry.type(description="Why an item stands where it stands: score is the sum of value x weight over the terms.")
class RankingExplanation:
    score: float = strawberry.field(description="By which items are ordered, highest first.")
    terms: list[RankingTerm] = strawberry.field(description="The parts of the score.")


@strawberry.type(description="One entry of a timeline.")
class TimelineEdge(Internable):
    cursor: str = strawberry.field(description="Its place; it serves also after the item is gone, and never expires.")
    node: TimelineItem = strawberry.field(description="What stands there.")
    reason: Reason = strawberry.field(description="Why it stands there.")
    ranking: RankingExplanation | None = strawberry.field(
        default=None, description="Why it stands where it stands; only in TOP mode."
    )


@strawberry.type(description="A page of a timeline.")
class TimelineConnection:
    edges: list[TimelineEdge] = strawberry.field(description="The entries of this page, newest first.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the timeline.")
    state: TimelineState = strawberry.field(description="From where it was served.")
    head_cursor: str = strawberry.field(
        description="Hand to homeTimelineEvents(after:): whatever happens from this page on, "
        "nothing is missed or sent twice."
    )


@strawberry.type
class TimelineQuery:
    @strawberry.field(
        description="Tweets of those whom the viewer follows, newest first, with advertisements. "
        "`after` goes back in time without end, `before` returns what is newer."
    )
    async def home_timeline(  # noqa: PLR0913, PLR0917 - arguments of the contract
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        before: Annotated[
            str | None, strawberry.argument(description="Cursor above which the nearest newer items are wanted.")
        ] = None,
        last: Annotated[
            int | None, strawberry.argument(description="In place of first, where before is given: 1-100.")
        ] = None,
        mode: Annotated[TimelineMode, strawberry.argument(description="In which order.")] = TimelineMode.LATEST,
        device: FromDevice = None,
    ) -> TimelineConnection:
        context = info.context
        kind = count_device("homeTimeline", device)
        if mode is TimelineMode.TOP:
            if before is not None:
                raise BadInputError("before goes with LATEST alone: TOP has no newer end.")
            best = PageOrder(first, None if after is None else read_ranked_place(info, after))
            return top_connection(info, await top_page(context.services, context.signed_in, best, kind))
        if last is not None:
            if before is None:
                raise BadInputError("last goes with before alone.")
            first = last
        order = _order(info, first, after, before)
        return home_connection(info, await home_page(context.services, context.signed_in, order, kind))

    @strawberry.field(
        description="Tweets of the viewer's own home timeline, without advertisements.",
        deprecation_reason="Offsets shift as tweets arrive. Use homeTimeline, whose cursors do not.",
    )
    async def get_tweets(
        self,
        info: Info,
        user_id: Annotated[strawberry.ID, strawberry.argument(description="The viewer's own id.")],
        offset: Annotated[int, strawberry.argument(description="How many to leave out, 0 to 800.")] = 0,
        limit: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 20,
        device: FromDevice = None,
    ) -> list[Tweet]:
        context = info.context
        count_device("getTweets", device)
        number = users.decode_user_id(user_id)
        found = await tweets_at_offset(context.services, context.signed_in, number, offset, limit)
        return [present_tweet(record) for record in found]


def top_connection(info: Info, top: RankedPage) -> TimelineConnection:
    edges = [
        TimelineEdge(
            cursor=_ranked_cursor(info, edge.place),
            node=present_timeline_node(edge.node),
            reason=_reason(edge.node),
            ranking=None if edge.ranked is None else _explanation(edge.ranked),
        )
        for edge in top.edges
    ]
    page_info = PageInfo(
        has_next_page=top.has_next,
        has_previous_page=top.has_previous,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=None if top.end is None else _ranked_cursor(info, top.end),
    )
    head = info.context.services.cursors.encode(EVENTS, *top.head)
    return TimelineConnection(edges=edges, page_info=page_info, state=top.state, head_cursor=head)


def read_ranked_place(info: Info, cursor: str) -> RankedPlace:
    """Raises BadCursorError for a cursor that TOP mode did not give."""
    snapshot, position, *passed = info.context.services.cursors.decode(TOP, cursor, 2, 3)
    return RankedPlace(TopPlace(snapshot, position), *passed)


def _ranked_cursor(info: Info, place: RankedPlace) -> str:
    counted = () if place.passed is None else (place.passed,)
    return info.context.services.cursors.encode(TOP, place.top.snapshot, place.top.position, *counted)


def _explanation(ranked: Ranked) -> RankingExplanation:
    terms = [RankingTerm(name=term.name, value=term.value, weight=term.weight) for term in ranked.terms]
    return RankingExplanation(score=ranked.score, terms=terms)


def home_connection(info: Info, page: HomePage) -> TimelineConnection:
    edges = [_home_edge(info, edge) for edge in page.edges]
    last = page.edges[-1].place if page.edges else None
    place = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=edges[0].cursor if edges else page.end and _home_cursor(info, page.end),
        end_cursor=edges[-1].cursor if page.end == last and edges else page.end and _home_cursor(info, page.end),
    )
    head = info.context.services.cursors.encode(EVENTS, *page.head)
    return TimelineConnection(edges=edges, page_info=place, state=page.state, head_cursor=head)


_edges: dict[tuple[str, int], TimelineEdge] = {}


def _home_edge(info: Info, edge: HomeEdge[HomePlace]) -> TimelineEdge:
    cursor, node, reason = _home_cursor(info, edge.place), present_timeline_node(edge.node), _reason(edge.node)
    key = cursor, id(node)
    known = _edges.get(key)
    if known is not None and known.node is node and known.reason is reason:
        return known
    made = TimelineEdge(cursor=cursor, node=node, reason=reason)
    return intern_object(_edges, key, made) if isinstance(node, Tweet) else made


def read_home_place(info: Info, cursor: str) -> HomePlace:
    """Raises BadCursorError for a cursor that the home timeline did not give."""
    item, *passed = info.context.services.cursors.decode(HOME, cursor, 1, 2)
    if item < 0:
        raise BadCursorError
    return HomePlace(item, *passed)


def _home_cursor(info: Info, place: HomePlace) -> str:
    item, passed = place
    return write_cursor(info, HOME, item) if passed is None else write_cursor(info, HOME, item, passed)


def profile_connection(info: Info, field: str, page: Page[ItemInTimeline]) -> TimelineConnection:
    newest = page.edges[0].place if page.edges else 0
    return _connection(info, field, page, state=TimelineState.READY, head_cursor=write_cursor(info, field, newest))


def timeline_edge(info: Info, field: str, edge: Edge[ItemInTimeline]) -> TimelineEdge:
    return TimelineEdge(
        cursor=write_cursor(info, field, edge.place), node=present_timeline_node(edge.node), reason=edge.node.reason
    )


def _reason(node: ItemInTimeline | Advertisement) -> Reason:
    return Reason.PROMOTED if isinstance(node, Advertisement) else node.reason


def read_place(info: Info, cursor: str) -> tuple[LogPlace, Sequence[int]]:
    """A place in the event log, and items before it of which the reader was not told, newest first.

    Raises BadCursorError for a cursor of anything else.
    """
    epoch, place, *more = info.context.services.cursors.decode(EVENTS, cursor, 2, *range(3, 4 + UNSEEN_IN_CURSOR))
    return LogPlace(epoch, place, *more[:1]), more[1:]


def _connection(
    info: Info, field: str, page: Page[ItemInTimeline], *, state: TimelineState, head_cursor: str
) -> TimelineConnection:
    edges = [timeline_edge(info, field, edge) for edge in page.edges]
    return TimelineConnection(edges=edges, page_info=page_info(info, field, page), state=state, head_cursor=head_cursor)


def _order(info: Info, first: int, after: str | None, before: str | None) -> PageOrder[HomePlace]:
    if after is not None and before is not None:
        raise BadInputError("Give after or before, not both.")
    if before is not None:
        return PageOrder(first, read_home_place(info, before), Direction.NEWER)
    return PageOrder(first, None if after is None else read_home_place(info, after))
