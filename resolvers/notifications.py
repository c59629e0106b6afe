"""Notifications as their reader may see them now: groups, without users and tweets hidden by rules."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
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
from datastore.records.items import ItemRecord, TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.changes import NO_POSITION, StreamPosition
from datastore.timelines.rules import may_come_across, may_notify_of
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


@dataclass(frozen=True, slots=True)
class Notification:
    """A group with its newest actors who still exist, newest first, and its tweet."""

    record: NotificationRecord
    actors: tuple[UserRecord, ...]
    tweet: TweetRecord | None

    @property
    def actor_count(self) -> int:
        """The number of actors, without newest ones whose account is gone."""
        return self.record.actor_count - len(self.record.actors) + len(self.actors)


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
    view = await viewpoint_of(services, identity)
    head = await _head(services, identity)
    version = await services.stores.notifications.reader.version(identity.user_id)
    page = await _page(services, view, chosen, first, before)
    return NotificationPage(page, await visible_unread_count(services, view), head, version)


async def notification(services: Services, identity: Identity, notification_id: int) -> Notification | None:
    """None unless it is the viewer's and they may see it now."""
    return await visible_notification(services, await viewpoint_of(services, identity), notification_id)


async def visible_notification(services: Services, view: Viewpoint, notification_id: int) -> Notification | None:
    record = await services.stores.notifications.reader.get(view.user_id, notification_id, without=view.unwelcome)
    return None if record is None else (await _visible(services, view, [record]))[0]


async def unread_count(services: Services, identity: Identity) -> int:
    """Unread notifications that the viewer may see now, at most 100."""
    return await visible_unread_count(services, await viewpoint_of(services, identity))


async def visible_unread_count(services: Services, view: Viewpoint) -> int:
    count, place = 0, None
    for _ in range(_ROUNDS):
        records = await _range(services, view, NotificationFilter.UNREAD, place, MOST_UNREAD)
        count += sum(one is not None for one in await _visible(services, view, records))
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


async def version(services: Services, identity: Identity) -> int:
    """The version of the viewer's notifications."""
    return await services.stores.notifications.reader.version(identity.user_id)


async def announce_unread(services: Services, *user_ids: UserId) -> None:
    """Sends new unread counts to these users' devices, after a change of what rules hide from them."""
    stores = services.stores
    await try_enqueue(
        stores, *[await stores.notifications.reader.refresh_count(stores.ids(), user_id) for user_id in user_ids]
    )


async def preferences(services: Services, identity: Identity) -> dict[NotificationKind, NotificationAudience]:
    return await services.stores.notifications.reader.preferences(identity.user_id)


async def set_preference(
    services: Services, identity: Identity, kind: NotificationKind, audience: NotificationAudience
) -> None:
    """Applies to later acts. Raises RefusalError for a kind that tells of no acts of others."""
    if not kind.is_of_act:
        raise RefusalError.of(UserErrorCode.INVALID, "These notifications can't be chosen.", "kind")
    await services.stores.notifications.reader.set_preference(identity.user_id, kind, audience)


async def _head(services: Services, identity: Identity) -> StreamPosition:
    """Read before the page. Without Redis, a position that the log does not know."""
    try:
        return await services.stores.notifications.log.position(identity.user_id)
    except UnavailableError as error:
        _log.warning("notifications read without Redis", error=repr(error))
        return NO_POSITION


async def _page(
    services: Services, view: Viewpoint, chosen: NotificationFilter, first: int, before: int | None
) -> Page[Notification]:
    edges: list[Edge[Notification]] = []
    place, is_end = before, False
    for wanted in ((first + 1) << number for number in range(_ROUNDS)):
        records = await _range(services, view, chosen, place, wanted)
        shown = await _visible(services, view, records)
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
    services: Services, view: Viewpoint, chosen: NotificationFilter, before: int | None, count: int
) -> list[NotificationRecord]:
    return await services.stores.notifications.reader.range(
        view.user_id, chosen, (before, count), without=view.unwelcome
    )


async def _visible(
    services: Services, view: Viewpoint, records: Sequence[NotificationRecord]
) -> list[Notification | None]:
    """In the order given; None for a group that rules hide."""
    records = await _without_strangers(services, view, records)
    tweet_ids = list(dict.fromkeys(record.tweet_id for record in records if record.tweet_id is not None))
    tweets = dict(zip(tweet_ids, await services.stores.tweets.items.get_many(tweet_ids), strict=True))
    people = list(dict.fromkeys([actor for record in records for actor in record.actors] + _authors(tweets.values())))
    users = dict(zip(people, await services.stores.users.accounts.get_many(people), strict=True))

    def judge(record: NotificationRecord) -> Notification | None:
        tweet = tweets.get(record.tweet_id) if record.tweet_id is not None else None
        if not record.kind.is_of_act:
            return Notification(record, (), None)
        actors = tuple(
            user for user in map(users.get, record.actors) if user is not None and may_come_across(view, user)
        )
        if record.tweet_id is None:
            return Notification(record, actors, None) if actors else None
        if not isinstance(tweet, TweetRecord) or not may_notify_of(view, tweet, users[tweet.author_id]):
            return None
        return Notification(record, actors, tweet) if actors else None

    return [judge(record) for record in records]


async def _without_strangers(
    services: Services, view: Viewpoint, records: Sequence[NotificationRecord]
) -> list[NotificationRecord]:
    """The records without actors whose acts the viewer may not see; the next newest actors take their places.

    The number of actors still has hidden ones that are older than all actors shown.
    """
    current, unsure, hidden = {record.id: record for record in records}, list(records), set[UserId]()
    for _ in range(_ROUNDS):
        found = await _hidden_among(services, view, {actor for record in unsure for actor in record.actors})
        hidden |= found
        changed = [record.id for record in unsure if not found.isdisjoint(record.actors)]
        if not changed:
            break
        reader = services.stores.notifications.reader
        unsure = await reader.get_many(view.user_id, changed, without=view.unwelcome | hidden)
        current.update((record.id, record) for record in unsure)
    return [current[record.id] for record in records]


async def _hidden_among(services: Services, view: Viewpoint, actors: Collection[UserId]) -> set[UserId]:
    """The subset of users whose acts the viewer is not told of, those who are gone or suspended too."""
    ids = list(actors)
    people = await services.stores.users.accounts.get_many(ids)
    return {user_id for user_id, user in zip(ids, people, strict=True) if not may_come_across(view, user)}


def _authors(tweets: Iterable[ItemRecord | None]) -> list[UserId]:
    return [tweet.author_id for tweet in tweets if tweet is not None]
