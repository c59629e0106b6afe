"""The client of Redis or Valkey, for one server or for a cluster, and several commands in one round trip.

Failure policy: the cache fails open. Callers catch `REDIS_FAILURES` if they can answer from MongoDB instead.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager, asynccontextmanager
from types import TracebackType
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from core.errors import UnavailableError
from core.network.redis_cluster_url import is_cluster_url, parse_cluster_url
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.node.circuit_breaker import CircuitBreaker
from datastore.redis.node.commands import Command, raise_first
from datastore.redis.node.connections import REDIS_FAILURES, node_client

__all__ = [
    "REDIS_FAILURES",
    "delete_all",
    "failures_as_unavailable",
    "has_append_only_file",
    "open_redis",
    "outcomes",
    "run_id",
    "send_all",
]

_KEYS_AT_ONCE = 1_000
# Replies of a server, or of a script in it, that cannot serve at this moment. Their code is that of wrong commands.
_OF_NO_WRONG_COMMAND = ("while the cluster is down", "non local key", "max number of clients", "Connection not allowed")


@asynccontextmanager
async def open_redis(url: str, breaker: CircuitBreaker | None = None) -> AsyncIterator[Redis]:
    """A client whose replies are bytes. It connects lazily.

    `breaker` is shared with other clients of the same server; in a cluster each node has its own instead.
    """
    client = ClusterRedis(parse_cluster_url(url)) if is_cluster_url(url) else node_client(url, breaker)
    try:
        yield client
    finally:
        await client.aclose()


async def outcomes(redis: Redis, commands: Iterable[Command]) -> list[Any]:
    """Sends commands in one round trip. Their replies in order, errors among them."""
    if isinstance(redis, ClusterRedis):
        return await redis.outcomes(commands)
    async with redis.pipeline(transaction=False) as pipe:
        for command in commands:
            pipe.execute_command(*command)
        replies: list[Any] = await pipe.execute(raise_on_error=False)
        return replies


async def send_all(redis: Redis, commands: Iterable[Command]) -> list[Any]:
    """Like `outcomes`, but raises the first error, after all commands have been executed."""
    return raise_first(await outcomes(redis, commands))


async def run_id(redis: Redis) -> str:
    """Changes when the server, or one master of a cluster, restarts or is replaced."""
    return ",".join([str(info["run_id"]) for info in await _info(redis, "server")])


async def has_append_only_file(redis: Redis) -> bool:
    """Whether the server, or each master, writes one. False if the server does not say. Raises UnavailableError."""
    with failures_as_unavailable():
        return all(info.get("aof_enabled") for info in await _info(redis, "persistence"))


async def delete_all(redis: Redis) -> int:
    """Deletes every key, and returns how many there were. By UNLINK: accounts of applications may not flush."""
    with failures_as_unavailable():
        nodes = await redis.masters() if isinstance(redis, ClusterRedis) else [redis]
        return sum([await _delete_all_of(node) for node in nodes])


async def _delete_all_of(node: Redis) -> int:
    """A key that another one is added beside may be found by the next round only."""
    deleted, found = 0, -1
    while found:
        found = 0
        cursor, is_over = 0, False
        while not is_over:
            cursor, names = await node.scan(cursor, count=_KEYS_AT_ONCE)
            found += len(names)
            await send_all(node, [("UNLINK", name) for name in names])
            is_over = not cursor
        deleted += found
    return deleted


def _is_of_wrong_command(error: ResponseError) -> bool:
    text = str(error)
    is_wrong = error.status_code == "ERR" or "WRONGTYPE" in text
    return is_wrong and not any(part in text for part in _OF_NO_WRONG_COMMAND)


async def _info(redis: Redis, section: str) -> list[Any]:
    """A section of INFO from the server, or from each master."""
    if isinstance(redis, ClusterRedis):
        return await redis.execute_on_masters("INFO", section)
    return [await redis.info(section)]


class _FailuresAsUnavailable:
    """A class, for a generator would cost each command of a page more than its reply."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        is_of_redis = isinstance(error, REDIS_FAILURES)
        if is_of_redis and not (isinstance(error, ResponseError) and _is_of_wrong_command(error)):
            raise UnavailableError("The cache") from error


_FAILURES = _FailuresAsUnavailable()


def failures_as_unavailable() -> AbstractContextManager[None]:
    """Turns failures of Redis into UnavailableError. Errors of a wrong command pass."""
    return _FAILURES
