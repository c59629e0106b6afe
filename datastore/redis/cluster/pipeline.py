"""The command pipeline to a cluster: each command goes over the pipeline to the master that serves its slot.

A command that fails there, because its slot has moved or is migrating or its master is gone, is sent again by the
client that follows redirects. Keys read that way are untracked, so no row of them is kept in the process.
"""

from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError

from core.network.redis_cluster_url import Address
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.slots import CommandPart, merge_replies, split_by_slot
from datastore.redis.node.circuit_breaker import CircuitBreaker
from datastore.redis.node.commands import Command, PipelinedCommands
from datastore.redis.node.connect import connector_for
from datastore.redis.node.connections import REDIS_FAILURES
from datastore.redis.node.pipeline import CommandPipeline, NodePipeline, open_node_pipeline
from datastore.redis.node.tracking import UNTRACKED, KeyTracking

_NOT_SERVED_HERE = (AskError, ClusterDownError, MovedError, ReadOnlyError, TryAgainError)
_CACHING: Command = ("CLIENT", "CACHING", "YES")


@dataclass(slots=True, eq=False)
class _PartRequest:
    """`needs_redirect` until a node has executed the part."""

    part: CommandPart
    reply: Any = None
    needs_redirect: bool = True
    trackings: Sequence[KeyTracking] = field(default_factory=list)

    def on_reply(self, reply: Any) -> None:
        self.reply, self.needs_redirect = reply, isinstance(reply, _NOT_SERVED_HERE)


class ClusterPipeline:
    """A `CommandPipeline` to all nodes of a cluster."""

    is_cluster = True

    def __init__(self, redis: ClusterRedis) -> None:
        self._redis = redis
        self._pipelines: dict[Address, NodePipeline] = {}

    def submit(self, commands: Sequence[Command], slots: Sequence[int] | None = None, /) -> "ClusterReplies":
        if slots is None:
            split = [(command, split_by_slot(command)) for command in commands]
        else:
            split = [(command, [CommandPart(slot, command)]) for command, slot in zip(commands, slots, strict=True)]
        return ClusterReplies(self._redis, self._send(split, is_tracked=False))

    def fetch(self, keys: Sequence[str]) -> "ClusterValues":
        command = ("MGET", *keys)
        split = [(command, split_by_slot(command))] if keys else []
        return ClusterValues(self._redis, self._send(split, is_tracked=True))

    async def aclose(self) -> None:
        for pipeline in self._pipelines.values():
            await pipeline.close()

    def _send(self, split: Sequence[tuple[Command, Sequence[CommandPart]]], *, is_tracked: bool) -> "_Sent":
        commands = [(command, [_PartRequest(part) for part in parts]) for command, parts in split]
        by_pipeline: dict[NodePipeline, list[_PartRequest]] = {}
        for _, requests in commands:
            for request in requests:
                if (pipeline := self._pipeline_for(request.part.slot)) is not None:
                    by_pipeline.setdefault(pipeline, []).append(request)
        pack = _tracked if is_tracked else _untracked
        sent = [(pipeline.enqueue(pack(requests)), requests) for pipeline, requests in by_pipeline.items()]
        return _Sent(commands, sent)

    def _pipeline_for(self, slot: int | None) -> NodePipeline | None:
        """None if no known node serves the slot, or no node of the cluster answers."""
        topology = self._redis.topology
        if slot is None or topology.is_unreachable or not topology.is_known:
            return None
        try:
            master = topology.shard_of(slot).master
        except ClusterDownError:
            return None
        if (pipeline := self._pipelines.get(master)) is None:
            connector = connector_for(self._redis.url.of_node(master))
            pipeline = self._pipelines[master] = NodePipeline(connector, self._redis.breaker_of(master))
        return pipeline


@dataclass(frozen=True, slots=True)
class _Sent:
    """`commands` with their parts, and the `batches`, one per node, in which the parts were sent."""

    commands: Sequence[tuple[Command, Sequence[_PartRequest]]]
    batches: Sequence[tuple[PipelinedCommands, Sequence[_PartRequest]]]

    @property
    def requests(self) -> list[_PartRequest]:
        return [request for _, requests in self.commands for request in requests]


class ClusterReplies:
    """`PendingReplies` of commands that were sent to several nodes."""

    trackings: Sequence[KeyTracking] = ()

    def __init__(self, redis: ClusterRedis, sent: _Sent) -> None:
        self._redis, self._sent = redis, sent

    def __await__(self) -> Generator[Any, None, Any]:
        return self._result().__await__()

    async def _result(self) -> Any:
        return await self._replies()

    async def _replies(self) -> list[Any]:
        """In the order of the commands, errors that nodes answered among them."""
        for batch, requests in self._sent.batches:
            await _collect(batch, requests)
        if redirected := [request for request in self._sent.requests if request.needs_redirect]:
            outcomes = await self._redis.outcomes([request.part.command for request in redirected])
            for request, reply in zip(redirected, outcomes, strict=True):
                if isinstance(reply, Exception) and not isinstance(reply, ResponseError):
                    raise RedisConnectionError(str(reply)) from reply
                request.reply = reply
        return [
            merge_replies(command, [request.part for request in requests], [request.reply for request in requests])
            for command, requests in self._sent.commands
        ]


class ClusterValues(ClusterReplies):
    """`PendingReplies` of a fetch."""

    async def _result(self) -> Any:
        replies = await self._replies()
        values: Any = replies[0] if replies else []
        if isinstance(values, Exception):
            raise values
        trackings = [UNTRACKED] * len(values)
        for request in self._sent.requests:
            for position, tracking in zip(request.part.positions, request.trackings, strict=False):
                trackings[position] = tracking
        self.trackings = trackings
        return values


@asynccontextmanager
async def open_pipeline(
    url: str, redis: Redis, breaker: CircuitBreaker | None = None
) -> AsyncIterator[CommandPipeline]:
    """To the cluster of the client, or to the one server of the URL."""
    if isinstance(redis, ClusterRedis):
        async with open_cluster_pipeline(redis) as cluster_pipeline:
            yield cluster_pipeline
        return
    async with open_node_pipeline(url, breaker) as pipeline:
        yield pipeline


@asynccontextmanager
async def open_cluster_pipeline(redis: ClusterRedis) -> AsyncIterator[ClusterPipeline]:
    pipeline = ClusterPipeline(redis)
    try:
        yield pipeline
    finally:
        await pipeline.aclose()


def _untracked(requests: Sequence[_PartRequest]) -> PipelinedCommands:
    return PipelinedCommands([request.part.command for request in requests])


def _tracked(requests: Sequence[_PartRequest]) -> PipelinedCommands:
    """CLIENT CACHING applies to the next command alone, so it precedes each of them."""
    keys = [cast(str, key).encode() for request in requests for key in request.part.command[1:]]
    return PipelinedCommands([command for request in requests for command in (_CACHING, request.part.command)], keys)


async def _collect(batch: PipelinedCommands, requests: Sequence[_PartRequest]) -> None:
    """Requests that got no reply stay in need of a redirect."""
    try:
        replies = await batch
    except REDIS_FAILURES:
        return
    trackings = iter(batch.trackings)
    for request, reply in zip(requests, replies[1::2] if batch.tracked_keys else replies, strict=True):
        request.on_reply(reply)
        if batch.tracked_keys:
            tracked = [next(trackings) for _ in request.part.positions]
            request.trackings = [] if request.needs_redirect else tracked
