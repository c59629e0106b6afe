"""Time limits on a shared timer."""

import asyncio

import pytest

from core.runtime.deadlines import Deadlines


async def test_what_takes_too_long_ends_with_a_timeout_and_the_task_goes_on() -> None:
    deadlines = Deadlines(0.01)
    with pytest.raises(TimeoutError), deadlines.limit():
        await asyncio.Event().wait()
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()
    with deadlines.limit():
        await asyncio.sleep(0)


async def test_limits_end_in_their_order_each_by_itself() -> None:
    deadlines, ended = Deadlines(0.01), list[int]()

    async def waits(number: int) -> None:
        with pytest.raises(TimeoutError), deadlines.limit():
            await asyncio.Event().wait()
        ended.append(number)

    await asyncio.gather(*[waits(number) for number in range(3)])
    assert ended == [0, 1, 2]


async def test_who_is_through_in_time_is_left_alone_however_many_others_are_not() -> None:
    deadlines, is_let_go = Deadlines(0.01), asyncio.Event()

    async def is_quick() -> None:
        with deadlines.limit():
            await asyncio.sleep(0)
        await is_let_go.wait()

    quick = asyncio.create_task(is_quick())
    for _ in range(2):
        with pytest.raises(TimeoutError), deadlines.limit():
            await asyncio.Event().wait()
    is_let_go.set()
    await quick


async def test_a_task_that_is_cancelled_is_not_told_of_a_timeout() -> None:
    deadlines = Deadlines(60)

    async def waits() -> None:
        with deadlines.limit():
            await asyncio.Event().wait()

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_outer_limit_that_is_over_passes_through_an_inner_one() -> None:
    outer, inner = Deadlines(0.01), Deadlines(60)
    with pytest.raises(TimeoutError), outer.limit(), inner.limit():
        await asyncio.Event().wait()


def test_the_next_event_loop_has_a_timer_of_its_own() -> None:
    deadlines = Deadlines(0.01)

    async def waits() -> None:
        with deadlines.limit():
            await asyncio.Event().wait()

    async def is_through() -> None:
        with deadlines.limit():
            await asyncio.sleep(0)

    asyncio.run(is_through())
    with pytest.raises(TimeoutError):
        asyncio.run(waits())
