"""CompactEvent and CompactQueue behave as asyncio's event and queue."""

import asyncio

import pytest

from core.runtime.compact_asyncio import CompactEvent, CompactQueue


async def test_all_who_wait_for_a_flag_go_on_once_it_is_set_even_for_a_moment() -> None:
    flag = CompactEvent()
    waiting = [asyncio.create_task(flag.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    flag.set()
    flag.clear()
    assert await asyncio.gather(*waiting[1:]) == [True, True]
    assert (waiting[0].cancelled(), flag.is_set()) == (True, False)


async def test_who_comes_to_a_flag_that_is_set_does_not_wait() -> None:
    flag = CompactEvent()
    flag.set()
    assert flag.is_set()
    async with asyncio.timeout(0):
        assert await flag.wait()


async def test_what_is_put_is_taken_in_order_by_who_waits_and_who_comes_later() -> None:
    inbox = CompactQueue[int]()
    first = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    for number in range(3):
        inbox.put_nowait(number)
    assert [await first, await inbox.get()] == [0, 1]
    assert not inbox.empty()
    assert (await inbox.get(), inbox.empty()) == (2, True)


async def test_who_is_cancelled_takes_nothing() -> None:
    inbox = CompactQueue[int]()
    taking = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.put_nowait(1)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert await inbox.get() == 1
