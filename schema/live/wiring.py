"""Live wiring: gives subscriptions the use cases that decide what each viewer is sent. The rooms meet only here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from datastore.invalidation import watch_late_invalidations
from resolvers.services import Services
from resolvers.timelines.home import stay_live
from resolvers.timelines.list import stay_in_memory
from resolvers.timelines.live_events import live_items, live_notifications
from subscriptions.live import Live, open_live


@asynccontextmanager
async def wire_live(services: Services, redis_url: str | None) -> AsyncIterator[Live]:
    """The sockets of a session whose end Redis did not tell are told by MongoDB."""
    async with open_live(
        services.stores,
        redis_url,
        evaluate_home=partial(live_items, services),
        home_upkeep=partial(stay_live, services),
        list_upkeep=partial(stay_in_memory, services),
        evaluate_notifications=partial(live_notifications, services),
    ) as live:

        def on_end(channel: str) -> None:
            live.broadcast.call_back(channel, "ended")

        async with watch_late_invalidations(services.stores, on_end):
            yield live
