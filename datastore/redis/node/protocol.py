"""One RESP3 connection that pipelines: all commands sent in one turn of the event loop leave in one write.

Replies come in the order of the commands. Invalidations that Redis pushes stand between them, so a change of a tracked
key is known before the reply to any command that was sent after the change.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

import hiredis
from redis._parsers.base import BaseParser
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from datastore.redis.node.circuit_breaker import ANSWER_SECONDS, CircuitBreaker
from datastore.redis.node.commands import PipelinedCommands, release
from datastore.redis.node.tracking import TrackedKeys

_GRACE_SECONDS = 0.1
_MAX_IN_FLIGHT = 2_000

OnClosed: TypeAlias = Callable[["RespConnection", Sequence[PipelinedCommands], Exception], None]


class RespConnection(asyncio.Protocol):
    """`on_closed` is called once, with the commands left unanswered; `on_writable` when there is room again."""

    def __init__(self, breaker: CircuitBreaker, on_closed: OnClosed, on_writable: Callable[[], None]) -> None:
        self._breaker, self._on_closed, self._on_writable = breaker, on_closed, on_writable
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=BaseParser.parse_error)
        self._transport: asyncio.Transport | None = None
        self._in_flight = deque[PipelinedCommands]()
        self._unsent: list[bytes] = []
        self._unjoined_waiters: list[asyncio.Future[None]] = []
        """Waiters of barriers that no command of this turn has followed yet."""
        self._tracked_keys = TrackedKeys(self)
        self._timeout_timer: asyncio.TimerHandle | None = None
        self._overdue: PipelinedCommands | None = None
        self._is_write_paused = False
        self.is_closed = False
        self.is_tracking = False
        self.last_answered_sent_at = 0.0

    @property
    def has_room(self) -> bool:
        return len(self._in_flight) < _MAX_IN_FLIGHT and not self._is_write_paused

    def send(self, commands: PipelinedCommands) -> None:
        """Writes at the end of this turn of the event loop, together with all other commands of the turn."""
        if self.is_closed:
            commands.fail(RedisConnectionError("The connection to Redis is lost."))
            return
        if not self._unsent and not self._unjoined_waiters:
            self._loop.call_soon(self._flush)
        self._unsent.append(commands.packed)
        self._in_flight.append(commands)
        commands.sent_at, commands.replies = time.monotonic(), []
        if self._unjoined_waiters:
            commands.barrier_waiters += self._unjoined_waiters
            self._unjoined_waiters = []
        if commands.tracked_keys:
            commands.trackings = [self._tracked_keys.track(key) for key in commands.tracked_keys]
        if self._timeout_timer is None:
            self._timeout_timer = self._loop.call_later(ANSWER_SECONDS, self._check_timeout)

    def read_barrier(self) -> "asyncio.Future[None]":
        """Done once Redis has answered a command sent after this call, or the connection is closed.

        Joins any command of this turn of the event loop; only if it ends without one is a PING sent.
        """
        waiter: asyncio.Future[None] = self._loop.create_future()
        if self.is_closed:
            waiter.set_result(None)
            return waiter
        if self._unsent:
            self._in_flight[-1].barrier_waiters.append(waiter)
            return waiter
        if not self._unjoined_waiters:
            self._loop.call_soon(self._flush)
        self._unjoined_waiters.append(waiter)
        return waiter

    def close(self, error: Exception | None = None) -> None:
        """Fails all commands that are not answered."""
        if self._transport is not None:
            self._transport.abort()
        self._end(error or RedisConnectionError("The connection to Redis was closed."))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(RedisConnectionError(f"The connection to Redis is lost: {exc or 'it was closed there'}."))

    def pause_writing(self) -> None:
        self._is_write_paused = True

    def resume_writing(self) -> None:
        self._is_write_paused = False
        self._on_writable()

    def data_received(self, data: bytes) -> None:
        was_full = not self.has_room
        self._breaker.close()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                if isinstance(reply, hiredis.PushNotification):
                    self._tracked_keys.on_push(reply)
                else:
                    self._on_reply(reply)
        except hiredis.HiredisError as error:
            self.close(RedisConnectionError(f"Redis sent what can't be read: {error}."))
        if was_full and self.has_room:
            self._on_writable()

    def _flush(self) -> None:
        if self._unjoined_waiters and not self.is_closed:
            self.send(PipelinedCommands([("PING",)]))
        unsent, self._unsent = self._unsent, []
        if self._transport is not None and not self.is_closed:
            self._transport.write(unsent[0] if len(unsent) == 1 else b"".join(unsent))

    def _on_reply(self, reply: object) -> None:
        commands = self._in_flight[0]
        commands.replies.append(reply)
        if len(commands.replies) == commands.reply_count:
            del self._in_flight[0]
            self.last_answered_sent_at = commands.sent_at
            commands.finish()

    def _check_timeout(self) -> None:
        """One timer serves all commands, for the first in flight was sent first.

        A process that was itself held up may have the reply unread in its socket, so it gets a grace period to read it.
        """
        self._timeout_timer, overdue = None, self._overdue
        self._overdue = None
        if not self._in_flight:
            return
        seconds_left = self._in_flight[0].sent_at + ANSWER_SECONDS - time.monotonic()
        if seconds_left > 0:
            self._timeout_timer = self._loop.call_later(seconds_left, self._check_timeout)
        elif overdue is not self._in_flight[0]:
            self._overdue = self._in_flight[0]
            self._timeout_timer = self._loop.call_later(_GRACE_SECONDS, self._check_timeout)
        else:
            self._breaker.open()
            self.close(RedisTimeoutError("Redis does not answer."))

    def _end(self, error: Exception) -> None:
        if self.is_closed:
            return
        self.is_closed = True
        if self._timeout_timer is not None:
            self._timeout_timer.cancel()
        self._tracked_keys.invalidate_all()
        unanswered, self._in_flight = self._in_flight, deque()
        for commands in unanswered:
            commands.release_barrier_waiters()
        release(self._unjoined_waiters)
        self._on_closed(self, unanswered, error)
