"""Timeouts in event-loop time: time in which the loop was blocked does not count."""

import asyncio
import time

import pytest

from core.runtime.event_loop_timeout import loop_time_timeout


def hold_up(seconds: float) -> None:
    """Blocks the event loop."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


async def test_it_ends_what_is_never_answered() -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with loop_time_timeout(0.1):
            await asyncio.Event().wait()
    assert time.monotonic() - began >= 0.1


async def test_the_time_in_which_the_process_was_held_up_does_not_count() -> None:
    answer = asyncio.Event()
    asyncio.get_running_loop().call_soon(hold_up, 0.4)
    asyncio.get_running_loop().call_soon(asyncio.get_running_loop().call_soon, answer.set)
    async with loop_time_timeout(0.2):
        await answer.wait()
    assert answer.is_set()


async def test_who_is_cancelled_meanwhile_is_not_told_of_a_deadline() -> None:
    async def wait() -> None:
        async with loop_time_timeout(60):
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
