"""Waiting for what the workers do."""

import asyncio
from collections.abc import Awaitable, Callable

_EVERY_SECONDS = 0.002


async def until(check: Callable[[], Awaitable[bool]], *, within: float = 30.0) -> None:
    """Raises TimeoutError where that takes longer."""
    async with asyncio.timeout(within):
        while True:
            if await check():
                return
            await asyncio.sleep(_EVERY_SECONDS)
