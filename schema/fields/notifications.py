"""Notifications: grouped acts of others on the viewer and their tweets."""

from datetime import datetime
from typing import Annotated

import strawberry

from core.errors import BadCursorError
from core.ids import time_of
from datastore.notifications.reader import NotificationAudience, NotificationFilter, NotificationKind
from datastore.notifications.visible import Notification as HydratedNotification
from resolvers import notifications
from resolvers.notifications import NotificationPage
from schema.request.context import Info
from schema.types.tweets import Tweet, present_tweet
from schema.types.users import User, present_user
from schema.values import enums  # noqa: F401 - describes kinds, filters and audiences before they are used
from schema.values.connections import After, First, PageInfo, page_info, read_cursor, write_cursor
from schema.values.nodes import Node, NodeType, global_id
from schema.values.payloads import UserError, mutation_payload
from schema.values.scopes import BY_NOTIFICATIONS, BY_WRITE

NOTIFICATIONS, EVENTS = "Query.notifications", "Subscription.notificationEvents"


@strawberry.type(
    directives=BY_NOTIFICATIONS,
    description="One or more events of one kind, grouped if they are close in time: "
    "likes and retweets of one tweet, or follows, within 12 hours and until the group is read.",
)
class Notification(Node):
    hydrated: strawberry.Private[HydratedNotification]

    @strawberry.field(description="The kind of event.")
    def kind(self) -> NotificationKind:
        return self.hydrated.record.kind

    @strawberry.field(description="Time of the first event.")
    def created_at(self) -> datetime:
        return time_of(self.hydrated.record.first)

    @strawberry.field(description="Time of the latest event. Notifications are ordered by it, newest first.")
    def updated_at(self) -> datetime:
        return time_of(self.hydrated.record.last)

    @strawberry.field(directives=BY_NOTIFICATIONS, description="The latest actors, newest first, at most 8.")
    def actors(self) -> list[User]:
        return [present_user(actor) for actor in self.hydrated.actors]

    @strawberry.field(description="Number of actors.")
    def actor_count(self) -> int:
        return self.hydrated.actor_count

    @strawberry.field(
        directives=BY_NOTIFICATIONS,
        description="The viewer's tweet that was liked or retweeted, or a tweet that quotes, answers or mentions them.",
    )
    def tweet(self) -> Tweet | None:
        return None if self.hydrated.tweet is None else present_tweet(self.hydrated.tweet)

    @strawberry.field(
        description="Of FOLLOW: whether the actors accepted the viewer's requests to follow them, else they follow the "
        "viewer."
    )
    def is_accepted(self) -> bool:
        return self.hydrated.record.is_accepted

    @strawberry.field(description="Whether it was marked as read since its last change.")
    def is_read(self) -> bool:
        return self.hydrated.record.is_read


@strawberry.type(directives=BY_NOTIFICATIONS, description="One entry of the list of notifications.")
class NotificationEdge:
    cursor: str = strawberry.field(description="Cursor of the entry; it stays valid after the notification is gone.")
    node: Notification = strawberry.field(directives=BY_NOTIFICATIONS, description="The entry.")


@strawberry.type(directives=BY_NOTIFICATIONS, description="A page of notifications.")
class NotificationConnection:
    edges: list[NotificationEdge] = strawberry.field(
        directives=BY_NOTIFICATIONS, description="The entries of this page, latest change first."
    )
    page_info: PageInfo = strawberry.field(directives=BY_NOTIFICATIONS, description="Position of the page in the list.")
    unread_count: int = strawberry.field(
        description="Number of unread notifications of any kind; 100 means 100 or more."
    )
    head_cursor: str = strawberry.field(
        description="Pass to notificationEvents(after:) to receive all changes after this page, "
        "none missed or sent twice."
    )


@strawberry.type(description="From whom the viewer wants notifications of one kind.")
class NotificationPreference:
    kind: NotificationKind = strawberry.field(description="The kind of notification.")
    audience: NotificationAudience = strawberry.field(description="From whom.")


@strawberry.type(description="Result of markNotificationsRead.")
class NotificationsPayload:
    unread_count: int | None = strawberry.field(
        default=None, description="Number of unread notifications, up to 100; null if the mutation was refused."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.type
class NotificationQuery:
    @strawberry.field(
        directives=BY_NOTIFICATIONS,
        description="Notifications of others' acts on the viewer and their tweets, latest change first.",
    )
    async def notifications(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: Annotated[
            NotificationFilter, strawberry.argument(description="Which notifications.")
        ] = NotificationFilter.ALL,
    ) -> NotificationConnection:
        before, context = read_cursor(info, NOTIFICATIONS, after), info.context
        page = await notifications.notifications(context.services, context.signed_in, filter, first, before)
        return notification_connection(info, page)


@strawberry.type
class NotificationMutation:
    @strawberry.mutation(
        directives=BY_WRITE, description="Marks notifications as read, on all of the viewer's devices."
    )
    async def mark_notifications_read(
        self,
        info: Info,
        up_to: Annotated[
            str | None,
            strawberry.argument(
                description="Cursor of the newest notification read, or of an event of notificationEvents: what that "
                "told of is marked, and all older ones. Null: all."
            ),
        ] = None,
    ) -> NotificationsPayload:
        place = None if up_to is None else _newest_read(info, up_to)
        act = notifications.mark_read(info.context.services, info.context.signed_in, place)
        return await mutation_payload(
            info, act, lambda count: NotificationsPayload(unread_count=count), NotificationsPayload
        )


def notification_connection(info: Info, page: NotificationPage) -> NotificationConnection:
    edges = [
        NotificationEdge(cursor=write_cursor(info, NOTIFICATIONS, edge.place), node=present_notification(edge.node))
        for edge in page.page.edges
    ]
    newest = page.page.edges[0].place if page.page.edges else 0
    return NotificationConnection(
        edges=edges,
        page_info=page_info(info, NOTIFICATIONS, page.page),
        unread_count=page.unread,
        head_cursor=info.context.services.cursors.encode(EVENTS, *page.head, page.version, newest),
    )


def _newest_read(info: Info, cursor: str) -> int:
    """The place up to which all was read. Raises BadCursorError for a cursor of anything but notifications."""
    decode = info.context.services.cursors.decode
    try:
        place = decode(NOTIFICATIONS, cursor, 1)
    except BadCursorError:
        place = decode(EVENTS, cursor, 5)
    if place[-1] < 0:
        raise BadCursorError(cursor)
    return place[-1]


def present_notification(hydrated: HydratedNotification) -> Notification:
    return Notification(id=global_id(NodeType.NOTIFICATION, hydrated.record.id), hydrated=hydrated)
