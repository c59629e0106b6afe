"""A batch of Redis commands that are sent together, and the wait for their replies."""

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from contextvars import copy_context
from typing import Any, TypeAlias, cast

import hiredis

from core.runtime.metrics import REDIS_SECONDS
from core.runtime.tracing import past_span
from datastore.redis.node.tracking import KeyTracking

CommandWord: TypeAlias = str | bytes | int | float
Command: TypeAlias = Sequence[CommandWord]

_pack: Callable[[tuple[CommandWord, ...]], object] = hiredis.pack_command  # type: ignore[assignment]  # its stub: one word


class PipelinedCommands:
    """Commands in one packet, and their replies, errors included. They may be sent twice, so they must be idempotent.

    `tracked_keys` are the keys that they read; `trackings` follows their order, and is filled once they are sent.
    """

    __slots__ = (
        "_context",
        "barrier_waiters",
        "is_resent",
        "packed",
        "replies",
        "reply_count",
        "result",
        "sent_at",
        "tracked_keys",
        "trackings",
    )

    def __init__(self, commands: Sequence[Command], tracked_keys: Sequence[bytes] = ()) -> None:
        self.packed = b"".join([_packed(command) for command in commands])
        self.reply_count, self.tracked_keys = len(commands), tracked_keys
        self.result: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self.replies: list[Any] = []
        self.trackings: list[KeyTracking] = []
        self.barrier_waiters: list[asyncio.Future[None]] = []
        self.sent_at, self.is_resent = 0.0, False
        self._context = copy_context()

    def __await__(self) -> Generator[Any, None, list[Any]]:
        """The replies. Raises ConnectionError or TimeoutError of redis-py if there are none."""
        return self.result.__await__()

    def finish(self) -> None:
        seconds = time.monotonic() - self.sent_at
        REDIS_SECONDS.observe(seconds)
        self._context.run(past_span, "redis", seconds)
        if not self.result.done():  # the caller may have been cancelled
            self.result.set_result(self.replies)
        self.release_barrier_waiters()

    def fail(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)
            self.result.exception()  # marks it as retrieved: the caller may never await it
        self.release_barrier_waiters()

    def release_barrier_waiters(self) -> None:
        waiters, self.barrier_waiters = self.barrier_waiters, []
        release(waiters)


def release(waiters: Sequence[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)


def raise_first(replies: list[Any]) -> list[Any]:
    """The replies, unchanged. Raises the first error among them."""
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply
    return replies


def _packed(command: Command) -> bytes:
    return cast(bytes, _pack(tuple(command)))
