"""Processor time that acts take until nothing is left to be done, by part of the service, without that of idling."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from time import perf_counter

from bench.harness.cpu import seconds_by_word

PARTS: Mapping[str, str] = {"uvicorn": "API", "workers": "workers", "mongod": "MongoDB", "valkey": "Redis"}
_IDLE_SECONDS, _LOOK_SECONDS, _IDLE_LOOKS = 2.0, 0.25, 4


class SettledCpu:
    """The processes of one service, and their descendants."""

    def __init__(self, processes: AbstractSet[int]) -> None:
        self._processes = processes

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[dict[str, float]]:
        """Milliseconds by part, filled in when the block has ended and the processes idle as they did before."""
        spent: dict[str, float] = {}
        idle = await self._idle()
        before, began = self._seconds(), perf_counter()
        yield spent
        await self._until_idle(idle)
        lasted, after = perf_counter() - began, self._seconds()
        for word, part in PARTS.items():
            spent[part] = max(after[word] - before[word] - idle[word] * lasted, 0.0) * 1000

    def _seconds(self) -> dict[str, float]:
        return seconds_by_word(self._processes, list(PARTS))

    async def _idle(self) -> dict[str, float]:
        """Processor time a second while nothing is asked, by word."""
        before = self._seconds()
        await asyncio.sleep(_IDLE_SECONDS)
        after = self._seconds()
        return {word: (after[word] - before[word]) / _IDLE_SECONDS for word in PARTS}

    async def _until_idle(self, idle: Mapping[str, float]) -> None:
        quiet, last = 0, sum(self._seconds().values())
        while quiet < _IDLE_LOOKS:
            await asyncio.sleep(_LOOK_SECONDS)
            now = sum(self._seconds().values())
            quiet = quiet + 1 if (now - last) / _LOOK_SECONDS <= sum(idle.values()) * 1.2 + 0.03 else 0
            last = now
