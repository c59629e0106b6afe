"""Cluster topology: which node serves which slot, read by CLUSTER SLOTS from any node that answers.

It may be out of date at any time. Callers refresh it when they meet a redirect or a node that does not answer.
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
from redis.exceptions import ConnectionError as RedisConnectionError

from core.network.redis_cluster_url import Address, ClusterUrl
from datastore.redis.cluster.slots import Shard, SlotMap
from datastore.redis.node.connections import REDIS_FAILURES, closing_as_failure

_ANSWER_SECONDS = 0.5
_FRESH_SECONDS = 0.1
_UNREACHABLE_SECONDS = 0.5

_log = structlog.get_logger()


class Topology:
    """Empty until the first `refresh`. Concurrent refreshes share one query.

    `is_unreachable`: no node answered the last query. For half a second nobody asks again, and callers fail at once.
    """

    def __init__(self, url: ClusterUrl) -> None:
        self._url = url
        self._map = SlotMap()
        self._refreshing: asyncio.Task[bool] | None = None
        self._refreshed_at = float("-inf")
        self.is_unreachable = False
        self._silent_node: Address | None = None

    @property
    def is_known(self) -> bool:
        return bool(self._map.shards())

    def shard_of(self, slot: int) -> Shard:
        """Raises ClusterDownError for a slot that no known node serves."""
        shard = self._map.shard_of(slot)
        if shard is None:
            raise ClusterDownError(f"nobody serves slot {slot}", status_code="CLUSTERDOWN")
        return shard

    def shards(self) -> Sequence[Shard]:
        return self._map.shards()

    def move(self, slot: int, master: Address) -> None:
        """Records a redirect: the slot is served by this master."""
        self._map.move(slot, master)

    async def refresh(self) -> None:
        """Queries again unless that was done a moment ago. Raises ConnectionError if no node answers."""
        if not await asyncio.shield(self._shared_refresh()):
            raise RedisConnectionError("no node of the cluster answers")

    def refresh_soon(self) -> None:
        """Starts a refresh without waiting for it."""
        self._refreshing = self._shared_refresh()

    async def aclose(self) -> None:
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)

    def _shared_refresh(self) -> "asyncio.Task[bool]":
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh())
        return self._refreshing

    async def _refresh(self) -> bool:
        """Whether a node answered, in this query or in one that is recent enough."""
        valid_seconds = _UNREACHABLE_SECONDS if self.is_unreachable else _FRESH_SECONDS
        if time.monotonic() - self._refreshed_at < valid_seconds:
            return not self.is_unreachable
        reasons: list[str] = []
        for node in self._candidates():
            try:
                self._map = await self._slot_map_from(node)
            except REDIS_FAILURES as error:
                self._silent_node = node
                reasons.append(f"{node}: {error}")
            else:
                self._refreshed_at, self.is_unreachable = time.monotonic(), False
                return True
        self._refreshed_at, self.is_unreachable = time.monotonic(), True
        _log.warning("cluster_lost", reasons=reasons)
        return False

    def _candidates(self) -> Sequence[Address]:
        """In random order; the node that gave no answer the last time comes last."""
        known = [node for shard in self.shards() for node in (shard.master, *shard.replicas)]
        nodes = list(dict.fromkeys([*known, *self._url.nodes]))
        return sorted(nodes, key=lambda node: (node == self._silent_node, random.random()))  # noqa: S311

    async def _slot_map_from(self, node: Address) -> SlotMap:
        connection: Any = ConnectionPool.from_url(  # type: ignore[no-untyped-call]
            self._url.of_node(node),
            protocol=2,
            socket_connect_timeout=_ANSWER_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ).make_connection()
        try:
            with closing_as_failure():
                await connection.connect()
                await connection.send_command("CLUSTER", "SLOTS")
                ranges: Any = await connection.read_response()
        finally:  # nowait: a cancelled task could not await the closing
            await connection.disconnect(nowait=True)
        slot_map = SlotMap([(first, last, _shard(nodes, node)) for first, last, *nodes in ranges])
        if not slot_map.shards():
            raise ClusterDownError("it serves no slots", status_code="CLUSTERDOWN")
        return slot_map


def _shard(nodes: Sequence[Sequence[Any]], queried: Address) -> Shard:
    """A node that does not know its own host name leaves it empty: then it is the node that was queried."""
    master, *replicas = [Address(host.decode() if host else queried.host, port) for host, port, *_ in nodes]
    return Shard(master, tuple(replicas))
