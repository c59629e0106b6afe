"""Loops that notice cancellation, and bounded concurrency over things and pages.

On Python 3.11 `asyncio.wait_for`, which the drivers use, can lose a cancellation.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


def not_cancelled() -> bool:
    """False once the current task was cancelled. Loops around store calls use it in place of `while True`."""
    task = asyncio.current_task()
    return task is None or not task.cancelling()


async def for_each(things: Iterable[T], act: Callable[[T], Awaitable[object]], *, at_once: int) -> None:
    """Runs `act` on each thing, `at_once` at a time. The first error cancels the rest, and is raised as it is."""
    waiting = iter(things)

    async def work() -> None:
        for thing in waiting:
            await act(thing)

    await _all_of([work() for _ in range(at_once)])


async def for_each_page(pages: AsyncIterator[T], act: Callable[[T], Awaitable[object]], *, at_once: int) -> None:
    """As `for_each`, while the next page is read."""
    turn = asyncio.Lock()

    async def work() -> None:
        while not_cancelled():
            async with turn:
                page = await anext(pages, None)
            if page is None:
                return
            await act(page)

    await _all_of([work() for _ in range(at_once)])


async def _all_of(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """No TaskGroup, which wraps errors: workers repeat what an UnavailableError broke off. And before Python 3.13 the
    task that waits for a group counts as cancelled once a child failed: `not_cancelled` is False from then on.
    """
    working = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*working)
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
