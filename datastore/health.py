"""Whether the stores answer, and a line for operators about each that does not."""

import asyncio
from collections.abc import Awaitable, Sequence

from core.errors import UnavailableError
from core.network.store_addresses import no_answer
from core.settings import Settings
from datastore.stores import Stores

MONGO, REDIS = "mongo", "redis"
_TIMEOUT_SECONDS = 1.0


async def answering_stores(stores: Stores) -> dict[str, bool]:
    """Whether each store answers within a second, by its name."""
    mongo, redis = await asyncio.gather(_answers(stores.mongo.ping()), _answers(stores.jobs.locks.ping()))
    return {MONGO: mongo, REDIS: redis}


async def unreachable(stores: Stores, settings: Settings) -> Sequence[str]:
    """For each store that does not answer within a second a line with its setting, hosts and ports."""
    answering = await answering_stores(stores)
    return [_no_answer(name, settings) for name, answers in answering.items() if not answers]


def explained(error: UnavailableError, settings: Settings) -> str:
    """The error for operators: which setting names the store, and where that should be."""
    name = {"The database": MONGO, "The cache": REDIS}.get(error.store)
    return str(error) if name is None else _no_answer(name, settings)


def _no_answer(name: str, settings: Settings) -> str:
    if name == MONGO:
        return no_answer("MONGO_URL", settings.mongo_url or "")
    return no_answer("REDIS_URL", settings.redis_url or "")


def has_steady_clock(stores: Stores) -> bool:
    """False while the clock is so far back that this process can make no ids: nobody can post here."""
    return not stores.ids.is_stopped


async def _answers(asking: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            await asking
    except (UnavailableError, TimeoutError):
        return False
    return True
