"""Health check of the stores."""

import asyncio
from collections.abc import Awaitable

from core.errors import UnavailableError
from resolvers.services import Services

_TIMEOUT_SECONDS = 1.0


async def answering_stores(services: Services) -> dict[str, bool]:
    """Whether each store answers within a second, by its name."""
    mongo, redis = await asyncio.gather(
        _answers(services.stores.mongo.ping()), _answers(services.stores.jobs.locks.ping())
    )
    return {"mongo": mongo, "redis": redis}


async def _answers(asking: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            await asking
    except (UnavailableError, TimeoutError):
        return False
    return True
