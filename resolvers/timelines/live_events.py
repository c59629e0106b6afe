"""Live events: changes from the event logs, hydrated and judged when they are sent, for all subscribers together.

The rows of an item are read once however many users it reaches; rules run for each user.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from core.ids import TweetId, UserId
from datastore.hydration import hydrate_ids
from datastore.notifications.visible import Notification
from datastore.timelines.changes import ChangeKind, NotificationChange, NotificationChangeKind, TimelineChange
from datastore.timelines.rules import HydratedItem, Reason, TimelineItem, home_reason
from datastore.tweets.viewer_state import ViewerState
from datastore.users.viewpoint_records import ANONYMOUS
from resolvers.notifications import visible_notification, visible_unread_count
from resolvers.services import Services
from resolvers.timelines.home import home_items


async def live_items(services: Services, changes: Sequence[tuple[UserId, TimelineChange]]) -> list[TimelineItem | None]:
    """The item that each change added, in the order given; None if its user may not see it (any more).

    Users for whom an item is equal, with the same viewer state and reason, get the same object.
    """
    added = [(user_id, TweetId(change.item_id)) for user_id, change in changes if change.kind is ChangeKind.ADDED]
    found = iter(await _items(services, added) if added else ())
    return [next(found) if change.kind is ChangeKind.ADDED else None for _, change in changes]


async def _items(services: Services, wanted: Sequence[tuple[UserId, TweetId]]) -> list[TimelineItem | None]:
    """Rows are read once per item, but an item whose retweet log is not whole is hydrated for each user."""
    stores = services.stores
    user_ids = list(dict.fromkeys(user_id for user_id, _ in wanted))
    ids = list(dict.fromkeys(item_id for _, item_id in wanted))
    viewpoints, rows = await asyncio.gather(
        stores.users.viewpoints.get_many(user_ids), hydrate_ids(stores, ANONYMOUS, ids)
    )
    views, hydrated = dict(zip(user_ids, viewpoints, strict=True)), dict(zip(ids, rows, strict=True))
    visible: list[tuple[int, tuple[UserId, TweetId], HydratedItem, Reason]] = []
    items: list[TimelineItem | None] = [None] * len(wanted)
    for index, (user_id, item_id) in enumerate(wanted):
        one = hydrated[item_id]
        if one is not None and not one.retweets.is_whole:
            (items[index],) = await home_items(services, user_id, [item_id])
        elif one is not None and one.tweet is not None and (reason := home_reason(views[user_id], one)) is not None:
            visible.append((index, (user_id, one.tweet.id), one, reason))
    states = await stores.tweets.viewer_state.get_each([pair for _, pair, _, _ in visible])
    equal: dict[tuple[int, Reason, ViewerState], TimelineItem] = {}
    for (index, _, one, reason), state in zip(visible, states, strict=True):
        key = (int(one.item.id), reason, state)
        items[index] = equal.get(key) or equal.setdefault(key, TimelineItem(replace(one, viewer_state=state), reason))
    return items


class LiveNotification(NamedTuple):
    """`group` is the changed group as its user may see it now; None if only the count may have changed."""

    group: Notification | None
    unread: int


async def live_notifications(
    services: Services, changes: Sequence[tuple[UserId, NotificationChange]]
) -> list[LiveNotification | None]:
    """In the order given; None for a group that its user may not see (any more), and for a reset."""
    user_ids = list(dict.fromkeys(user_id for user_id, _ in changes))
    views = dict(zip(user_ids, await services.stores.users.viewpoints.get_many(user_ids), strict=True))
    groups = {(user_id, change.group_id): views[user_id] for user_id, change in changes if _is_of_group(change)}
    counting = asyncio.gather(*[visible_unread_count(services.stores.notifications, view) for view in views.values()])
    showing = asyncio.gather(
        *[visible_notification(services.stores.notifications, view, group) for (_, group), view in groups.items()]
    )
    unread, shown = dict(zip(user_ids, await counting, strict=True)), dict(zip(groups, await showing, strict=True))

    def live(user_id: UserId, change: NotificationChange) -> LiveNotification | None:
        if change.kind is NotificationChangeKind.COUNT:
            return LiveNotification(None, unread[user_id])
        group = shown.get((user_id, change.group_id))
        return None if group is None else LiveNotification(group, unread[user_id])

    return [live(user_id, change) for user_id, change in changes]


def _is_of_group(change: NotificationChange) -> bool:
    return change.kind is NotificationChangeKind.CHANGED
