"""Live changes of the timeline of a list: listEvents.

All viewers of a list share its event log, which has what its members did. What a viewer changed by themselves (a block,
a mute, a word, a follow of a protected member) shows in their outlook, a number that every cursor carries: where it
differs, they are told to read again.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, NamedTuple, cast

import strawberry

from core.auth.tokens import utc_now
from core.errors import CodedError, ErrorCode, UnavailableError
from core.ids import ListId, TweetId, UserId
from core.runtime.tasks import not_cancelled
from datastore.graph.lists import ListRecord
from datastore.timelines.changes import NO_POSITION, ChangeKind, ResetReason, StreamPosition, TimelineChange
from datastore.timelines.rules import TimelineItem
from datastore.users.viewpoint_records import Viewpoint
from resolvers.graph.lists import list_of
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.timelines.list import edit_changes_muting, ensure_timeline, list_items, outlook
from resolvers.viewpoints import viewpoint_since
from schema.fields.lists import EVENTS, TIMELINE
from schema.live.home_timeline import (
    HomeTimelineEvent,
    TimelineItemAdded,
    TimelineItemRemoved,
    TimelineReset,
    WithheldItems,
    removed_node_id,
)
from schema.live.stream_events import RESUMING, Resume
from schema.request.context import Info
from schema.types.items import present_visible_item
from schema.types.timelines import TimelineEdge
from schema.values.nodes import NodeType, decode_id
from schema.values.scopes import BY_READ
from schema.values.timeline_cursors import WITHHELD_IN_CURSOR
from subscriptions.log_consumer import RETRY_SECONDS, ChangeDelivery, LogConsumer

_LOOK_SECONDS = 1.0
"""How often a subscription looks whether its viewer may still see the list, and sees it alike."""


@strawberry.type
class ListSubscription:
    @strawberry.subscription(
        directives=BY_READ,
        description=f"Every change of the timeline of a list that the viewer may see, {RESUMING} "
        "NOT_FOUND ends it once they may not.",
    )
    async def list_events(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The list.")],
        after: Resume = None,
    ) -> AsyncGenerator[HomeTimelineEvent, None]:
        list_id, context = ListId(decode_id(id, NodeType.LIST)), info.context
        known = None if after is None else _read_cursor(info, after)
        del info  # it would keep the whole request alive as long as the subscription
        follower = _Follower(context.services, context.identity, list_id)
        position = await follower.begin(known)
        with context.live.lists.subscribe(UserId(list_id), position) as consumer:
            async for event in follower.events(consumer):
                yield event


class _Known(NamedTuple):
    """The client's cursor: a position in the log, the viewer's outlook there, and items withheld before it."""

    position: StreamPosition
    outlook: int
    withheld: Sequence[int] = ()


class _Follower:
    """One subscription, with the place that its client has reached."""

    def __init__(self, services: Services, identity: Identity | None, list_id: ListId) -> None:
        self._services, self._identity, self._list_id = services, identity, list_id
        self._position, self._outlook, self._withheld = NO_POSITION, 0, WithheldItems()

    async def begin(self, known: _Known | None) -> StreamPosition:
        """Where to read on. Raises CodedError NOT_FOUND if the viewer may not see the list."""
        record, view = await self._look()
        await ensure_timeline(self._services, record)
        if known is None:
            position = await self._services.stores.timelines.home_log.position(UserId(record.id))
            known = _Known(position, outlook(view, record))
        self._position, self._outlook, self._withheld = known.position, known.outlook, WithheldItems(known.withheld)
        return known.position

    async def events(self, consumer: LogConsumer[TimelineChange]) -> AsyncGenerator[HomeTimelineEvent, None]:
        async for delivery in _with_pauses(consumer):
            event = await self._patiently(delivery)
            if event is not None:
                yield event

    async def _patiently(self, delivery: ChangeDelivery[TimelineChange] | None) -> HomeTimelineEvent | None:
        """While a store is away a change waits."""
        while not_cancelled():
            try:
                return await self._event(delivery)
            except UnavailableError:
                await asyncio.sleep(RETRY_SECONDS)
        raise asyncio.CancelledError

    async def _event(self, delivery: ChangeDelivery[TimelineChange] | None) -> HomeTimelineEvent | None:
        """None for a look without a change, and for what the viewer may not see."""
        record, view = await self._look()
        if self._outlook != (outlook_now := outlook(view, record)):
            self._position = self._position if delivery is None else delivery.change.position
            self._outlook, self._withheld = outlook_now, WithheldItems()
            return self._reset(ResetReason.REBUILT)
        return None if delivery is None else await self._event_of(record, view, delivery)

    async def _event_of(
        self, record: ListRecord, view: Viewpoint, delivery: ChangeDelivery[TimelineChange]
    ) -> HomeTimelineEvent | None:
        """By the viewpoint that the outlook tells of: another one might hold for a moment, and leave no trace."""
        change, item = delivery.change, None
        if change.kind is ChangeKind.EDITED:
            return await self._event_of_edit(view, change)
        if change.kind is ChangeKind.ADDED:
            (item,) = await list_items(self._services.stores, view, record, [change.item_id])
        if change.kind is ChangeKind.RESET:
            await ensure_timeline(self._services, record)
        self._position = change.position
        if not self._withheld.passes(ChangeDelivery(change, item, delivery.shared)):
            return None
        match change.kind:
            case ChangeKind.RESET:
                return self._reset(change.reason)
            case ChangeKind.REMOVED:
                return TimelineItemRemoved(cursor=self._cursor(), at=change.at, node_id=removed_node_id(change))
            case _:
                return self._added(change, cast(TimelineItem, item))

    async def _event_of_edit(self, view: Viewpoint, change: TimelineChange) -> TimelineReset | None:
        """Whoever mutes words of one version alone is to read again; for all others the list is as it was."""
        is_another = await edit_changes_muting(
            self._services.stores.tweets, view, TweetId(change.item_id), change.act_id
        )
        self._position = change.position
        return self._reset(ResetReason.REBUILT) if is_another else None

    async def _look(self) -> tuple[ListRecord, Viewpoint]:
        """The list, and the viewpoint as of now. Raises CodedError NOT_FOUND if they may not see it (any more)."""
        began = time.monotonic()
        record = await list_of(self._services.stores.users, self._identity, self._list_id, began)
        if record is None:
            raise CodedError(ErrorCode.NOT_FOUND, "There is no such list.")
        return record, await viewpoint_since(self._services.stores.users, self._identity, began)

    def _added(self, change: TimelineChange, item: TimelineItem) -> TimelineItemAdded:
        cursor = self._services.cursors.encode(TIMELINE, change.item_id)
        edge = TimelineEdge(cursor=cursor, node=present_visible_item(item.shown), reason=item.reason)
        return TimelineItemAdded(cursor=self._cursor(), at=change.at, edge=edge)

    def _reset(self, reason: ResetReason) -> TimelineReset:
        return TimelineReset(cursor=self._cursor(), at=utc_now(), reason=reason)

    def _cursor(self) -> str:
        return self._services.cursors.encode(EVENTS, *self._position, self._outlook, *self._withheld.newest)


async def _with_pauses(
    consumer: LogConsumer[TimelineChange],
) -> AsyncGenerator[ChangeDelivery[TimelineChange] | None, None]:
    """The deliveries, and None after each pause without one."""
    deliveries = consumer.deliveries()
    upcoming = asyncio.ensure_future(anext(deliveries))
    try:
        while not_cancelled():
            done, _ = await asyncio.wait({upcoming}, timeout=_LOOK_SECONDS)
            if not done:
                yield None
                continue
            yield upcoming.result()
            upcoming = asyncio.ensure_future(anext(deliveries))
    finally:
        upcoming.cancel()
        await asyncio.gather(upcoming, return_exceptions=True)


def _read_cursor(info: Info, cursor: str) -> _Known:
    """Raises BadCursorError for any other cursor."""
    lengths = range(4, 5 + WITHHELD_IN_CURSOR)
    epoch, offset, stamp, seen, *withheld = info.context.services.cursors.decode(EVENTS, cursor, *lengths)
    return _Known(StreamPosition(epoch, offset, stamp), seen, withheld)
