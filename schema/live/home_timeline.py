"""Live changes of the home timeline: homeTimelineEvents."""

from collections.abc import AsyncGenerator, Sequence
from functools import partial
from itertools import islice
from typing import Annotated, TypeAlias, cast

import strawberry

from datastore.records.items import ItemKind
from datastore.timelines.changes import ChangeKind, ResetReason, TimelineChange
from datastore.timelines.rules import TimelineItem
from resolvers.services import Services
from resolvers.timelines.home import ensure_list
from schema.live.stream_events import RESUMING, Resume, StreamEvent
from schema.request.context import Info, RequestContext
from schema.types.items import present_visible_item
from schema.types.timelines import TimelineEdge
from schema.values.devices import FromDevice, count_device
from schema.values.nodes import NodeType, global_id
from schema.values.scopes import BY_READ
from schema.values.timeline_cursors import EVENTS, HOME, WITHHELD_IN_CURSOR, read_position
from subscriptions.log_consumer import ChangeDelivery
from transport.execution.shared_events import SharedEvent

_WITHHELD_KEPT = 1_000
_NODE_TYPES = {ItemKind.TWEET: NodeType.TWEET, ItemKind.RETWEET: NodeType.RETWEET}


@strawberry.type(description="An item that is new in the timeline.")
class TimelineItemAdded(StreamEvent):
    edge: TimelineEdge = strawberry.field(description="The item with its cursor.")


@strawberry.type(description="An item that left the timeline.")
class TimelineItemRemoved(StreamEvent):
    node_id: strawberry.ID = strawberry.field(description="Id of the Tweet or Retweet that left.")


@strawberry.type(
    description="Missed events are no longer stored: read the timeline again, then continue from its headCursor."
)
class TimelineReset(StreamEvent):
    reason: ResetReason = strawberry.field(description="The reason.")


HomeTimelineEvent: TypeAlias = Annotated[
    TimelineItemAdded | TimelineItemRemoved | TimelineReset,
    strawberry.union("HomeTimelineEvent", description="A change of the home timeline."),
]


@strawberry.type
class TimelineSubscription:
    @strawberry.subscription(directives=BY_READ, description=f"Every change of the viewer's home timeline, {RESUMING}")
    async def home_timeline_events(
        self,
        info: Info,
        after: Resume = None,
        device: FromDevice = None,
    ) -> AsyncGenerator[HomeTimelineEvent, None]:
        identity, services = info.context.signed_in, info.context.services
        count_device("homeTimelineEvents", device)
        position, withheld, live = None, WithheldItems(), info.context.live
        if after is not None:
            position, items = read_position(info, after)
            withheld = WithheldItems(items)
        del info  # it would keep the whole request alive as long as the subscription
        await ensure_list(services, identity)
        with live.home.subscribe(identity.user_id, position) as consumer:
            async for delivery in consumer.deliveries():
                if delivery.change.reason is ResetReason.CURSOR_TOO_OLD:  # Redis may have lost its data
                    await ensure_list(services, identity)
                if withheld.passes(delivery):
                    # The transport makes the event of it, once for all subscriptions with the same delivery.
                    yield cast(HomeTimelineEvent, _shared_event(services, delivery, withheld))


class WithheldItems:
    """Items withheld from the viewer, who may not see them; their removal is withheld, too.

    Cursors contain the newest of them, so that this also holds after resuming. `items`: items withheld so far, newest
    first.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Sequence[int] = ()) -> None:
        self._items = dict.fromkeys(reversed(items))

    @property
    def newest(self) -> Sequence[int]:
        return list(islice(reversed(self._items), WITHHELD_IN_CURSOR))

    def passes(self, delivery: ChangeDelivery[TimelineChange]) -> bool:
        item = delivery.change.item_id
        match delivery.change.kind:
            case ChangeKind.ADDED if delivery.value is None:
                self._items[item] = None
                if len(self._items) > _WITHHELD_KEPT:
                    del self._items[next(iter(self._items))]
                return False
            case ChangeKind.RESET:
                self._items.clear()
                return True
            case _:
                is_known = item in self._items
                self._items.pop(item, None)
                return delivery.change.kind is ChangeKind.ADDED or not is_known


def removed_node_id(change: TimelineChange) -> strawberry.ID:
    return global_id(_NODE_TYPES[change.item_kind], change.item_id)


def _shared_event(services: Services, delivery: ChangeDelivery[TimelineChange], withheld: WithheldItems) -> SharedEvent:
    """Subscriptions of one user from which nothing was withheld share their cursor."""
    if items := withheld.newest:
        return SharedEvent(
            partial(_event, delivery),
            services.cursors.encode(EVENTS, *delivery.change.position, *items),
            delivery.shared,
        )
    if delivery.cursor is None:
        delivery.cursor = services.cursors.encode(EVENTS, *delivery.change.position)
    return SharedEvent(partial(_event, delivery), delivery.cursor, delivery.shared)


def _event(delivery: ChangeDelivery[TimelineChange], context: RequestContext, cursor: str) -> HomeTimelineEvent:
    change = delivery.change
    match change.kind:
        case ChangeKind.RESET:
            return TimelineReset(cursor=cursor, at=change.at, reason=change.reason)
        case ChangeKind.REMOVED:
            return TimelineItemRemoved(cursor=cursor, at=change.at, node_id=removed_node_id(change))
        case _:
            item = cast(TimelineItem, delivery.value)
            place = context.services.cursors.encode(HOME, change.item_id)
            edge = TimelineEdge(cursor=place, node=present_visible_item(item.shown), reason=item.reason)
            return TimelineItemAdded(cursor=cursor, at=change.at, edge=edge)
