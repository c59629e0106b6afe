"""What happens to the home timeline, as it happens: homeTimelineEvents."""

from collections.abc import AsyncGenerator
from datetime import datetime
from functools import partial
from typing import Annotated, TypeAlias, cast

import strawberry

from datastore.events import ChangeKind, ResetReason, TimelineChange
from datastore.timelines import ItemKind
from resolvers import timelines
from resolvers.services import Services
from resolvers.timelines import TimelineItem
from schema import enums  # noqa: F401 - describes the reasons before they are used
from schema.context import Info, RequestContext
from schema.devices import FromDevice, count_device
from schema.nodes import NodeType, global_id
from schema.timelines import EVENTS, HOME, TimelineEdge, present_seen, read_place
from schema.transport.sharing import Pushed
from subscriptions.readers import Told

_UNSEEN_KEPT = 1_000
_NODE_TYPES = {ItemKind.TWEET: NodeType.TWEET, ItemKind.RETWEET: NodeType.RETWEET}


@strawberry.interface(description="Something that happened. Coming back with the last cursor seen, nothing is missed.")
class StreamEvent:
    cursor: str = strawberry.field(description="Its place in the stream: hand it to `after`.")
    at: datetime = strawberry.field(description="When it happened.")


@strawberry.type(description="An item that is new in the timeline.")
class TimelineItemAdded(StreamEvent):
    edge: TimelineEdge = strawberry.field(description="The item and its place.")


@strawberry.type(description="An item that left the timeline.")
class TimelineItemRemoved(StreamEvent):
    node_id: strawberry.ID = strawberry.field(description="Id of what left: a Tweet or a Retweet.")


@strawberry.type(
    description="What was missed is no longer kept: read the timeline again, then go on from its headCursor."
)
class TimelineReset(StreamEvent):
    reason: ResetReason = strawberry.field(description="Why.")


HomeTimelineEvent: TypeAlias = Annotated[
    TimelineItemAdded | TimelineItemRemoved | TimelineReset,
    strawberry.union("HomeTimelineEvent", description="A change of the home timeline."),
]


@strawberry.type
class TimelineSubscription:
    @strawberry.subscription(
        description="Every change of the viewer's home timeline, in order, once each. "
        "Without `after` from now on; with the headCursor of a page, or the cursor of the last event seen, from there."
    )
    async def home_timeline_events(
        self,
        info: Info,
        after: Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")] = None,
        device: FromDevice = None,
    ) -> AsyncGenerator[HomeTimelineEvent, None]:
        identity, services = info.context.signed_in, info.context.services
        count_device("homeTimelineEvents", device)
        place, live = None if after is None else read_place(info, after), info.context.live
        del info  # with it all that began the operation would stay as long as the subscription does
        await timelines.ensure_list(services, identity)
        unseen = dict[int, None]()
        with live.home.follow(identity.user_id, place) as reader:
            async for told in reader.changes():
                if told.change.reason is ResetReason.CURSOR_TOO_OLD:  # perhaps Redis lost all that it held
                    await timelines.ensure_list(services, identity)
                if _is_seen(told, unseen):
                    # The transport makes the event of it, once for all who are told the same.
                    yield cast(HomeTimelineEvent, _pushed(services, told))


def _is_seen(told: Told[TimelineChange], unseen: dict[int, None]) -> bool:
    """`unseen` are items of which this reader was not told, for they may not see them: nor are they that one left."""
    match told.change.kind:
        case ChangeKind.ADDED if told.value is None:
            unseen[told.change.item_id] = None
            if len(unseen) > _UNSEEN_KEPT:
                del unseen[next(iter(unseen))]
            return False
        case ChangeKind.REMOVED if told.change.item_id in unseen:
            del unseen[told.change.item_id]
            return False
        case _:
            return True


def _pushed(services: Services, told: Told[TimelineChange]) -> Pushed:
    if told.cursor is None:
        told.cursor = services.cursors.encode(EVENTS, *told.change.place)
    return Pushed(partial(_event, told), told.cursor, told.alike)


def _event(told: Told[TimelineChange], context: RequestContext, cursor: str) -> HomeTimelineEvent:
    change = told.change
    match change.kind:
        case ChangeKind.RESET:
            return TimelineReset(cursor=cursor, at=change.at, reason=change.reason)
        case ChangeKind.REMOVED:
            node_id = global_id(_NODE_TYPES[change.item_kind], change.item_id)
            return TimelineItemRemoved(cursor=cursor, at=change.at, node_id=node_id)
        case ChangeKind.ADDED:
            item = cast(TimelineItem, told.value)
            place = context.services.cursors.encode(HOME, change.item_id)
            edge = TimelineEdge(cursor=place, node=present_seen(item.shown), reason=item.reason)
            return TimelineItemAdded(cursor=cursor, at=change.at, edge=edge)
