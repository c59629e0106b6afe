"""Notifications as their reader may see them at this moment: rules hide users, tweets, and whole groups."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from core.ids import UserId
from datastore.notifications.reader import NotificationReader, NotificationRecord
from datastore.records.items import ItemRecord, TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.rules import may_come_across, may_notify_of
from datastore.tweets.store import TweetStore
from datastore.users.store import UserStore
from datastore.users.viewpoint_records import Viewpoint

# Each round looks at the actors who took the places of hidden ones.
_ROUNDS = 6


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


class VisibleNotifications:
    def __init__(self, reader: NotificationReader, items: TweetStore, accounts: UserStore) -> None:
        self._reader, self._items, self._accounts = reader, items, accounts

    async def get(self, view: Viewpoint, notification_id: int) -> Notification | None:
        """None unless it is the viewer's and they may see it."""
        record = await self._reader.get(view.user_id, notification_id, without=view.unwelcome)
        return None if record is None else (await self.among(view, [record]))[0]

    async def among(self, view: Viewpoint, records: Sequence[NotificationRecord]) -> list[Notification | None]:
        """In the order given; None for a group that rules hide."""
        records = await self._without_strangers(view, records)
        tweet_ids = list(dict.fromkeys(record.tweet_id for record in records if record.tweet_id is not None))
        tweets = dict(zip(tweet_ids, await self._items.get_many(tweet_ids), strict=True))
        acting = [actor for record in records for actor in record.actors]
        people = list(dict.fromkeys(acting + _authors(tweets.values())))
        users = dict(zip(people, await self._accounts.get_many(people), strict=True))

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
        self, view: Viewpoint, records: Sequence[NotificationRecord]
    ) -> list[NotificationRecord]:
        """The records without actors whose acts the viewer may not see; the next newest actors take their places.

        The number of actors still has hidden ones that are older than all actors shown.
        """
        current, unsure, hidden = {record.id: record for record in records}, list(records), set[UserId]()
        for _ in range(_ROUNDS):
            found = await self._hidden_among(view, {actor for record in unsure for actor in record.actors})
            hidden |= found
            changed = [record.id for record in unsure if not found.isdisjoint(record.actors)]
            if not changed:
                break
            unsure = await self._reader.get_many(view.user_id, changed, without=view.unwelcome | hidden)
            current.update((record.id, record) for record in unsure)
        return [current[record.id] for record in records]

    async def _hidden_among(self, view: Viewpoint, actors: Collection[UserId]) -> set[UserId]:
        """The subset of users whose acts the viewer is not told of, those who are gone or suspended too."""
        ids = list(actors)
        people = await self._accounts.get_many(ids)
        return {user_id for user_id, user in zip(ids, people, strict=True) if not may_come_across(view, user)}


def _authors(tweets: Iterable[ItemRecord | None]) -> list[UserId]:
    return [tweet.author_id for tweet in tweets if tweet is not None]
