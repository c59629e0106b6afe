"""`eventually`, by which all other tests wait."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.support.waiting import eventually


async def test_first_truthy_answer_is_returned() -> None:
    answers: Iterator[int] = iter([0, 0, 7, 8])
    assert await eventually(lambda: next(answers)) == 7


async def test_failed_assertion_is_tried_again() -> None:
    answers: Iterator[int] = iter([1, 2, 3])

    async def is_three() -> bool:
        assert next(answers) == 3
        return True

    assert await eventually(is_three)


async def test_deadline_tells_the_last_answer() -> None:
    with pytest.raises(AssertionError, match=r"^Not within 0.05 s: the last answer was \[\]$"):
        await eventually(list, within=0.05)


async def test_deadline_tells_the_last_failure() -> None:
    def refuse() -> bool:
        message = "two of three"
        raise AssertionError(message)

    with pytest.raises(AssertionError, match=r"^Not within 0.05 s: two of three$"):
        await eventually(refuse, within=0.05)


async def test_check_that_hangs_is_cut_off() -> None:
    with pytest.raises(AssertionError, match=r"^Not within 0.05 s: it was never answered$"):
        await eventually(asyncio.Event().wait, within=0.05)


async def test_timeout_of_the_check_itself_is_not_hidden() -> None:
    async def times_out() -> bool:
        raise TimeoutError("the store is away")

    with pytest.raises(TimeoutError, match="the store is away"):
        await eventually(times_out)


async def test_check_that_ignores_its_cancellation_ends_too() -> None:
    async def stubborn() -> bool:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return False

    with pytest.raises(AssertionError, match=r"^Not within 0.05 s: the last answer was False$"):
        await eventually(stubborn, within=0.05)
