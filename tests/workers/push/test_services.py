"""Turns at push services: more with each answer, none while they rest."""

import asyncio

import pytest

from tests.support.waiting import eventually
from workers.push.services import PushService, RestingError


async def test_a_service_gets_more_at_once_with_each_answer() -> None:
    service, ended, running = PushService(), asyncio.Event(), set[object]()

    async def hold() -> None:
        async with service.turn():
            running.add(asyncio.current_task())
            await ended.wait()
            running.discard(asyncio.current_task())

    holding = [asyncio.create_task(hold()) for _ in range(20)]
    await eventually(lambda: len(running) == 4)
    for _ in range(6):
        service.answered()
    ended.set()
    await asyncio.gather(*holding)
    assert service.is_idle
    ended.clear()
    holding = [asyncio.create_task(hold()) for _ in range(20)]
    await eventually(lambda: len(running) == 10)
    ended.set()
    await asyncio.gather(*holding)


async def test_a_service_that_fails_rests_and_keeps_nobody_waiting() -> None:
    service, entered, leave = PushService(), asyncio.Semaphore(0), asyncio.Event()

    async def fail() -> None:
        async with service.turn():
            entered.release()
            await leave.wait()
            service.failed()

    failing = [asyncio.create_task(fail()) for _ in range(100)]
    for _ in range(4):
        await entered.acquire()
    leave.set()
    results = await asyncio.gather(*failing, return_exceptions=True)
    assert sum(isinstance(one, RestingError) for one in results) >= 95
    with pytest.raises(RestingError) as resting:
        async with service.turn():
            pytest.fail("it rests")
    assert 0 < resting.value.seconds <= 2.5
    assert not service.is_idle


async def test_nobody_waits_for_a_service_that_is_on_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """One attempt tells whether it is back; the others are put off meanwhile."""
    monkeypatch.setattr("workers.push.services._FIRST_REST", 0.001)
    service = PushService()
    for _ in range(3):
        service.failed()
    await eventually(lambda: service.rest_seconds == 0)
    async with service.turn():
        assert service.rest_seconds > 0
        with pytest.raises(RestingError):
            async with service.turn():
                pytest.fail("its only turn is taken")
        service.answered()
    assert service.rest_seconds == 0
    async with service.turn(), service.turn():
        pass


async def test_a_cancelled_wait_takes_nobodys_turn() -> None:
    service, ended = PushService(), asyncio.Event()

    async def hold() -> None:
        async with service.turn():
            await ended.wait()

    holding = [asyncio.create_task(hold()) for _ in range(4)]
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(hold()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    ended.set()
    waiting[1].cancel()  # it may have got its turn in this moment
    await asyncio.gather(*holding, *waiting, return_exceptions=True)
    assert service.is_idle
    async with service.turn():
        pass
