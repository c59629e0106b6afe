"""What subscriptions of a process live on, opened once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from datastore.doorbell import RedisDoorbell
from datastore.stores import Stores
from subscriptions.broadcast import ResilientBroadcast
from subscriptions.searches import Searches
from subscriptions.trends import TrendWatch
from subscriptions.updates import TweetUpdates


@dataclass(frozen=True, slots=True)
class Live:
    broadcast: ResilientBroadcast
    updates: TweetUpdates
    trends: TrendWatch
    searches: Searches


@asynccontextmanager
async def open_live(stores: Stores, redis_url: str | None) -> AsyncIterator[Live]:
    async with (
        ResilientBroadcast(RedisDoorbell(redis_url or "")) as broadcast,
        TweetUpdates(stores.tweets) as updates,
        TrendWatch(stores.trends) as trends,
        Searches(stores.posts, stores.tweets, broadcast) as searches,
    ):
        yield Live(broadcast, updates, trends, searches)
