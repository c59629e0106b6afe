"""Which node serves which slot at this moment, learnt from whatever node answers.

What is known may be out of date at any time: whoever meets a redirect or a silence says so, and looks again.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

import structlog
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ClusterDownError
from redis.exceptions import ConnectionError as ConnectionBroken

from core.redis_cluster_url import Address, ClusterUrl
from datastore.redis.cluster.slots import Shard, SlotMap
from datastore.redis.node.connections import LOST

_ANSWER_SECONDS = 0.5
_FRESH_SECONDS = 0.1
_LOST_SECONDS = 0.5

_log = structlog.get_logger()


class Topology:
    """Empty until the first `refresh`. One look at a time, whoever asks for it.

    `is_lost`: at the last look no node answered. Nobody looks again within half a second, nor need anybody ask a node.
    """

    def __init__(self, url: ClusterUrl) -> None:
        self._url = url
        self._map = SlotMap()
        self._looking: asyncio.Task[bool] | None = None
        self._looked_at = float("-inf")
        self.is_lost = False
        self._unheard: Address | None = None

    @property
    def is_known(self) -> bool:
        return bool(self._map.shards())

    def shard_of(self, slot: int) -> Shard:
        """Raises ClusterDownError for a slot that nobody is known to serve."""
        shard = self._map.shard_of(slot)
        if shard is None:
            raise ClusterDownError(f"nobody serves slot {slot}", status_code="CLUSTERDOWN")
        return shard

    def shards(self) -> Sequence[Shard]:
        return self._map.shards()

    def move(self, slot: int, master: Address) -> None:
        """A node said that this slot is served by another one."""
        self._map.move(slot, master)

    async def refresh(self) -> None:
        """Looks again, unless somebody has just done so. Raises ConnectionError where no node answers."""
        if not await asyncio.shield(self._look_once()):
            raise ConnectionBroken("no node of the cluster answers")

    def look_soon(self) -> None:
        """The same, and waits for nothing."""
        self._looking = self._look_once()

    def _look_once(self) -> "asyncio.Task[bool]":
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return self._looking

    async def aclose(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> bool:
        """Whether somebody answered, now or a moment ago."""
        if time.monotonic() - self._looked_at < (_LOST_SECONDS if self.is_lost else _FRESH_SECONDS):
            return not self.is_lost
        reasons: list[str] = []
        for node in self._candidates():
            try:
                self._map = await self._map_of(node)
            except LOST as error:
                self._unheard = node
                reasons.append(f"{node}: {error}")
            else:
                self._looked_at, self.is_lost = time.monotonic(), False
                return True
        self._looked_at, self.is_lost = time.monotonic(), True
        _log.warning("cluster_lost", reasons=reasons)
        return False

    def _candidates(self) -> Sequence[Address]:
        """In any order; who gave no answer the last time comes last."""
        known = [node for shard in self.shards() for node in (shard.master, *shard.replicas)]
        nodes = list(dict.fromkeys([*known, *self._url.nodes]))
        return sorted(nodes, key=lambda node: (node == self._unheard, random.random()))  # noqa: S311

    async def _map_of(self, node: Address) -> SlotMap:
        connection: Any = ConnectionPool.from_url(  # type: ignore[no-untyped-call]
            self._url.of_node(node),
            protocol=2,
            socket_connect_timeout=_ANSWER_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ).make_connection()
        try:
            await connection.connect()
            await connection.send_command("CLUSTER", "SLOTS")
            ranges: Any = await connection.read_response()
        finally:  # at once: a client's own way of closing is lost where it is cancelled
            await connection.disconnect(nowait=True)
        found = SlotMap([(first, last, _shard(nodes, node)) for first, last, *nodes in ranges])
        if not found.shards():
            raise ClusterDownError("it serves no slots", status_code="CLUSTERDOWN")
        return found


def _shard(nodes: Sequence[Sequence[Any]], asked: Address) -> Shard:
    """A node that does not know by which name it is reached gives none."""
    master, *replicas = [Address(host.decode() if host else asked.host, port) for host, port, *_ in nodes]
    return Shard(master, tuple(replicas))
