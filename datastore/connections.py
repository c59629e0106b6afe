"""Connections to one Redis or Valkey server, which do not wait again for one that gave no answer a moment ago."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswer

from core.metrics import REDIS_SECONDS
from core.tracing import past_span
from datastore.breaker import ANSWER_SECONDS, Breaker

# redis-py lets AttributeError and RuntimeError out of a connection that is torn down under it.
LOST = (RedisError, OSError, TimeoutError, AttributeError, RuntimeError)

_CONNECT_SECONDS = 1.0
_CONNECTIONS = 64


def node_client(url: str, breaker: Breaker | None = None, *, is_replica: bool = False) -> Redis:
    """A client whose replies are bytes. Opens lazily; a broken connection is tried once more on a fresh one.

    `is_replica`: it may answer from what it has, although it is not the master.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=ANSWER_SECONDS,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),
        max_connections=_CONNECTIONS,
        breaker=breaker or Breaker(),
        redis_connect_func=_read_only if is_replica else None,
    )
    pool.connection_class = _TLSConnection if url.startswith("rediss:") else _Connection
    return Redis.from_pool(pool)


async def _read_only(connection: Connection) -> None:
    await connection.on_connect()
    await connection.send_command("READONLY")
    await connection.read_response()


class _Connection(Connection):
    """Asks the breaker first. And redis-py writes under asyncio.wait_for, which before Python 3.12 swallows a
    cancellation that comes as it ends: an endless loop would go on.
    """

    def __init__(self, *, breaker: Breaker, **options: Any) -> None:
        super().__init__(**options)
        self._breaker = breaker
        self._is_connecting = False
        self._sent_at = 0.0

    async def connect(self) -> None:
        self._breaker.check()
        self._is_connecting = True
        try:
            with self._watched():
                await super().connect()  # type: ignore[no-untyped-call]
        finally:
            self._is_connecting = False

    async def read_response(self, *args: Any, **options: Any) -> Any:
        with self._watched():
            response = await super().read_response(*args, **options)
        if self._sent_at:
            seconds, self._sent_at = time.monotonic() - self._sent_at, 0.0
            REDIS_SECONDS.observe(seconds)
            past_span("redis", seconds)
        return response

    async def send_packed_command(
        self,
        command: bytes | str | Iterable[bytes],
        check_health: bool = True,  # noqa: FBT001, FBT002 - as redis-py has it
    ) -> None:
        if not self._is_connecting:
            self._breaker.check()
        self._sent_at = time.monotonic()
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        await super().send_packed_command(command, check_health)
        if task and task.cancelling() > before:
            await self.disconnect(nowait=True)
            raise asyncio.CancelledError

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except NoAnswer:
            self._is_connecting = False
            self._breaker.open()
            raise
        self._breaker.close()


class _TLSConnection(_Connection, SSLConnection):
    """The same for `rediss://`."""
