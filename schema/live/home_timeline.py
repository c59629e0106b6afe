"""What happens to the home timeline, as it happens: homeTimelineEvents."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Annotated, TypeAlias, cast

import strawberry

from datastore.records.items import ItemKind
from datastore.timelines.event_log import ChangeKind, ResetReason, TimelineChange
from resolvers.services import Services
from resolvers.timelines.home import ensure_list
from resolvers.timelines.pages import TimelineItem
from schema.request.context import Info, RequestContext
from schema.types.items import present_visible_item
from schema.types.timelines import EVENTS, HOME, UNSEEN_IN_CURSOR, TimelineEdge, read_place
from schema.values import enums  # noqa: F401 - describes the reasons before they are used
from schema.values.devices import FromDevice, count_device
from schema.values.nodes import NodeType, global_id
from subscriptions.log_consumer import Told
from transport.execution.shared_events import SharedEvent

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
        place, unseen, live = None, Unseen(), info.context.live
        if after is not None:
            place, items = read_place(info, after)
            unseen = Unseen(items)
        del info  # with it all that began the operation would stay as long as the subscription does
        await ensure_list(services, identity)
        with live.home.follow(identity.user_id, place) as reader:
            async for told in reader.changes():
                if told.change.reason is ResetReason.CURSOR_TOO_OLD:  # perhaps Redis lost all that it held
                    await ensure_list(services, identity)
                if unseen.lets_through(told):
                    # The transport makes the event of it, once for all who are told the same.
                    yield cast(HomeTimelineEvent, _pushed(services, told, unseen))


class Unseen:
    """Items of which a reader was not told, for they may not see them: nor are they told that one left.

    Cursors take the newest along, so that this holds for whoever comes back, too. `items` are such, newest first.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Sequence[int] = ()) -> None:
        self._items = dict.fromkeys(reversed(items))

    @property
    def newest(self) -> Sequence[int]:
        return list(islice(reversed(self._items), UNSEEN_IN_CURSOR))

    def lets_through(self, told: Told[TimelineChange]) -> bool:
        item = told.change.item_id
        match told.change.kind:
            case ChangeKind.ADDED if told.value is None:
                self._items[item] = None
                if len(self._items) > _UNSEEN_KEPT:
                    del self._items[next(iter(self._items))]
                return False
            case ChangeKind.RESET:
                self._items.clear()
                return True
            case _:
                is_known = item in self._items
                self._items.pop(item, None)
                return told.change.kind is ChangeKind.ADDED or not is_known


def _pushed(services: Services, told: Told[TimelineChange], unseen: Unseen) -> SharedEvent:
    """The cursor is the same for all subscriptions of one person that were told of all."""
    if items := unseen.newest:
        return SharedEvent(
            partial(_event, told), services.cursors.encode(EVENTS, *told.change.place, *items), told.alike
        )
    if told.cursor is None:
        told.cursor = services.cursors.encode(EVENTS, *told.change.place)
    return SharedEvent(partial(_event, told), told.cursor, told.alike)


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
            edge = TimelineEdge(cursor=place, node=present_visible_item(item.shown), reason=item.reason)
            return TimelineItemAdded(cursor=cursor, at=change.at, edge=edge)
