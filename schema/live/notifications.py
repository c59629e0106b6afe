"""Notifications, as they happen: notificationEvents."""

from collections.abc import AsyncGenerator
from functools import partial
from typing import Annotated, TypeAlias, cast

import strawberry

from datastore.timelines.event_log import LogPlace, NotificationChange, NotificationChangeKind, ResetReason
from resolvers import notifications
from resolvers.timelines.live_events import PushedNotification
from schema.fields.notifications import EVENTS, Notification, present_notification
from schema.live.home_timeline import StreamEvent
from schema.request.context import Info
from subscriptions.notifications import notification_changes
from transport.execution.shared_events import SharedEvent


@strawberry.type(description="A new group, or one that grew.")
class NotificationChanged(StreamEvent):
    notification: Notification = strawberry.field(description="The group as it is now.")
    unread_count: int = strawberry.field(description="How many are unread now; 100 stands for more.")


@strawberry.type(description="Notifications were read, hidden, shown again, or are gone.")
class UnreadCountChanged(StreamEvent):
    unread_count: int = strawberry.field(description="How many are unread now; 100 stands for more.")


@strawberry.type(
    description="What was missed is no longer kept: read the notifications again, then go on from their headCursor."
)
class NotificationsReset(StreamEvent):
    reason: ResetReason = strawberry.field(description="Why.")


NotificationEvent: TypeAlias = Annotated[
    NotificationChanged | UnreadCountChanged | NotificationsReset,
    strawberry.union("NotificationEvent", description="A change of the viewer's notifications."),
]


@strawberry.type
class NotificationSubscription:
    @strawberry.subscription(
        description="Every change of the viewer's notifications, in order, once each. "
        "Without `after` from now on; with the headCursor of a page, or the cursor of the last event seen, from there."
    )
    async def notification_events(
        self,
        info: Info,
        after: Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")] = None,
    ) -> AsyncGenerator[NotificationEvent, None]:
        identity, services = info.context.signed_in, info.context.services
        place, known = (None, None) if after is None else _read_place(info, after)

        async def version() -> int:
            return await notifications.version(services, identity)

        unread: int | None = None
        with info.context.live.notifications.follow(identity.user_id, place) as reader:
            async for told, since in notification_changes(reader, known, version):
                value = cast(PushedNotification | None, told.value)
                if not _is_news(told.change, value, unread):
                    continue
                unread = None if value is None else value.unread
                cursor = services.cursors.encode(EVENTS, *told.change.place, since)
                # The transport makes the event of it, once for all sockets that are told the same.
                yield cast(NotificationEvent, SharedEvent(partial(_event, told.change, value), cursor, told.alike))


def _is_news(change: NotificationChange, value: PushedNotification | None, unread: int | None) -> bool:
    """Not what the viewer may not see (any more), nor the count that they were told last."""
    match change.kind:
        case NotificationChangeKind.RESET:
            return True
        case NotificationChangeKind.COUNT:
            return value is not None and value.unread != unread
        case NotificationChangeKind.CHANGED:
            return value is not None


def _event(change: NotificationChange, value: PushedNotification | None, _: object, cursor: str) -> NotificationEvent:
    if value is None:
        return NotificationsReset(cursor=cursor, at=change.at, reason=change.reason)
    if value.group is None:
        return UnreadCountChanged(cursor=cursor, at=change.at, unread_count=value.unread)
    notification = present_notification(value.group)
    return NotificationChanged(cursor=cursor, at=change.at, notification=notification, unread_count=value.unread)


def _read_place(info: Info, cursor: str) -> tuple[LogPlace, int]:
    """A place in the event log, and the version up to which its reader knows. Raises BadCursorError for another's."""
    *place, known = info.context.services.cursors.decode(EVENTS, cursor, 3, 4)
    return LogPlace(*place), known
