"""The one seam to Redis or Valkey: opens the client and says what counts as "away".

Failure policy: the cache fails open. Callers catch `LOST` where they can answer from MongoDB instead.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib.resources import files
from typing import Any

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as NoAnswer

from core.errors import UnavailableError
from core.metrics import REDIS_SECONDS
from core.tracing import past_span
from datastore.breaker import ANSWER_SECONDS, Breaker

# redis-py lets AttributeError and RuntimeError out of a connection that is torn down under it.
LOST = (RedisError, OSError, TimeoutError, AttributeError, RuntimeError)

_CONNECT_SECONDS = 1.0
_CONNECTIONS = 64


@asynccontextmanager
async def open_redis(url: str, breaker: Breaker | None = None) -> AsyncIterator[Redis]:
    """A client whose replies are bytes. Opens lazily; a broken connection is tried once more on a fresh one.

    `breaker`: one that other clients of the same Redis share.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=ANSWER_SECONDS,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),
        max_connections=_CONNECTIONS,
        breaker=breaker or Breaker(),
    )
    pool.connection_class = _TLSConnection if url.startswith("rediss:") else _Connection
    client = Redis.from_pool(pool)
    try:
        yield client
    finally:
        await client.aclose()


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


async def send_all(redis: Redis, commands: Iterable[Sequence[Any]], *, atomic: bool = False) -> list[Any]:
    """Sends commands, each a sequence of words, in one round trip; their replies in order. `atomic`: as MULTI."""
    async with redis.pipeline(transaction=atomic) as pipe:
        for words in commands:
            pipe.execute_command(*words)
        replies: list[Any] = await pipe.execute()
        return replies


@contextmanager
def lost_as_unavailable() -> Iterator[None]:
    """For what can't be answered without Redis. A command that is wrong stays so however long one waits, and passes."""
    try:
        yield
    except LOST as error:
        if isinstance(error, ResponseError) and (error.status_code == "ERR" or "WRONGTYPE" in str(error)):
            raise
        raise UnavailableError("The cache") from error


class Script:
    """A script of scripts/NAME.lua, after what the scripts share. Raises UnavailableError where Redis is away."""

    def __init__(self, redis: Redis, name: str) -> None:
        folder = files("datastore").joinpath("scripts")
        source = "\n".join(folder.joinpath(f"{part}.lua").read_text() for part in ("order", name))
        self._script = redis.register_script(source)

    async def __call__(self, keys: Sequence[str], *args: str | bytes | int) -> Any:
        with lost_as_unavailable():
            return await self._script(keys=keys, args=args)
