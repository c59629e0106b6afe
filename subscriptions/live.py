"""What subscriptions of a process live on, opened once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from datastore.redis.pubsub.backend import RedisDoorbell
from datastore.stores import Stores
from datastore.timelines.event_log import NotificationChange, TimelineChange
from subscriptions.broadcast import ResilientBroadcast
from subscriptions.event_hub import LogFeeds, Upkeep, Values
from subscriptions.searches import Searches
from subscriptions.trends import TrendWatch
from subscriptions.tweet_updates import TweetUpdates


@dataclass(frozen=True, slots=True)
class Live:
    broadcast: ResilientBroadcast
    home: LogFeeds[TimelineChange]
    notifications: LogFeeds[NotificationChange]
    updates: TweetUpdates
    trends: TrendWatch
    searches: Searches


@asynccontextmanager
async def open_live(
    stores: Stores,
    redis_url: str | None,
    *,
    home_values: Values[TimelineChange],
    home_upkeep: Upkeep,
    notification_values: Values[NotificationChange],
) -> AsyncIterator[Live]:
    """The values are what changes are for their people; see subscriptions/event_hub.py."""
    async with (
        ResilientBroadcast(RedisDoorbell(redis_url or "")) as broadcast,
        LogFeeds(stores.timelines.home_log, broadcast, values=home_values, upkeep=home_upkeep) as home,
        LogFeeds(stores.notifications.log, broadcast, values=notification_values) as notifications,
        TweetUpdates(stores.tweets.items) as updates,
        TrendWatch(stores.trends.snapshots) as trends,
        Searches(stores.timelines.post_log, stores.tweets.items, broadcast) as searches,
    ):
        yield Live(broadcast, home, notifications, updates, trends, searches)
