"""Knowing when to end. On Python 3.11 `asyncio.wait_for`, which the drivers use, can lose a cancellation."""

import asyncio


def goes_on() -> bool:
    """False once the current task was asked to end. Loops around calls of a store ask it in place of `while True`."""
    task = asyncio.current_task()
    return task is None or not task.cancelling()
