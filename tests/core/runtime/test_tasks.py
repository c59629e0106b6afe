"""Bounded concurrency over pages, and loops that notice cancellation."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.runtime.tasks import for_each, for_each_page, not_cancelled

PAGES = ["first", "second", "third", "fourth"]


async def pages() -> AsyncIterator[str]:
    for page in PAGES:
        yield page


async def test_every_page_is_worked_on_once() -> None:
    seen: list[str] = []

    async def see(page: str) -> None:
        seen.append(page)

    await for_each_page(pages(), see, at_once=3)
    assert sorted(seen) == sorted(PAGES)
    await for_each(PAGES, see, at_once=3)
    assert sorted(seen) == sorted(2 * PAGES)


async def test_so_many_are_worked_on_at_a_time() -> None:
    under_way, gate = set[str](), asyncio.Event()

    async def stay(page: str) -> None:
        under_way.add(page)
        if len(under_way) == 2:
            gate.set()
        await gate.wait()
        assert len(under_way) <= 2
        under_way.remove(page)

    async with asyncio.timeout(5.0):
        await for_each_page(pages(), stay, at_once=2)


async def test_what_went_wrong_is_raised_as_it_is() -> None:
    async def fail(page: str) -> None:
        raise LookupError(page)

    with pytest.raises(LookupError, match="first"):
        await for_each_page(pages(), fail, at_once=1)
    with pytest.raises(LookupError, match="first"):
        await for_each(PAGES, fail, at_once=3)
    assert not_cancelled()


async def test_whoever_asked_goes_on_after_a_failure() -> None:
    others = set[str]()

    async def fail_beside_others(page: str) -> None:
        if page == "first":
            raise LookupError(page)
        others.add(page)
        try:
            await asyncio.Event().wait()
        finally:
            others.remove(page)

    with pytest.raises(LookupError, match="first"):
        await for_each_page(pages(), fail_beside_others, at_once=2)
    assert not_cancelled()
    assert not others


async def test_pages_that_can_not_be_read_are_told() -> None:
    async def broken() -> AsyncIterator[str]:
        yield "first"
        raise LookupError("second")

    async def see(page: str) -> None:
        assert page == "first"

    with pytest.raises(LookupError, match="second"):
        await for_each_page(broken(), see, at_once=2)
