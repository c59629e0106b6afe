"""Timelines: connections of timeline items, and user timelines as such connections."""

import strawberry

from datastore.timelines.rules import Reason
from engine import Internable
from resolvers.pages import Edge, Page
from resolvers.timelines.pages import TimelineItem as ItemInTimeline
from resolvers.timelines.pages import TimelineState
from schema.request.context import Info
from schema.types.items import TimelineItem, present_timeline_node
from schema.values.connections import PageInfo, page_info, write_cursor


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


def profile_connection(info: Info, field: str, page: Page[ItemInTimeline]) -> TimelineConnection:
    newest = page.edges[0].place if page.edges else 0
    return _connection(info, field, page, state=TimelineState.READY, head_cursor=write_cursor(info, field, newest))


def _edge(info: Info, field: str, edge: Edge[ItemInTimeline]) -> TimelineEdge:
    return TimelineEdge(
        cursor=write_cursor(info, field, edge.place), node=present_timeline_node(edge.node), reason=edge.node.reason
    )


def _connection(
    info: Info, field: str, page: Page[ItemInTimeline], *, state: TimelineState, head_cursor: str
) -> TimelineConnection:
    edges = [_edge(info, field, edge) for edge in page.edges]
    return TimelineConnection(edges=edges, page_info=page_info(info, field, page), state=state, head_cursor=head_cursor)
