"""Processes that tests kill, workers above all; a killed one is replaced."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from multiprocessing.process import BaseProcess

import uvloop

from core.settings import Settings
from datastore.stores import open_stores
from tests.support.service import OVERDUE_MS, running_workers
from workers.consumer import batch_runner, runner
from workers.moderation import people

END_SECONDS = 10.0
# What a killed process has left is looked for often.
SWEEP_SECONDS = CLAIM_SECONDS = 0.5


class KilledProcesses:
    """A number of processes; for each that is killed another one is started. Each gets its number, from 0."""

    def __init__(self, run: Callable[[Settings, int], None], settings: Settings) -> None:
        self._run, self._settings, self._started = run, settings, 0
        # Forked from a process with all modules loaded, a new one runs within milliseconds.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._running: list[BaseProcess] = []

    def start(self) -> None:
        process = self._context.Process(target=self._run, args=(self._settings, self._started), daemon=True)
        process.start()
        self._started += 1
        self._running.append(process)

    def kill(self, which: int) -> None:
        """Kills a process by SIGKILL and starts another one."""
        process = self._running.pop(which % len(self._running))
        process.kill()
        process.join(END_SECONDS)
        self.start()

    async def stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            await asyncio.to_thread(process.join, END_SECONDS)
            process.close()


@asynccontextmanager
async def killed_processes(
    run: Callable[[Settings, int], None], settings: Settings, count: int
) -> AsyncIterator[KilledProcesses]:
    processes = KilledProcesses(run, settings)
    try:
        for _ in range(count):
            processes.start()
        yield processes
    finally:
        await processes.stop()


@asynccontextmanager
async def worker_processes(
    settings: Settings, count: int, overdue_ms: int = OVERDUE_MS, *, is_one_at_a_time: bool = False
) -> AsyncIterator[KilledProcesses]:
    """Worker processes that claim abandoned jobs soon. Unfinished acts are issued again after `overdue_ms`.

    `is_one_at_a_time`: no act is under way when a moderator decides, so that none is waited for.
    """
    run = work_on_single_acts if is_one_at_a_time else work
    async with killed_processes(partial(run, overdue_ms), settings, count) as workers:
        yield workers


def work_on_single_acts(overdue_ms: int, settings: Settings, number: int) -> None:
    people.UNDER_WAY_SECONDS = 0.0  # type: ignore[misc]
    work(overdue_ms, settings, number)


def work(overdue_ms: int, settings: Settings, _: int) -> None:
    """Runs all workers in this process until its parent ends."""
    runner._CLAIM_SECONDS = batch_runner._CLAIM_SECONDS = CLAIM_SECONDS  # noqa: SLF001 - a process of its own
    uvloop.run(_work(settings, overdue_ms))


async def _work(settings: Settings, overdue_ms: int) -> None:
    workers = partial(running_workers, overdue_ms=overdue_ms, settings=settings, sweep_seconds=SWEEP_SECONDS)
    async with open_stores(settings) as stores, workers(stores):
        parent = multiprocessing.parent_process()
        if parent is not None:
            await asyncio.to_thread(parent.join)
