"""Loops that notice cancellation, and bounded concurrency over pages.

On Python 3.11 `asyncio.wait_for`, which the drivers use, can lose a cancellation.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def not_cancelled() -> bool:
    """False once the current task was cancelled. Loops around store calls use it in place of `while True`."""
    task = asyncio.current_task()
    return task is None or not task.cancelling()


async def for_each_page(pages: AsyncIterator[T], act: Callable[[T], Awaitable[object]], *, at_once: int) -> None:
    """Runs `act` on all pages, `at_once` at a time, while the next page is read. Raises the first error.

    No TaskGroup: before Python 3.13 the task that waits for a group counts as cancelled once a child failed, so that
    `not_cancelled` is False from then on.
    """
    turn = asyncio.Lock()

    async def work() -> None:
        while not_cancelled():
            async with turn:
                page = await anext(pages, None)
            if page is None:
                return
            await act(page)

    working = [asyncio.create_task(work()) for _ in range(at_once)]
    try:
        await asyncio.gather(*working)
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
