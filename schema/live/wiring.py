"""Live wiring: gives subscriptions the use cases that decide what each viewer is sent. The rooms meet only here."""

from contextlib import AbstractAsyncContextManager
from functools import partial

from resolvers.services import Services
from resolvers.timelines.home import stay_live
from resolvers.timelines.list import stay_in_memory
from resolvers.timelines.live_events import live_items, live_notifications
from subscriptions.live import Live, open_live


def wire_live(services: Services, redis_url: str | None) -> AbstractAsyncContextManager[Live]:
    return open_live(
        services.stores,
        redis_url,
        evaluate_home=partial(live_items, services),
        home_upkeep=partial(stay_live, services),
        list_upkeep=partial(stay_in_memory, services),
        evaluate_notifications=partial(live_notifications, services),
    )
