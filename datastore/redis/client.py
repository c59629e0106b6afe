"""The one seam to Redis or Valkey: opens a client of one server or of a cluster, and sends commands and scripts.

Failure policy: the cache fails open. Callers catch `LOST` where they can answer from MongoDB instead.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from core.errors import UnavailableError
from core.redis_cluster_url import is_cluster_url, parse_cluster_url
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.slots import Words
from datastore.redis.node.circuit_breaker import Breaker
from datastore.redis.node.connections import LOST, node_client

__all__ = ["LOST", "is_appending", "lost_as_unavailable", "open_redis", "outcomes", "run_id", "send_all"]


@asynccontextmanager
async def open_redis(url: str, breaker: Breaker | None = None) -> AsyncIterator[Redis]:
    """A client whose replies are bytes. Opens lazily.

    `breaker`: one that other clients of the same server share; each node of a cluster has its own.
    """
    client = ClusterRedis(parse_cluster_url(url)) if is_cluster_url(url) else node_client(url, breaker)
    try:
        yield client
    finally:
        await client.aclose()


async def outcomes(redis: Redis, commands: Iterable[Words]) -> list[Any]:
    """Sends commands, each a sequence of words, in one round trip; their replies in order, errors among them."""
    if isinstance(redis, ClusterRedis):
        return await redis.outcomes(commands)
    async with redis.pipeline(transaction=False) as pipe:
        for words in commands:
            pipe.execute_command(*words)
        replies: list[Any] = await pipe.execute(raise_on_error=False)
        return replies


async def send_all(redis: Redis, commands: Iterable[Words]) -> list[Any]:
    """The same; raises the first error."""
    return _without_errors(await outcomes(redis, commands))


async def run_id(redis: Redis) -> str:
    """Names this run of the server, or of the servers: another one once one of them was replaced."""
    return ",".join([str(answer["run_id"]) for answer in await _told_of(redis, "server")])


async def is_appending(redis: Redis) -> bool:
    """Whether all that the server, or each master, is told goes to an append-only file. False where it does not say."""
    with lost_as_unavailable():
        return all(answer.get("aof_enabled") for answer in await _told_of(redis, "persistence"))


async def _told_of(redis: Redis, section: str) -> list[Any]:
    """What the server, or each master, says of itself."""
    return await redis.of_masters("INFO", section) if isinstance(redis, ClusterRedis) else [await redis.info(section)]


@contextmanager
def lost_as_unavailable() -> Iterator[None]:
    """For what can't be answered without Redis. A command that is wrong stays so however long one waits, and passes."""
    try:
        yield
    except LOST as error:
        if isinstance(error, ResponseError) and (error.status_code == "ERR" or "WRONGTYPE" in str(error)):
            raise
        raise UnavailableError("The cache") from error


def _without_errors(answers: list[Any]) -> list[Any]:
    error = next((answer for answer in answers if isinstance(answer, Exception)), None)
    if error is not None:
        raise error
    return answers
