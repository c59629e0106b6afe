"""Waits for a condition with a deadline, by polling."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(check: Callable[[], Awaitable[bool]], *, within: float = 30.0, poll_seconds: float = 0.002) -> None:
    """Returns when `check` does True. Raises TimeoutError after `within` seconds."""
    async with asyncio.timeout(within):
        while True:
            if await check():
                return
            await asyncio.sleep(poll_seconds)
