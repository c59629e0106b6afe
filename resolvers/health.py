"""Whether the stores answer at this moment."""

import asyncio
from collections.abc import Awaitable

from core.errors import UnavailableError
from resolvers.services import Services

_PATIENCE_SECONDS = 1.0


async def answering_stores(services: Services) -> dict[str, bool]:
    """By name."""
    mongo, redis = await asyncio.gather(
        _answers(services.stores.mongo.ping()), _answers(services.stores.jobs.locks.ping())
    )
    return {"mongo": mongo, "redis": redis}


async def _answers(asking: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await asking
    except (UnavailableError, TimeoutError):
        return False
    return True
