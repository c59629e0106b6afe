"""Waits between tries, and acts that are tried again while the server is away for a moment."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from rookery_client.errors import RookeryError

_FIRST_SECONDS, _LONGEST_SECONDS = 0.25, 8.0
_TRIES = 6
Result = TypeVar("Result")


class Backoff:
    """Waits that double from a quarter of a second to eight, spread so that clients do not come all at once."""

    def __init__(self) -> None:
        self._tries = 0

    def reset(self) -> None:
        self._tries = 0

    async def wait(self, at_least: float | None = None) -> None:
        seconds = min(_FIRST_SECONDS * 2**self._tries, _LONGEST_SECONDS)
        # More tries would only make the number larger.
        self._tries = min(self._tries + 1, 16)
        await asyncio.sleep(max(at_least or 0.0, seconds) * random.uniform(0.8, 1.2))  # noqa: S311 - nothing secret


async def retried(act: Callable[[], Awaitable[Result]], tries: int | None = _TRIES) -> Result:
    """Does what may be done twice without harm: six times within about eight seconds, or for ever."""
    backoff = Backoff()
    tried = 0
    while True:
        tried += 1
        try:
            return await act()
        except RookeryError as error:
            if not error.is_passing or tried == tries:
                raise
            await backoff.wait(error.retry_after)
