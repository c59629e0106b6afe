"""Backoff: growing waits up to a maximum, begun anew after a success, ended early by a stop."""

import asyncio

import pytest
from structlog.testing import capture_logs

from core.errors import UnavailableError
from workers.consumer.backoff import Backoff

ERROR = UnavailableError("The database")


def announced(logs: list[dict[str, object]]) -> list[object]:
    return [log["pause_seconds"] for log in logs if log["event"] == "a store is away"]


async def test_each_failure_doubles_the_wait_up_to_the_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.consumer.backoff._MIN_SECONDS", 0.001)
    monkeypatch.setattr("workers.consumer.backoff._MAX_SECONDS", 0.005)
    backoff = Backoff(asyncio.Event())
    with capture_logs() as logs:
        for _ in range(5):
            await backoff.wait_after(ERROR)
    assert announced(logs) == [0.001, 0.002, 0.004, 0.005, 0.005]  # type: ignore[arg-type]


async def test_a_success_begins_with_the_shortest_wait_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.consumer.backoff._MIN_SECONDS", 0.001)
    backoff = Backoff(asyncio.Event())
    with capture_logs() as logs:
        await backoff.wait_after(ERROR)
        await backoff.wait_after(ERROR)
        backoff.reset()
        await backoff.wait_after(ERROR)
    assert announced(logs) == [0.001, 0.002, 0.001]  # type: ignore[arg-type]


async def test_a_wait_takes_its_time() -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    await Backoff(asyncio.Event()).wait_after(ERROR)
    assert 0.04 < clock() - began < 5


async def test_a_stop_ends_the_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.consumer.backoff._MIN_SECONDS", 600.0)
    stop = asyncio.Event()
    waiting = asyncio.create_task(Backoff(stop).wait_after(ERROR))
    await asyncio.sleep(0)
    assert not waiting.done()
    stop.set()
    await asyncio.wait_for(waiting, 5.0)


async def test_after_a_stop_nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.consumer.backoff._MIN_SECONDS", 600.0)
    stop = asyncio.Event()
    stop.set()
    await asyncio.wait_for(Backoff(stop).wait_after(ERROR), 5.0)
