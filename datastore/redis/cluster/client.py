"""Redis Cluster behind the interface of redis-py's client: each command goes to the node that serves its keys.

Redirects are followed, and a slot that is migrating is retried for a second. While a master gives no answer its
replicas answer reads, perhaps slightly stale; writes fail until a replica has been promoted.
"""

import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, NamedTuple, NoReturn

from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError, ResponseError, TryAgainError

from core.network.redis_cluster_url import Address, ClusterUrl
from datastore.redis.cluster.slots import CommandPart, is_read, merge_replies, split_by_slot
from datastore.redis.cluster.topology import Topology
from datastore.redis.node.circuit_breaker import CircuitBreaker
from datastore.redis.node.commands import Command
from datastore.redis.node.connections import REDIS_FAILURES, node_client

_RETRY_WITHIN_SECONDS = 1.0
_PAUSE_SECONDS = 0.05
_ROUNDS_WITHOUT_PAUSE = 3
_MIGRATING = (TryAgainError, ClusterDownError, ReadOnlyError)
# The error of a script that meets a key which has already migrated.
_NON_LOCAL = "non local key"


class _Mode(Enum):
    NORMAL = auto()
    ASKING = auto()  # after an ASK redirect: the slot is being imported there
    READONLY = auto()  # a replica


class _Target(NamedTuple):
    node: Address
    mode: _Mode = _Mode.NORMAL


class _Outcome(Enum):
    DONE = auto()
    RETRY = auto()
    RETRY_LATER = auto()
    UNREACHABLE = auto()


@dataclass(slots=True, eq=False)
class _Request:
    """The part of a command for one slot. `next_target` overrides the master of the slot for the next try."""

    part: CommandPart
    options: dict[str, Any] = field(default_factory=dict)
    reply: Any = None
    outcome: _Outcome = _Outcome.RETRY
    next_target: _Target | None = None
    unreachable_targets: set[_Target] = field(default_factory=set)


class ClusterRedis(Redis):
    """Connects lazily. It has no pipeline, for that would span nodes: send several commands by `outcomes`."""

    def __init__(self, url: ClusterUrl) -> None:
        super().__init__(connection_pool=ConnectionPool.from_url(url.of_node(url.nodes[0])))
        self.url = url
        self.topology = Topology(url)
        self._clients: dict[tuple[Address, bool], Redis] = {}
        self._breakers: dict[Address, CircuitBreaker] = {}

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        (reply,) = await self._execute([words], options)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def outcomes(self, commands: Iterable[Command]) -> list[Any]:
        """The replies in order, errors among them. All nodes are asked at once, each in one round trip."""
        return await self._execute(commands, {})

    def breaker_of(self, node: Address) -> CircuitBreaker:
        """One per node, shared by all connections of this process to it."""
        return self._breakers.setdefault(node, CircuitBreaker())

    async def execute_on_masters(self, *words: Any) -> list[Any]:
        """The reply of each master, in the order of their slots. Raises if one of them fails."""
        masters = await self.masters()
        return list(await asyncio.gather(*[master.execute_command(*words) for master in masters]))  # type: ignore[no-untyped-call]

    async def masters(self) -> list[Redis]:
        """A client of each master, in the order of their slots. They belong to this client, and are closed with it."""
        await self._ensure_topology()
        return [self._client(_Target(shard.master)) for shard in self.topology.shards()]

    def pipeline(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a cluster has no pipeline: hand the commands to send_all")

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001 - signature of redis-py
        await self.topology.aclose()
        for client in self._clients.values():
            await client.aclose()
        await super().aclose(close_connection_pool)

    async def _execute(self, commands: Iterable[Command], options: dict[str, Any]) -> list[Any]:
        split = [(command, [_Request(part, options) for part in split_by_slot(command)]) for command in commands]
        await self._complete([request for _, requests in split for request in requests])
        return [
            merge_replies(command, [request.part for request in requests], [request.reply for request in requests])
            for command, requests in split
        ]

    async def _complete(self, requests: Sequence[_Request]) -> None:
        """Leaves a reply, which may be an error, in each request."""
        await self._ensure_topology()
        deadline = time.monotonic() + _RETRY_WITHIN_SECONDS
        pending, rounds = requests, 0
        while pending:
            await self._send_round(pending)
            rounds += 1
            outcomes = {request.outcome for request in pending}
            if outcomes & {_Outcome.RETRY_LATER, _Outcome.UNREACHABLE}:
                await self._refresh_topology()
            is_in_time = time.monotonic() < deadline
            pending = [request for request in pending if self._should_retry(request, is_in_time=is_in_time)]
            if pending and (_Outcome.RETRY_LATER in outcomes or rounds > _ROUNDS_WITHOUT_PAUSE):
                await asyncio.sleep(_PAUSE_SECONDS)

    def _should_retry(self, request: _Request, *, is_in_time: bool) -> bool:
        match request.outcome:
            case _Outcome.DONE:
                return False
            case _Outcome.UNREACHABLE:
                return self._choose_another_target(request)
            case _:
                return is_in_time

    async def _ensure_topology(self) -> None:
        if self.topology.is_unreachable or not self.topology.is_known:
            await self.topology.refresh()

    async def _refresh_topology(self) -> None:
        try:
            await self.topology.refresh()
        except REDIS_FAILURES:
            return  # each request holds its own error already

    async def _send_round(self, requests: Sequence[_Request]) -> None:
        by_target: dict[_Target, list[_Request]] = {}
        for request in requests:
            try:
                by_target.setdefault(self._target_of(request), []).append(request)
            except ClusterDownError as error:
                request.reply, request.outcome = error, _Outcome.RETRY_LATER
        if len(by_target) == 1:
            await self._send(*by_target.popitem())
        else:
            await asyncio.gather(*[self._send(target, group) for target, group in by_target.items()])

    async def _send(self, target: _Target, requests: Sequence[_Request]) -> None:
        is_asking = target.mode is _Mode.ASKING
        try:
            async with self._client(target).pipeline(transaction=False) as pipe:
                for request in requests:
                    if is_asking:
                        pipe.execute_command("ASKING")
                    pipe.execute_command(*request.part.command, **request.options)
                replies = await pipe.execute(raise_on_error=False)
        except REDIS_FAILURES as error:
            for request in requests:
                request.reply, request.outcome = error, _Outcome.UNREACHABLE
                request.unreachable_targets.add(target)
            return
        for request, request.reply in zip(requests, replies[1::2] if is_asking else replies, strict=True):
            request.outcome = self._outcome_of(request, target)

    def _outcome_of(self, request: _Request, target: _Target) -> _Outcome:
        reply = request.reply
        match reply:
            case MovedError():
                self.topology.move(reply.slot_id, Address(reply.host or target.node.host, reply.port))
                self.topology.refresh_soon()
                return _Outcome.RETRY
            case AskError():
                request.next_target = _Target(Address(reply.host or target.node.host, reply.port), _Mode.ASKING)
                return _Outcome.RETRY
            case ResponseError() if isinstance(reply, _MIGRATING):
                return _Outcome.RETRY_LATER
            case ResponseError() if _NON_LOCAL in str(reply):
                request.reply = TryAgainError(str(reply), status_code="TRYAGAIN")
                return _Outcome.RETRY_LATER
            case _:
                return _Outcome.DONE

    def _target_of(self, request: _Request) -> _Target:
        """Raises ClusterDownError if no known node serves the slot."""
        target, request.next_target = request.next_target, None
        if target is not None:
            return target
        if request.part.slot is None:
            return _Target(random.choice(self.topology.shards()).master)  # noqa: S311 - spreading load
        return _Target(self.topology.shard_of(request.part.slot).master)

    def _choose_another_target(self, request: _Request) -> bool:
        """Picks a target that has not failed: the current master of the slot or, for a read, one of its replicas."""
        shards = self.topology.shards()
        if request.part.slot is None:
            targets = [_Target(shard.master) for shard in shards]
        else:
            shard = self.topology.shard_of(request.part.slot)
            replicas = shard.replicas if is_read(request.part.command) else ()
            targets = [_Target(shard.master), *[_Target(replica, _Mode.READONLY) for replica in replicas]]
        request.next_target = next((target for target in targets if target not in request.unreachable_targets), None)
        return request.next_target is not None

    def _client(self, target: _Target) -> Redis:
        key = (target.node, target.mode is _Mode.READONLY)
        if (client := self._clients.get(key)) is None:
            breaker = self.breaker_of(target.node)
            client = self._clients[key] = node_client(self.url.of_node(target.node), breaker, is_replica=key[1])
        return client
