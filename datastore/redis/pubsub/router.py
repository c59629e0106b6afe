"""Which line of the doorbell each channel is on: of the server that serves its slot, which may change at any time."""

import asyncio
import random
from collections.abc import Coroutine
from functools import cache
from typing import Any, Protocol

from broadcaster import Event
from redis.exceptions import ClusterDownError

from core.redis_cluster_url import ClusterUrl
from core.runtime.tasks import not_cancelled
from datastore.redis.cluster.slots import slot_of
from datastore.redis.cluster.topology import Topology
from datastore.redis.node.connections import REDIS_FAILURES
from datastore.redis.pubsub.channels import Channel, DoorbellTimings
from datastore.redis.pubsub.connection import BellLine

_WHOLE = 0


class Directory(Protocol):
    def slot_of(self, name: bytes) -> int:
        """Channels of one slot are at one server."""

    def home_of(self, slot: int) -> str | None:
        """The URL of who serves it; None where nobody is known to."""

    def homes(self) -> set[str]:
        """All of them."""

    async def refresh(self) -> None:
        """Looks again who serves what."""

    async def aclose(self) -> None: ...


class OneServer:
    """Serves every channel."""

    def __init__(self, url: str) -> None:
        self._url = url

    def slot_of(self, name: bytes) -> int:
        del name
        return _WHOLE

    def home_of(self, slot: int) -> str | None:
        del slot
        return self._url

    def homes(self) -> set[str]:
        return {self._url}

    async def refresh(self) -> None:
        """There is nothing to learn."""

    async def aclose(self) -> None:
        """There is nothing open."""


class ClusterDirectory:
    def __init__(self, url: ClusterUrl) -> None:
        self._url, self._topology = url, Topology(url)

    def slot_of(self, name: bytes) -> int:
        return slot_of(name)

    def home_of(self, slot: int) -> str | None:
        try:
            return self._url.of_node(self._topology.shard_of(slot).master)
        except ClusterDownError:
            return None

    def homes(self) -> set[str]:
        return {self._url.of_node(shard.master) for shard in self._topology.shards()}

    async def refresh(self) -> None:
        await self._topology.refresh()

    async def aclose(self) -> None:
        await self._topology.aclose()


class Switchboard:
    """Keeps each channel on the line where it is served."""

    def __init__(self, directory: Directory, timings: DoorbellTimings, events: asyncio.Queue[list[Event]]) -> None:
        self._directory, self._timings, self._events = directory, timings, events
        self._channels: dict[bytes, Channel] = {}
        self._homes: dict[bytes, str] = {}
        self._lines: dict[str, BellLine] = {}
        self._tasks = set[asyncio.Task[None]]()
        self._astray = asyncio.Event()

    def open(self) -> None:
        self._start(self._mend())
        self._route()
        self._astray.set()

    async def aclose(self) -> None:
        for line in self._lines.values():
            line.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lines.clear()
        self._homes.clear()
        await self._directory.aclose()

    def join(self, name: bytes) -> Channel:
        if (channel := self._channels.get(name)) is None:
            channel = self._channels[name] = Channel(name, self._directory.slot_of(name))
            self._place(channel, self._directory.home_of(channel.slot))
        return channel

    def leave(self, name: bytes) -> None:
        self._channels.pop(name, None)
        if (home := self._homes.pop(name, None)) is not None:
            self._lines[home].leave(name)

    async def _mend(self) -> None:
        """Whenever something went astray, and as long as a line is down: another server may have taken its place."""
        while not_cancelled():
            await self._trouble()
            try:
                await self._directory.refresh()
            except REDIS_FAILURES:
                self._astray.set()
            self._route()
            await asyncio.sleep(self._timings.first_retry_seconds * random.uniform(1, 2))  # noqa: S311

    async def _trouble(self) -> None:
        are_well = all(line.is_connected for line in self._lines.values())
        try:
            async with asyncio.timeout(None if are_well else self._timings.last_retry_seconds):
                await self._astray.wait()
        except TimeoutError:
            return
        self._astray.clear()

    def _route(self) -> None:
        wanted = self._directory.homes()
        for url in wanted - self._lines.keys():
            self._open_line(url)
        home_of = cache(self._directory.home_of)
        for name, channel in list(self._channels.items()):
            home = home_of(channel.slot)
            if home is None or home != self._homes.get(name):
                self.leave(name)
                moved = self._channels[name] = channel.moved()
                self._place(moved, home)
        for url, line in list(self._lines.items()):
            line.ask_again()
            if url not in wanted and line.is_idle:
                self._lines.pop(url).close()

    def _place(self, channel: Channel, home: str | None) -> None:
        if home is None:
            self._astray.set()
            return
        if home not in self._lines:
            self._open_line(home)
        self._homes[channel.name] = home
        self._lines[home].join(channel)

    def _open_line(self, url: str) -> None:
        line = self._lines[url] = BellLine(url, self._timings, self._events, self._astray.set)
        self._start(line.run())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
