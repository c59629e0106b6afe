"""Live changes of notifications: notificationEvents."""

from collections.abc import AsyncGenerator
from functools import partial
from typing import Annotated, TypeAlias, cast

import strawberry

from datastore.timelines.changes import NotificationChange, NotificationChangeKind, ResetReason, StreamPosition
from resolvers import notifications
from resolvers.timelines.live_events import LiveNotification
from schema.fields.notifications import EVENTS, Notification, present_notification
from schema.live.stream_events import RESUMING, Resume, StreamEvent
from schema.request.context import Info
from schema.values.scopes import BY_NOTIFICATION_EVENTS, BY_NOTIFICATIONS
from subscriptions.notifications import notification_deliveries
from transport.execution.shared_events import SharedEvent

_PLACE = 5


@strawberry.type(directives=BY_NOTIFICATION_EVENTS, description="A new group, or one that grew.")
class NotificationChanged(StreamEvent):
    notification: Notification = strawberry.field(directives=BY_NOTIFICATIONS, description="The group as it is now.")
    unread_count: int = strawberry.field(description="Number of unread notifications; 100 means 100 or more.")


@strawberry.type(
    directives=BY_NOTIFICATION_EVENTS, description="Notifications were read, hidden, shown again, or are gone."
)
class UnreadCountChanged(StreamEvent):
    unread_count: int = strawberry.field(description="Number of unread notifications; 100 means 100 or more.")


@strawberry.type(
    directives=BY_NOTIFICATION_EVENTS,
    description="Missed events are no longer stored: read the notifications again, then continue from their "
    "headCursor.",
)
class NotificationsReset(StreamEvent):
    reason: ResetReason = strawberry.field(description="The reason.")


NotificationEvent: TypeAlias = Annotated[
    NotificationChanged | UnreadCountChanged | NotificationsReset,
    strawberry.union("NotificationEvent", description="A change of the viewer's notifications."),
]


@strawberry.type
class NotificationSubscription:
    @strawberry.subscription(
        directives=BY_NOTIFICATION_EVENTS, description=f"Every change of the viewer's notifications, {RESUMING}"
    )
    async def notification_events(self, info: Info, after: Resume = None) -> AsyncGenerator[NotificationEvent, None]:
        identity, services = info.context.signed_in, info.context.services
        position, known, newest = (None, None, 0) if after is None else _read_position(info, after)

        async def version() -> int:
            return await notifications.version(services.stores.notifications, identity)

        unread: int | None = None
        with info.context.live.notifications.subscribe(identity.user_id, position) as consumer:
            async for delivery, since in notification_deliveries(consumer, known, version):
                value = cast(LiveNotification | None, delivery.value)
                if not _is_to_be_sent(delivery.change, value, unread):
                    continue
                unread = None if value is None else value.unread
                newest = max(newest, _newest(value))
                cursor = services.cursors.encode(EVENTS, *delivery.change.position, since, newest)
                # The transport makes the event of it, once for all subscriptions with the same delivery.
                yield cast(
                    NotificationEvent, SharedEvent(partial(_event, delivery.change, value), cursor, delivery.shared)
                )


def _is_to_be_sent(change: NotificationChange, value: LiveNotification | None, unread: int | None) -> bool:
    """False for what the viewer may not see, and for an unread count equal to the last one sent."""
    match change.kind:
        case NotificationChangeKind.RESET:
            return True
        case NotificationChangeKind.COUNT:
            return value is not None and value.unread != unread
        case NotificationChangeKind.CHANGED:
            return value is not None


def _event(change: NotificationChange, value: LiveNotification | None, _: object, cursor: str) -> NotificationEvent:
    if value is None:
        return NotificationsReset(cursor=cursor, at=change.at, reason=change.reason)
    if value.group is None:
        return UnreadCountChanged(cursor=cursor, at=change.at, unread_count=value.unread)
    notification = present_notification(value.group)
    return NotificationChanged(cursor=cursor, at=change.at, notification=notification, unread_count=value.unread)


def _newest(value: LiveNotification | None) -> int:
    """The newest act of the group that a change tells of."""
    return 0 if value is None or value.group is None else value.group.record.last


def _read_position(info: Info, cursor: str) -> tuple[StreamPosition, int, int]:
    """Position in the event log, the version known to the client, and the newest act that it was told of.

    Raises BadCursorError for any other cursor.
    """
    place = info.context.services.cursors.decode(EVENTS, cursor, 3, 4, 5)
    if len(place) < _PLACE:  # of an earlier release
        return StreamPosition(*place[:-1]), place[-1], 0
    return StreamPosition(*place[:3]), place[3], place[4]
