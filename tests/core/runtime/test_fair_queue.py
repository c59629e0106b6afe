"""Fair queue: turns of kinds and clients, shares, floods, cancelled callers."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest

from core.runtime.fair_queue import FairQueue, QueueFullError

MOST_WAITING, MOST_PER_CLIENT = 6, 3


class Stage:
    """A queue of one thread, which is held until `open`; `served` has what ran, in order."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.queue = FairQueue(pool, threads=1, most_waiting=MOST_WAITING, most_per_client=MOST_PER_CLIENT)
        self.gate = threading.Event()
        self.served: list[str] = []
        self.calls: list[asyncio.Task[None]] = []

    async def waiting(self, client: str, kind: str = "in") -> None:
        """Returns when the call waits, or was refused; it is the last of `calls`."""
        call: asyncio.Task[None] = asyncio.create_task(self.queue.run(kind, client, lambda: self.served.append(client)))
        self.calls.append(call)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def done(self) -> list[BaseException]:
        """The errors of all calls, which are let go."""
        self.gate.set()
        ended = await asyncio.gather(*self.calls, return_exceptions=True)
        return [error for error in ended if error is not None]


@asynccontextmanager
async def held() -> AsyncIterator[Stage]:
    with ThreadPoolExecutor(1) as pool:
        stage = Stage(pool)
        holding = asyncio.create_task(stage.queue.run("in", "holder", stage.gate.wait))
        await asyncio.sleep(0)
        try:
            yield stage
        finally:
            stage.gate.set()
            await holding


async def test_clients_and_kinds_are_served_by_turns() -> None:
    async with held() as stage:
        for client, kind in (("a", "in"), ("a", "in"), ("a", "in"), ("b", "in"), ("new", "up"), ("new", "up")):
            await stage.waiting(client, kind)
        assert await stage.done() == []
    assert stage.served == ["a", "new", "b", "new", "a", "a"]


async def test_client_has_a_share_of_each_kind() -> None:
    async with held() as stage:
        for _ in range(MOST_PER_CLIENT):
            await stage.waiting("a")
        await stage.waiting("a")
        assert isinstance(stage.calls[-1].exception(), QueueFullError)
        await stage.waiting("a", "up")
        await stage.waiting("b")
        await stage.done()
    assert sorted(stage.served) == ["a", "a", "a", "a", "b"]


async def test_full_queue_takes_a_new_client_in_place_of_the_newest_call_of_the_longest() -> None:
    async with held() as stage:
        for client in "aaabbbc":
            await stage.waiting(client)
        assert [call.done() for call in stage.calls] == [False, False, True, False, False, False, False]
        assert isinstance(stage.calls[2].exception(), QueueFullError)
        await stage.done()
    assert stage.served == list("abcabb")


async def test_full_queue_of_clients_with_a_call_each_refuses_the_next() -> None:
    async with held() as stage:
        for client in "abcdef":
            await stage.waiting(client)
        await stage.waiting("g")
        assert isinstance(stage.calls[-1].exception(), QueueFullError)
        await stage.done()
    assert stage.served == list("abcdef")


async def test_cancelled_caller_leaves_its_place_and_its_work_is_not_done() -> None:
    async with held() as stage:
        for _ in range(MOST_PER_CLIENT):
            await stage.waiting("a")
        stage.calls[1].cancel()
        await asyncio.wait([stage.calls[1]])
        await stage.waiting("a")
        assert not stage.calls[-1].done()
        errors = await stage.done()
    assert [type(error) for error in errors] == [asyncio.CancelledError]
    assert stage.served == ["a"] * MOST_PER_CLIENT


async def test_caller_cancelled_while_its_work_runs_gives_the_thread_back() -> None:
    with ThreadPoolExecutor(1) as pool:
        stage = Stage(pool)
        running = asyncio.create_task(stage.queue.run("in", "a", stage.gate.wait))
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
        await stage.waiting("b")
        assert await stage.done() == []
    assert stage.served == ["b"]


async def test_error_of_the_work_reaches_its_caller_alone() -> None:
    def fail() -> None:
        raise KeyError("a")

    with ThreadPoolExecutor(1) as pool:
        queue = FairQueue(pool, threads=1, most_waiting=MOST_WAITING, most_per_client=MOST_PER_CLIENT)
        with pytest.raises(KeyError):
            await queue.run("in", "a", fail)
        assert await queue.run("in", "a", lambda: 1) == 1
