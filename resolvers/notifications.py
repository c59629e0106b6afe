"""Notifications as their reader may see them now: groups, without users and tweets hidden by rules."""

from typing import NamedTuple

import structlog

from core.errors import RefusalError, UnavailableError, UserErrorCode
from core.ids import UserId
from datastore.notifications.reader import (
    NotificationAudience,
    NotificationFilter,
    NotificationKind,
    NotificationRecord,
)
from datastore.notifications.stores import NotificationStores
from datastore.notifications.visible import Notification
from datastore.stores import Stores
from datastore.timelines.changes import NO_POSITION, StreamPosition
from datastore.users.viewpoint_records import Viewpoint
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.pages import Edge, Page, check_first
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of

MOST_UNREAD = 100
# Each round reads twice as many as the one before; after the last one the page is short, with the place it reached.
_ROUNDS = 6
_log = structlog.get_logger()


class NotificationPage(NamedTuple):
    """`head`: position in the event log, `version`: of the notifications; the page has all changes up to them."""

    page: Page[Notification]
    unread: int
    head: StreamPosition
    version: int


async def notifications(
    services: Services, identity: Identity, chosen: NotificationFilter, first: int, before: int | None
) -> NotificationPage:
    """Most recently changed first."""
    check_first(first)
    view = await viewpoint_of(services.stores.users, identity)
    head = await _head(services.stores.notifications, identity)
    version = await services.stores.notifications.reader.version(identity.user_id)
    page = await _page(services.stores.notifications, view, chosen, first, before)
    return NotificationPage(page, await visible_unread_count(services.stores.notifications, view), head, version)


async def notification(services: Services, identity: Identity, notification_id: int) -> Notification | None:
    """None unless it is the viewer's and they may see it now."""
    return await visible_notification(
        services.stores.notifications, await viewpoint_of(services.stores.users, identity), notification_id
    )


async def visible_notification(
    notification_stores: NotificationStores, view: Viewpoint, notification_id: int
) -> Notification | None:
    return await notification_stores.visible.get(view, notification_id)


async def unread_count(services: Services, identity: Identity) -> int:
    """Unread notifications that the viewer may see now, at most 100."""
    return await visible_unread_count(
        services.stores.notifications, await viewpoint_of(services.stores.users, identity)
    )


async def visible_unread_count(notification_stores: NotificationStores, view: Viewpoint) -> int:
    count, place = 0, None
    for _ in range(_ROUNDS):
        records = await _range(notification_stores, view, NotificationFilter.UNREAD, place, MOST_UNREAD)
        count += sum(one is not None for one in await notification_stores.visible.among(view, records))
        if count >= MOST_UNREAD or len(records) < MOST_UNREAD:
            break
        place = records[-1].last
    return min(count, MOST_UNREAD)


async def mark_read(services: Services, identity: Identity, up_to: int | None) -> int:
    """Marks as read up to and including this place, or all. Returns the number of unread ones."""
    stores = services.stores
    job = await stores.notifications.reader.mark_read(stores.ids(), identity.user_id, up_to)
    if job is not None:
        await try_enqueue(stores, job)
    return await unread_count(services, identity)


async def version(notification_stores: NotificationStores, identity: Identity) -> int:
    """The version of the viewer's notifications."""
    return await notification_stores.reader.version(identity.user_id)


async def announce_unread(stores: Stores, *user_ids: UserId) -> None:
    """Sends new unread counts to these users' devices, after a change of what rules hide from them."""
    await try_enqueue(
        stores, *[await stores.notifications.reader.refresh_count(stores.ids(), user_id) for user_id in user_ids]
    )


async def preferences(
    notification_stores: NotificationStores, identity: Identity
) -> dict[NotificationKind, NotificationAudience]:
    return await notification_stores.reader.preferences(identity.user_id)


async def set_preference(
    notification_stores: NotificationStores, identity: Identity, kind: NotificationKind, audience: NotificationAudience
) -> None:
    """Applies to later acts. Raises RefusalError for a kind that tells of no acts of others."""
    if not kind.is_of_act:
        raise RefusalError.of(UserErrorCode.INVALID, "These notifications can't be chosen.", "kind")
    await notification_stores.reader.set_preference(identity.user_id, kind, audience)


async def _head(notification_stores: NotificationStores, identity: Identity) -> StreamPosition:
    """Read before the page. Without Redis, a position that the log does not know."""
    try:
        return await notification_stores.log.position(identity.user_id)
    except UnavailableError as error:
        _log.warning("notifications read without Redis", error=repr(error))
        return NO_POSITION


async def _page(
    notification_stores: NotificationStores, view: Viewpoint, chosen: NotificationFilter, first: int, before: int | None
) -> Page[Notification]:
    edges: list[Edge[Notification]] = []
    place, is_end = before, False
    for wanted in ((first + 1) << number for number in range(_ROUNDS)):
        records = await _range(notification_stores, view, chosen, place, wanted)
        shown = await notification_stores.visible.among(view, records)
        edges += [Edge(one.record.last, one) for one in shown if one is not None]
        place = records[-1].last if records else place
        is_end = len(records) < wanted
        if len(edges) > first or is_end:
            break
    has_more = len(edges) > first or not is_end
    kept = tuple(edges[:first])
    end = kept[-1].place if kept and (len(edges) > first or is_end) else place
    return Page(kept, has_more, before is not None, end)


async def _range(
    notification_stores: NotificationStores, view: Viewpoint, chosen: NotificationFilter, before: int | None, count: int
) -> list[NotificationRecord]:
    return await notification_stores.reader.range(view.user_id, chosen, (before, count), without=view.unwelcome)
