"""The command pipeline to one Redis server: one long-lived connection per process, reopened when it breaks.

Only idempotent commands may be sent, for those that a broken connection left unanswered are sent once more. While the
circuit breaker is open commands fail at once.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from datastore.redis.node.circuit_breaker import CircuitBreaker
from datastore.redis.node.commands import Command, PipelinedCommands
from datastore.redis.node.connect import connector_for
from datastore.redis.node.connections import REDIS_FAILURES
from datastore.redis.node.protocol import RespConnection
from datastore.redis.node.tracking import KeyTracking

_MAX_WAITING = 10_000


class PendingReplies(Protocol):
    """Replies under way. `trackings` are complete once it was awaited, in the order of the fetched keys."""

    @property
    def trackings(self) -> Sequence[KeyTracking]: ...

    def __await__(self) -> Any: ...


class CommandPipeline(Protocol):
    """Sends idempotent commands to one server or to a cluster at once; callers await the replies when they need them.

    Awaiting raises ConnectionError or TimeoutError of redis-py while Redis is away. Error replies of Redis are not
    raised; they stand among the replies.
    """

    @property
    def is_cluster(self) -> bool:
        """Whether scripts must declare every key that they touch."""
        ...

    def submit(self, commands: Sequence[Command], slots: Sequence[int] | None = None, /) -> PendingReplies:
        """Replies in the order of the commands. The key is a command's second word, for a script its fourth.

        Commands on one key run in order. `slots` of the commands, if known, spare a cluster from computing them.
        """
        ...

    def fetch(self, keys: Sequence[str]) -> PendingReplies:
        """Values in the order of the keys, None for a missing one; the keys are tracked."""
        ...


class NodePipeline:
    """A `CommandPipeline` to one server."""

    is_cluster = False

    def __init__(
        self,
        connector: Callable[[Callable[[], RespConnection]], Awaitable[RespConnection]],
        breaker: CircuitBreaker,
    ) -> None:
        self._connector, self._breaker = connector, breaker
        self._connection: RespConnection | None = None
        self._waiting = deque[PipelinedCommands]()
        self._connecting: asyncio.Task[None] | None = None
        self._is_closed = False

    def submit(self, commands: Sequence[Command], _slots: Sequence[int] | None = None, /) -> PipelinedCommands:
        return self.enqueue(PipelinedCommands(commands))

    def fetch(self, keys: Sequence[str]) -> "PendingValues":
        return PendingValues(self.enqueue(_tracked_mget(keys)))

    def enqueue(self, commands: PipelinedCommands) -> PipelinedCommands:
        """Sends at once, or waits for a connection or room. Fails if the breaker is open or too many wait."""
        if not commands.reply_count:
            commands.result.set_result([])
            return commands
        try:
            self._breaker.check()
        except RedisConnectionError as error:
            commands.fail(error)
            return commands
        if self._connection is not None and self._connection.has_room and not self._waiting:
            self._connection.send(commands)
        elif self._is_closed or len(self._waiting) >= _MAX_WAITING:
            reason = "Too many wait for Redis." if self._waiting else "The pipeline is closed."
            commands.fail(RedisConnectionError(reason))
        else:
            self._waiting.append(commands)
            self._connect_soon()
        return commands

    async def close(self) -> None:
        self._is_closed = True
        if self._connecting is not None:
            self._connecting.cancel()
            with suppress(asyncio.CancelledError):
                await self._connecting
        if self._connection is not None:
            self._connection.close()
            await asyncio.sleep(0)  # lets the event loop close the socket
        self._fail_waiting(RedisConnectionError("The pipeline is closed."))

    def _connect_soon(self) -> None:
        if self._connection is None and self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            connection = await self._connector(
                lambda: RespConnection(self._breaker, self._on_closed, self._send_waiting)
            )
            if connection.is_closed:
                raise RedisConnectionError("it hung up at once")
            self._connection = connection
        except (TimeoutError, RedisTimeoutError):
            self._breaker.open()
            self._fail_waiting(RedisTimeoutError("Redis can't be reached."))
        except REDIS_FAILURES as error:
            self._fail_waiting(RedisConnectionError(f"Redis can't be reached: {error}"))
        else:
            self._send_waiting()
        finally:
            self._connecting = None

    def _send_waiting(self) -> None:
        while self._waiting and self._connection is not None and self._connection.has_room:
            commands = self._waiting.popleft()
            if not commands.result.done():
                self._connection.send(commands)

    def _on_closed(self, connection: RespConnection, unanswered: Sequence[PipelinedCommands], error: Exception) -> None:
        if connection is not self._connection:  # it closed during the handshake
            _fail(unanswered, error)
            return
        self._connection = None
        is_timeout = isinstance(error, RedisTimeoutError)
        if is_timeout:
            self._fail_waiting(error)
        may_resend = not (self._is_closed or is_timeout)
        resent = [commands for commands in unanswered if may_resend and not commands.is_resent]
        _fail([commands for commands in unanswered if commands not in resent], error)
        for commands in reversed(resent):
            commands.is_resent = True
            self._waiting.appendleft(commands)
        if self._waiting:
            self._connect_soon()

    def _fail_waiting(self, error: Exception) -> None:
        waiting, self._waiting = self._waiting, deque()
        _fail(waiting, error)


class PendingValues:
    """The values of some keys under way, in the order of the keys."""

    __slots__ = ("_commands",)

    def __init__(self, commands: PipelinedCommands) -> None:
        self._commands = commands

    @property
    def trackings(self) -> Sequence[KeyTracking]:
        return self._commands.trackings

    def __await__(self) -> Any:
        replies = yield from self._commands.__await__()
        if not replies:
            return []
        values = replies[-1]
        if isinstance(values, Exception):
            raise values
        return values


@asynccontextmanager
async def open_node_pipeline(url: str, breaker: CircuitBreaker | None = None) -> AsyncIterator[CommandPipeline]:
    """Connects with the first command, so it opens while Redis is away, too."""
    pipeline = NodePipeline(connector_for(url), breaker or CircuitBreaker())
    try:
        yield pipeline
    finally:
        await pipeline.close()


def _tracked_mget(keys: Sequence[str]) -> PipelinedCommands:
    if not keys:
        return PipelinedCommands([])
    return PipelinedCommands([("CLIENT", "CACHING", "YES"), ("MGET", *keys)], [key.encode() for key in keys])


def _fail(batch: Sequence[PipelinedCommands], error: Exception) -> None:
    for commands in batch:
        commands.fail(error)
