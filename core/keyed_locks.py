"""One after the other for those of this process who want the same.

MongoDB ends a transaction that meets another one on a document. Where many meet there and all try again, most of them
never get through: so they wait in line here. Those of other processes still meet, a few at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary


class Lanes:
    """A line for each id that somebody has or wants."""

    def __init__(self) -> None:
        self._locks = WeakValueDictionary[int, asyncio.Lock]()

    @asynccontextmanager
    async def of(self, ids: Collection[int], within_seconds: float | None) -> AsyncIterator[None]:
        """Has all of the ids, first come, first served. Raises TimeoutError where that takes too long (None: never)."""
        async with AsyncExitStack() as held:
            async with asyncio.timeout(within_seconds):
                for id_ in sorted(set(ids)):  # in one order, so that no two wait for each other
                    await held.enter_async_context(self._locks.setdefault(id_, asyncio.Lock()))
            yield
