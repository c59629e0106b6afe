"""What happens to the home timeline, as it happens: homeTimelineEvents."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from datastore.events import ChangeKind, ResetReason, TimelineChange
from datastore.timelines import ItemKind
from resolvers import timelines
from resolvers.pages import Edge
from resolvers.sessions import Identity
from schema import enums  # noqa: F401 - describes the reasons before they are used
from schema.context import Info
from schema.devices import FromDevice, count_device
from schema.nodes import NodeType, global_id
from schema.timelines import EVENTS, HOME, TimelineEdge, read_place, timeline_edge
from subscriptions.eventlogs import Watch, changes

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
        place = None if after is None else read_place(info, after)
        await timelines.ensure_list(services, identity)
        watch = Watch(identity.user_id, place, lambda: timelines.stay_live(services, identity))
        unseen = set[int]()
        async for change in changes(services.stores.home_log, info.context.live.broadcast, watch):
            if change.reason is ResetReason.CURSOR_TOO_OLD:  # perhaps Redis lost all that it held
                await timelines.ensure_list(services, identity)
            if change.kind is ChangeKind.REMOVED and change.item_id in unseen:
                unseen.discard(change.item_id)
                continue
            event = await _present(info, identity, change)
            if event is not None:
                yield event
            else:
                unseen.add(change.item_id)


async def _present(info: Info, identity: Identity, change: TimelineChange) -> HomeTimelineEvent | None:
    """None for an item that the viewer may not see (any more)."""
    cursor = info.context.services.cursors.encode(EVENTS, *change.place)
    match change.kind:
        case ChangeKind.RESET:
            return TimelineReset(cursor=cursor, at=change.at, reason=change.reason)
        case ChangeKind.REMOVED:
            node_id = global_id(_NODE_TYPES[change.item_kind], change.item_id)
            return TimelineItemRemoved(cursor=cursor, at=change.at, node_id=node_id)
        case ChangeKind.ADDED:
            (item,) = await timelines.home_items(info.context.services, identity.user_id, [change.item_id])
            if item is None:
                return None
            edge = timeline_edge(info, HOME, Edge(change.item_id, item))
            return TimelineItemAdded(cursor=cursor, at=change.at, edge=edge)
