"""Timelines as pages: connections of timeline items, and homeTimeline."""

from datetime import datetime
from enum import Enum
from typing import Annotated, TypeAlias

import strawberry

from core.errors import BadInputError
from core.ids import time_of
from datastore.timelines import Direction, LogPlace
from datastore.tweets import ItemRecord, RetweetRecord
from resolvers import timelines, toptimelines, usertimelines
from resolvers.pages import Edge, Page
from resolvers.ranking import Ranked
from resolvers.rules import Reason
from resolvers.timelines import PageOrder, TimelinePage, TimelineState
from resolvers.timelines import TimelineItem as ItemInTimeline
from resolvers.toptimelines import TopPlace, TopTimeline
from schema import users
from schema.context import Info
from schema.devices import FromDevice, count_device
from schema.nodes import Node, NodeType, global_id
from schema.pages import After, First, PageInfo, page_info, read_cursor, write_cursor
from schema.tweets import Person, Tweet, known_tweet, present_tweet

HOME, TOP = "Query.homeTimeline", "Query.homeTimeline(TOP)"
EVENTS = "Subscription.homeTimelineEvents"


@strawberry.type(description="That somebody showed a tweet to their own followers.")
class Retweet(Node):
    record: strawberry.Private[RetweetRecord]

    @strawberry.field(description="What they showed.")
    async def tweet(self, info: Info) -> Tweet:
        return known_tweet(await info.context.items.load(self.record.tweet_id))

    @strawberry.field(description="Who showed it.")
    async def user(self, info: Info) -> Person:
        return users.known_user(await info.context.users.load(self.record.author_id))

    @strawberry.field(description="When they did.")
    def created_at(self) -> datetime:
        return time_of(self.record.id)


TimelineItem: TypeAlias = Annotated[
    Tweet | Retweet, strawberry.union("TimelineItem", description="What stands in a timeline.")
]


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
class TimelineEdge:
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
        description="Tweets of those whom the viewer follows, newest first. "
        "`after` goes back in time without end, `before` returns what is newer."
    )
    async def home_timeline(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        before: Annotated[
            str | None, strawberry.argument(description="Cursor above which the nearest newer items are wanted.")
        ] = None,
        mode: Annotated[TimelineMode, strawberry.argument(description="In which order.")] = TimelineMode.LATEST,
        device: FromDevice = None,
    ) -> TimelineConnection:
        context = info.context
        count_device("homeTimeline", device)
        if mode is TimelineMode.TOP:
            if before is not None:
                raise BadInputError("before goes with LATEST alone: TOP has no newer end.")
            place = read_top_place(info, after)
            top = await toptimelines.top_timeline(context.services, context.signed_in, first, place)
            return top_connection(info, top)
        order = _order(info, first, after, before)
        return home_connection(info, await timelines.home_timeline(context.services, context.signed_in, order))

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
        number = users.user_number(user_id)
        found = await usertimelines.tweets_at_offset(context.services, context.signed_in, number, offset, limit)
        return [present_tweet(record) for record in found]


def top_connection(info: Info, top: TopTimeline) -> TimelineConnection:
    encode = info.context.services.cursors.encode

    def cursor(place: TopPlace) -> str:
        return encode(TOP, place.reading, place.position)

    edges = [
        TimelineEdge(
            cursor=cursor(edge.place),
            node=present_shown(info, edge.item),
            reason=edge.item.reason,
            ranking=_explanation(edge.ranked),
        )
        for edge in top.edges
    ]
    page_info = PageInfo(
        has_next_page=top.has_next,
        has_previous_page=bool(edges) and top.edges[0].place.position > 0,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=None if top.end is None else cursor(top.end),
    )
    return TimelineConnection(edges=edges, page_info=page_info, state=top.state, head_cursor=encode(EVENTS, *top.head))


def read_top_place(info: Info, cursor: str | None) -> TopPlace | None:
    """Raises BadCursorError for a cursor that TOP mode did not give."""
    return None if cursor is None else TopPlace(*info.context.services.cursors.decode(TOP, cursor, 2))


def _explanation(ranked: Ranked) -> RankingExplanation:
    terms = [RankingTerm(name=term.name, value=term.value, weight=term.weight) for term in ranked.terms]
    return RankingExplanation(score=ranked.score, terms=terms)


def home_connection(info: Info, page: TimelinePage) -> TimelineConnection:
    head = info.context.services.cursors.encode(EVENTS, *page.head)
    return _connection(info, HOME, page.page, state=page.state, head_cursor=head)


def profile_connection(info: Info, field: str, page: Page[ItemInTimeline]) -> TimelineConnection:
    newest = page.edges[0].place if page.edges else 0
    return _connection(info, field, page, state=TimelineState.READY, head_cursor=write_cursor(info, field, newest))


def timeline_edge(info: Info, field: str, edge: Edge[ItemInTimeline]) -> TimelineEdge:
    return TimelineEdge(
        cursor=write_cursor(info, field, edge.place), node=present_shown(info, edge.node), reason=edge.node.reason
    )


def present_shown(info: Info, item: ItemInTimeline) -> Tweet | Retweet:
    info.context.remember(item.shown)
    return present_item(item.item)


def present_item(item: ItemRecord) -> Tweet | Retweet:
    if isinstance(item, RetweetRecord):
        return Retweet(id=global_id(NodeType.RETWEET, item.id), record=item)
    return present_tweet(item)


def read_place(info: Info, cursor: str) -> LogPlace:
    """A place in the event log. Raises BadCursorError for a cursor of anything else."""
    epoch, place = info.context.services.cursors.decode(EVENTS, cursor, 2)
    return LogPlace(epoch, place)


def _connection(
    info: Info, field: str, page: Page[ItemInTimeline], *, state: TimelineState, head_cursor: str
) -> TimelineConnection:
    edges = [timeline_edge(info, field, edge) for edge in page.edges]
    return TimelineConnection(edges=edges, page_info=page_info(info, field, page), state=state, head_cursor=head_cursor)


def _order(info: Info, first: int, after: str | None, before: str | None) -> PageOrder:
    if after is not None and before is not None:
        raise BadInputError("Give after or before, not both.")
    if before is not None:
        return PageOrder(first, read_cursor(info, HOME, before), Direction.NEWER)
    return PageOrder(first, read_cursor(info, HOME, after))
