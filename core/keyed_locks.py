"""In-process lock per id or name: tasks that touch the same ones run one at a time.

MongoDB aborts a transaction that conflicts with another one on a document. If many retry the same document at once,
most never succeed, so the tasks of this process queue here. Other processes still conflict, a few at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

Key = TypeVar("Key", int, str)


class KeyedLock(Generic[Key]):
    """A first-in-first-out lock for each id, or name, that a task holds or waits for."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, ids: Collection[Key], timeout_seconds: float | None) -> AsyncIterator[None]:
        """Holds the locks of all ids. Raises TimeoutError if they are not free in time (None: no limit).

        Ids are locked in ascending order, so that two tasks never wait for each other.
        """
        async with AsyncExitStack() as held:
            async with asyncio.timeout(timeout_seconds):
                for id_ in sorted(set(ids)):
                    await held.enter_async_context(self._locks.setdefault(id_, asyncio.Lock()))
            yield
