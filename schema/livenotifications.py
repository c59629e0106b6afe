"""Notifications, as they happen: notificationEvents."""

from collections.abc import AsyncGenerator
from typing import Annotated, TypeAlias

import strawberry

from datastore.events import NotificationChangeKind, ResetReason
from datastore.timelines import LogPlace
from resolvers import notifications
from resolvers.sessions import Identity
from schema.context import Info
from schema.live import StreamEvent
from schema.notifications import EVENTS, Notification, present_notification
from subscriptions.notifications import News, notification_changes


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
            async for news in notification_changes(reader, known, version):
                event = await _present(info, identity, news)
                if event is None or (isinstance(event, UnreadCountChanged) and event.unread_count == unread):
                    continue
                unread = None if isinstance(event, NotificationsReset) else event.unread_count
                yield event


async def _present(info: Info, identity: Identity, news: News) -> NotificationEvent | None:
    """None for what the viewer may not see (any more)."""
    info.context.forget()
    change, services = news.change, info.context.services
    cursor = services.cursors.encode(EVENTS, *change.place, news.known)
    match change.kind:
        case NotificationChangeKind.RESET:
            return NotificationsReset(cursor=cursor, at=change.at, reason=change.reason)
        case NotificationChangeKind.COUNT:
            count = await notifications.unread_count(services, identity)
            return UnreadCountChanged(cursor=cursor, at=change.at, unread_count=count)
        case NotificationChangeKind.CHANGED:
            shown = await notifications.notification(services, identity, change.group_id)
            if shown is None:
                return None
            count = await notifications.unread_count(services, identity)
            notification = present_notification(shown)
            return NotificationChanged(cursor=cursor, at=change.at, notification=notification, unread_count=count)


def _read_place(info: Info, cursor: str) -> tuple[LogPlace, int]:
    """A place in the event log, and the version up to which its reader knows. Raises BadCursorError for another's."""
    epoch, place, known = info.context.services.cursors.decode(EVENTS, cursor, 3)
    return LogPlace(epoch, place), known
