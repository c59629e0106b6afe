"""The home timeline: homeTimeline and getTweets."""

from enum import Enum
from typing import Annotated

import strawberry

from core.errors import BadInputError
from datastore.timelines.home import Direction
from datastore.timelines.rules import Reason
from datastore.timelines.rules import TimelineItem as ItemInTimeline
from resolvers.timelines.home_with_ads import (
    Advertisement,
    HomeEdge,
    HomePage,
    HomePlace,
    RankedPage,
    home_page,
    top_page,
)
from resolvers.timelines.pages import PageOrder
from resolvers.timelines.ranking import Ranked
from resolvers.timelines.user import tweets_at_offset
from schema.request.context import Info
from schema.types import users
from schema.types.items import present_timeline_node
from schema.types.timelines import RankingExplanation, RankingTerm, TimelineConnection, TimelineEdge, timeline_edge
from schema.types.tweets import Tweet, present_tweet
from schema.values.connections import After, First, PageInfo
from schema.values.devices import FromDevice, count_device
from schema.values.scopes import BY_READ
from schema.values.timeline_cursors import (
    HOME,
    read_home_place,
    read_ranked_place,
    write_home_place,
    write_position,
    write_ranked_place,
)


@strawberry.enum(description="Order of the home timeline.")
class TimelineMode(Enum):
    LATEST = strawberry.enum_value("LATEST", description="Newest first.")
    TOP = strawberry.enum_value("TOP", description="The newest 500 items, by engagement.")


@strawberry.type
class TimelineQuery:
    @strawberry.field(
        directives=BY_READ,
        description="Tweets of people whom the viewer follows, newest first, with advertisements. "
        "`after` pages back in time without end, `before` returns newer items.",
    )
    async def home_timeline(  # noqa: PLR0913, PLR0917 - arguments of the contract
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        before: Annotated[
            str | None, strawberry.argument(description="Cursor before which to return the nearest newer items.")
        ] = None,
        last: Annotated[
            int | None, strawberry.argument(description="Replaces first if before is given: 1-100.")
        ] = None,
        mode: Annotated[TimelineMode, strawberry.argument(description="Order of the items.")] = TimelineMode.LATEST,
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
        directives=BY_READ,
        description="Tweets of the viewer's own home timeline, without advertisements.",
        deprecation_reason="Offsets shift as tweets arrive. Use homeTimeline, whose cursors do not.",
    )
    async def get_tweets(
        self,
        info: Info,
        user_id: Annotated[strawberry.ID, strawberry.argument(description="The viewer's own id.")],
        offset: Annotated[int, strawberry.argument(description="Number of items to skip, 0 to 800.")] = 0,
        limit: Annotated[int, strawberry.argument(description="Number of items, 1 to 100.")] = 20,
        device: FromDevice = None,
    ) -> list[Tweet]:
        context = info.context
        count_device("getTweets", device)
        number = users.decode_user_id(user_id)
        found = await tweets_at_offset(context.services, context.signed_in, number, offset, limit)
        return [present_tweet(record) for record in found]


def home_connection(info: Info, page: HomePage) -> TimelineConnection:
    edges = [_home_edge(info, edge) for edge in page.edges]
    last = page.edges[-1].place if page.edges else None
    place = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=edges[0].cursor if edges else page.end and write_home_place(info, page.end),
        end_cursor=edges[-1].cursor if page.end == last and edges else page.end and write_home_place(info, page.end),
    )
    return TimelineConnection(
        edges=edges, page_info=place, state=page.state, head_cursor=write_position(info, page.head)
    )


def _home_edge(info: Info, edge: HomeEdge[HomePlace]) -> TimelineEdge:
    if isinstance(edge.node, Advertisement):
        node = present_timeline_node(edge.node)
        return TimelineEdge(cursor=write_home_place(info, edge.place), node=node, reason=Reason.PROMOTED)
    passed = edge.place.passed
    return timeline_edge(info, HOME, edge.node) if passed is None else timeline_edge(info, HOME, edge.node, passed)


def top_connection(info: Info, top: RankedPage) -> TimelineConnection:
    edges = [
        TimelineEdge(
            cursor=write_ranked_place(info, edge.place),
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
        end_cursor=None if top.end is None else write_ranked_place(info, top.end),
    )
    return TimelineConnection(
        edges=edges, page_info=page_info, state=top.state, head_cursor=write_position(info, top.head)
    )


def _explanation(ranked: Ranked) -> RankingExplanation:
    terms = [RankingTerm(name=term.name, value=term.value, weight=term.weight) for term in ranked.terms]
    return RankingExplanation(score=ranked.score, terms=terms)


def _reason(node: ItemInTimeline | Advertisement) -> Reason:
    return Reason.PROMOTED if isinstance(node, Advertisement) else node.reason


def _order(info: Info, first: int, after: str | None, before: str | None) -> PageOrder[HomePlace]:
    if after is not None and before is not None:
        raise BadInputError("Give after or before, not both.")
    if before is not None:
        return PageOrder(first, read_home_place(info, before), Direction.NEWER)
    return PageOrder(first, None if after is None else read_home_place(info, after))
