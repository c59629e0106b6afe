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
    name: str = strawberry.field(description="Name of the measured quantity.")
    value: float = strawberry.field(description="The item's value.")
    weight: float = strawberry.field(description="Weight of the value.")


@strawberry.type(description="Why an item has its position: the score is the sum of value x weight over the terms.")
class RankingExplanation:
    score: float = strawberry.field(description="The score; items are ordered by it, highest first.")
    terms: list[RankingTerm] = strawberry.field(description="The parts of the score.")


@strawberry.type(description="One entry of a timeline.")
class TimelineEdge(Internable):
    cursor: str = strawberry.field(
        description="Cursor of the entry; it never expires and stays valid after the item is gone."
    )
    node: TimelineItem = strawberry.field(description="The entry.")
    reason: Reason = strawberry.field(description="Why the item is in the timeline.")
    ranking: RankingExplanation | None = strawberry.field(
        default=None, description="Why the item has its position; only in TOP mode."
    )


@strawberry.type(description="A page of a timeline.")
class TimelineConnection:
    edges: list[TimelineEdge] = strawberry.field(description="The entries of this page, newest first.")
    page_info: PageInfo = strawberry.field(description="Position of the page in the timeline.")
    state: TimelineState = strawberry.field(description="Source of the page.")
    head_cursor: str = strawberry.field(
        description="Pass to homeTimelineEvents(after:) to receive all changes after this page, "
        "none missed or sent twice."
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
