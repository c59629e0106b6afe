"""Waits for a condition with a deadline. Tests wait in no other way."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeVar, cast, overload

T = TypeVar("T")

POLL_SECONDS, LONGEST_POLL_SECONDS = 0.01, 0.05
_LONGER = 1.25


@overload
async def eventually(check: Callable[[], Awaitable[T]], within: float = ..., *, longest_pause: float = ...) -> T: ...
@overload
async def eventually(check: Callable[[], T], within: float = ..., *, longest_pause: float = ...) -> T: ...
async def eventually(
    check: Callable[[], Awaitable[T] | T], within: float = 20.0, *, longest_pause: float = LONGEST_POLL_SECONDS
) -> T:
    """Polls `check` and returns its first truthy result; AssertionErrors of `check` count as falsy.

    Less and less often, down to each `longest_pause` seconds: a question takes time from what it waits for.
    A hanging check is cancelled at the deadline. Raises AssertionError with the last reason.
    """
    reason = "it was never answered"
    deadline, pause = asyncio.timeout(within), POLL_SECONDS
    try:
        async with deadline:
            # Python 3.11's wait_for, and with it both stores' drivers, can lose a cancellation by the deadline.
            while not deadline.expired():
                try:
                    if answer := await _ask(check):
                        return answer
                    reason = f"the last answer was {answer!r}"
                except AssertionError as error:
                    reason = str(error) or "an assertion without a message failed"
                await asyncio.sleep(pause)
                pause = min(pause * _LONGER, longest_pause)
    except TimeoutError:
        if not deadline.expired():
            raise
    raise AssertionError(f"Not within {within:g} s: {reason}")


async def _ask(check: Callable[[], Awaitable[T] | T]) -> T:
    answer = check()
    return cast(T, await answer) if isawaitable(answer) else answer
