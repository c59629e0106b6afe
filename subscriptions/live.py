"""The sources of all subscriptions in a process, opened once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from datastore.redis.pubsub.backend import RedisPubSubBackend
from datastore.stores import Stores
from datastore.timelines.changes import NotificationChange, TimelineChange
from subscriptions.broadcast import ResilientBroadcast
from subscriptions.event_hub import Evaluate, EventHub, Upkeep
from subscriptions.searches import StandingSearches
from subscriptions.trends import TrendWatch
from subscriptions.tweet_updates import TweetUpdates


@dataclass(frozen=True, slots=True)
class Live:
    broadcast: ResilientBroadcast
    home: EventHub[TimelineChange]
    lists: EventHub[TimelineChange]
    notifications: EventHub[NotificationChange]
    updates: TweetUpdates
    trends: TrendWatch
    searches: StandingSearches


@asynccontextmanager
async def open_live(
    stores: Stores,
    redis_url: str | None,
    *,
    evaluate_home: Evaluate[TimelineChange],
    home_upkeep: Upkeep,
    list_upkeep: Upkeep,
    evaluate_notifications: Evaluate[NotificationChange],
) -> AsyncIterator[Live]:
    """`home_upkeep` keeps users with subscriptions live, `list_upkeep` lists in memory.

    The others are described in subscriptions/event_hub.py.
    """
    async with (
        ResilientBroadcast(RedisPubSubBackend(redis_url or "")) as broadcast,
        EventHub(stores.timelines.home_log, broadcast, evaluate=evaluate_home, upkeep=home_upkeep) as home,
        EventHub(stores.timelines.home_log, broadcast, upkeep=list_upkeep) as lists,
        EventHub(stores.notifications.log, broadcast, evaluate=evaluate_notifications) as notifications,
        TweetUpdates(stores.tweets.items, stores.tweets.counts, stores.media.items) as updates,
        TrendWatch(stores.trends.snapshots) as trends,
        StandingSearches(stores.timelines.post_log, stores.tweets, broadcast) as searches,
    ):
        yield Live(broadcast, home, lists, notifications, updates, trends, searches)
