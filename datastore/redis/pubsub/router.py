"""Shard routing of pub/sub: each channel is on the connection to the server that serves its slot at the moment."""

import asyncio
import random
from collections.abc import Coroutine
from functools import cache
from typing import Any, Protocol

from broadcaster import Event
from redis.exceptions import ClusterDownError

from core.network.redis_cluster_url import ClusterUrl
from core.runtime.tasks import not_cancelled
from datastore.redis.cluster.slots import slot_of
from datastore.redis.cluster.topology import Topology
from datastore.redis.node.connections import REDIS_FAILURES
from datastore.redis.pubsub.channels import Channel, PubSubTimings
from datastore.redis.pubsub.connection import PubSubConnection

_ONLY_SLOT = 0


class ShardDirectory(Protocol):
    """Which server, by its URL, serves which slot."""

    def slot_of(self, name: bytes) -> int: ...

    def url_of(self, slot: int) -> str | None:
        """None if no known server serves the slot."""

    def urls(self) -> set[str]: ...

    async def refresh(self) -> None: ...

    async def aclose(self) -> None: ...


class SingleNodeDirectory:
    """One server serves all channels."""

    def __init__(self, url: str) -> None:
        self._url = url

    def slot_of(self, name: bytes) -> int:
        del name
        return _ONLY_SLOT

    def url_of(self, slot: int) -> str | None:
        del slot
        return self._url

    def urls(self) -> set[str]:
        return {self._url}

    async def refresh(self) -> None:
        """Nothing can change."""

    async def aclose(self) -> None:
        """Nothing is open."""


class ClusterDirectory:
    """The masters of a cluster."""

    def __init__(self, url: ClusterUrl) -> None:
        self._url, self._topology = url, Topology(url)

    def slot_of(self, name: bytes) -> int:
        return slot_of(name)

    def url_of(self, slot: int) -> str | None:
        try:
            return self._url.of_node(self._topology.shard_of(slot).master)
        except ClusterDownError:
            return None

    def urls(self) -> set[str]:
        return {self._url.of_node(shard.master) for shard in self._topology.shards()}

    async def refresh(self) -> None:
        await self._topology.refresh()

    async def aclose(self) -> None:
        await self._topology.aclose()


class ShardRouter:
    """Keeps each channel on the connection to its server, and one connection to each server of the directory."""

    def __init__(self, directory: ShardDirectory, timings: PubSubTimings, events: asyncio.Queue[list[Event]]) -> None:
        self._directory, self._timings, self._events = directory, timings, events
        self._channels: dict[bytes, Channel] = {}
        self._url_by_channel: dict[bytes, str] = {}
        self._connections: dict[str, PubSubConnection] = {}
        self._tasks = set[asyncio.Task[None]]()
        self._has_misrouted = asyncio.Event()

    def open(self) -> None:
        self._start(self._reroute_forever())
        self._reroute()
        self._has_misrouted.set()

    async def aclose(self) -> None:
        for connection in self._connections.values():
            connection.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._connections.clear()
        self._url_by_channel.clear()
        await self._directory.aclose()

    def join(self, name: bytes) -> Channel:
        """Idempotent. The channel is confirmed later."""
        if (channel := self._channels.get(name)) is None:
            channel = self._channels[name] = Channel(name, self._directory.slot_of(name))
            self._assign(channel, self._directory.url_of(channel.slot))
        return channel

    def leave(self, name: bytes) -> None:
        self._channels.pop(name, None)
        if (url := self._url_by_channel.pop(name, None)) is not None:
            self._connections[url].remove(name)

    async def _reroute_forever(self) -> None:
        """After each misrouted channel, and while a connection is down: another server may have taken its place."""
        while not_cancelled():
            await self._wait_for_trouble()
            try:
                await self._directory.refresh()
            except REDIS_FAILURES:
                self._has_misrouted.set()
            self._reroute()
            await asyncio.sleep(self._timings.first_retry_seconds * random.uniform(1, 2))  # noqa: S311

    async def _wait_for_trouble(self) -> None:
        are_connected = all(connection.is_connected for connection in self._connections.values())
        try:
            async with asyncio.timeout(None if are_connected else self._timings.last_retry_seconds):
                await self._has_misrouted.wait()
        except TimeoutError:
            return
        self._has_misrouted.clear()

    def _reroute(self) -> None:
        urls = self._directory.urls()
        for url in urls - self._connections.keys():
            self._connect(url)
        url_of = cache(self._directory.url_of)
        for name, channel in list(self._channels.items()):
            current_url = url_of(channel.slot)
            if current_url is None or current_url != self._url_by_channel.get(name):
                self.leave(name)
                moved = self._channels[name] = channel.moved()
                self._assign(moved, current_url)
        for url, connection in list(self._connections.items()):
            connection.retry_refused()
            if url not in urls and connection.is_idle:
                self._connections.pop(url).close()

    def _assign(self, channel: Channel, url: str | None) -> None:
        if url is None:
            self._has_misrouted.set()
            return
        if url not in self._connections:
            self._connect(url)
        self._url_by_channel[channel.name] = url
        self._connections[url].add(channel)

    def _connect(self, url: str) -> None:
        connection = PubSubConnection(url, self._timings, self._events, self._has_misrouted.set)
        self._connections[url] = connection
        self._start(connection.run())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
