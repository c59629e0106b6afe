"""Timelines: connections of timeline items, and user timelines as such connections."""

import strawberry

from datastore.timelines.rules import Reason
from datastore.timelines.rules import TimelineItem as ItemInTimeline
from engine import Internable
from resolvers.timelines.pages import ItemPage, TimelineState
from schema.request.context import Info
from schema.types.items import TimelineItem, present_visible_item
from schema.types.tweets import Tweet
from schema.values.connections import PageInfo, write_cursor


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
        description="Pass to homeTimelineEvents(after:), or listEvents(after:) for a list, to receive all changes "
        "after this page, none missed or sent twice."
    )


def profile_connection(info: Info, field: str, page: ItemPage) -> TimelineConnection:
    newest = page.items[0].item.id if page.items else 0
    return item_connection(info, field, page, TimelineState.READY, write_cursor(info, field, newest))


def item_connection(
    info: Info, field: str, page: ItemPage, state: TimelineState, head_cursor: str
) -> TimelineConnection:
    """A connection whose cursors are the places of the items."""
    edges = [timeline_edge(info, field, item) for item in page.items]
    end = None if page.end_place is None else write_cursor(info, field, page.end_place)
    place = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=edges[0].cursor if edges else end,
        end_cursor=end,
    )
    return TimelineConnection(edges=edges, page_info=place, state=state, head_cursor=head_cursor)


def timeline_edge(info: Info, field: str, item: ItemInTimeline, *passed: int) -> TimelineEdge:
    """The entry of an organic item; requests that share the item share it. `passed` follows the id in the cursor."""
    derived, key = item.derived, (field, *passed) if passed else field
    edge: TimelineEdge | None = None if derived is None else derived.get(key)
    if edge is None:
        cursor = write_cursor(info, field, item.item.id, *passed)
        edge = TimelineEdge(cursor=cursor, node=present_visible_item(item.shown), reason=item.reason)
        if derived is not None:
            derived[key] = edge.intern() if isinstance(edge.node, Tweet) else edge
    return edge
