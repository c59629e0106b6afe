"""redis-py connections to one Redis or Valkey server, behind a circuit breaker and with timeouts in loop time."""

import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.driver_info import DriverInfo
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from core.runtime.event_loop_timeout import loop_time_timeout
from core.runtime.metrics import REDIS_SECONDS
from core.runtime.tracing import past_span
from datastore.redis.node.circuit_breaker import ANSWER_SECONDS, CircuitBreaker

REDIS_FAILURES = (RedisError, OSError, TimeoutError)
"""Errors of Redis and of the way to it. No error of our own is among them."""

# Shared, because redis-py reads its version from the files of its distribution for each new DriverInfo.
_DRIVER = DriverInfo()
_CONNECT_SECONDS = 1.0
_CONNECTIONS = 64


def node_client(url: str, breaker: CircuitBreaker | None = None, *, is_replica: bool = False) -> Redis:
    """A client whose replies are bytes. It connects lazily and retries once on a fresh connection.

    `is_replica`: its connections send READONLY, so that a cluster's replica answers reads itself.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=ANSWER_SECONDS,
        socket_connect_timeout=None,  # _Connection has timeouts of its own
        socket_timeout=None,
        retry=Retry(NoBackoff(), 1),
        driver_info=_DRIVER,
        max_connections=_CONNECTIONS,
        breaker=breaker or CircuitBreaker(),
        redis_connect_func=_read_only if is_replica else None,
    )
    pool.connection_class = _TLSConnection if url.startswith("rediss:") else _Connection
    return Redis.from_pool(pool)


@contextmanager
def closing_as_failure() -> Iterator[None]:
    """Wraps calls of redis-py alone: a connection that is closed while in use raises AttributeError or RuntimeError."""
    try:
        yield
    except (AttributeError, RuntimeError) as error:
        raise RedisConnectionError("The connection was closed.") from error


async def _read_only(connection: Connection) -> None:
    await connection.on_connect()
    await connection.send_command("READONLY")
    await connection.read_response()


class _Connection(Connection):
    """Checks the breaker before it sends, and replaces the timeouts of redis-py by timeouts in loop time.

    redis-py counts the time in which this process itself is held up, and writes under asyncio.wait_for, which before
    Python 3.12 swallows a cancellation that arrives as it ends.
    """

    def __init__(self, *, breaker: CircuitBreaker, **options: Any) -> None:
        super().__init__(**options)
        self._breaker = breaker
        self._is_connecting = False
        self._sent_at = 0.0

    async def connect(self) -> None:
        self._breaker.check()
        self._is_connecting = True
        try:
            async with self._timeout(_CONNECT_SECONDS):
                await super().connect()  # type: ignore[no-untyped-call]
            self._breaker.close()
        finally:
            self._is_connecting = False

    async def read_response(self, *args: Any, **options: Any) -> Any:
        async with self._timeout(ANSWER_SECONDS):
            response = await super().read_response(*args, **options)
        self._breaker.close()
        if self._sent_at:
            seconds, self._sent_at = time.monotonic() - self._sent_at, 0.0
            REDIS_SECONDS.observe(seconds)
            past_span("redis", seconds)
        return response

    async def send_packed_command(
        self,
        command: bytes | str | Iterable[bytes],
        check_health: bool = True,  # noqa: FBT001, FBT002 - the signature of redis-py
    ) -> None:
        if not self._is_connecting:
            self._breaker.check()
        self._sent_at = time.monotonic()
        async with self._timeout(ANSWER_SECONDS):
            await super().send_packed_command(command, check_health)

    @asynccontextmanager
    async def _timeout(self, seconds: float) -> AsyncIterator[None]:
        try:
            async with loop_time_timeout(seconds):
                with closing_as_failure():
                    yield
        except (RedisTimeoutError, TimeoutError) as error:
            self._is_connecting = False
            self._breaker.open()
            raise RedisTimeoutError("Redis does not answer.") from error


class _TLSConnection(_Connection, SSLConnection):
    """For `rediss://`."""
