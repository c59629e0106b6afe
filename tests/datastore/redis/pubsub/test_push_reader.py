"""Push connections: all replies that arrived together, error replies among them, and the end of the connection."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from datastore.redis.pubsub.push_reader import PushConnection, push_connection_pool


async def connected(url: str) -> PushConnection:
    connection: PushConnection = push_connection_pool(url).make_connection()  # type: ignore[no-untyped-call]
    await connection.connect()
    return connection


async def replies(connection: PushConnection, count: int) -> list[Any]:
    found: list[Any] = []
    async with asyncio.timeout(5):
        while len(found) < count:
            found += await connection.read_replies()
    return found


async def test_replies_that_arrive_together_are_read_at_once_errors_among_them(redis_url: str) -> None:
    connection = await connected(redis_url)
    await connection.send_packed_command(connection.pack_commands([("ECHO", "a"), ("NONSENSE",), ("ECHO", "b")]))
    first, error, last = await replies(connection, 3)
    assert (first, last) == (b"a", b"b")
    assert isinstance(error, ResponseError)
    await connection.disconnect()


async def test_messages_follow_the_confirmation_in_order(redis_url: str, redis: Redis) -> None:
    connection = await connected(redis_url)
    await connection.send_command("SSUBSCRIBE", "room")
    assert await replies(connection, 1) == [[b"ssubscribe", b"room", 1]]
    for number in range(3):
        await redis.spublish("room", number)
    assert await replies(connection, 3) == [[b"smessage", b"room", b"%d" % number] for number in range(3)]
    await connection.disconnect()


async def test_killed_connection_raises(redis_url: str, redis: Redis) -> None:
    connection = await connected(redis_url)
    await connection.send_command("SSUBSCRIBE", "room")
    await replies(connection, 1)
    await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]
    with pytest.raises(RedisConnectionError):
        await replies(connection, 1)
    await connection.disconnect()


def test_tls_urls_make_tls_connections() -> None:
    connection: Any = push_connection_pool("rediss://example.org:7000").make_connection()  # type: ignore[no-untyped-call]
    assert connection.ssl_context is not None
    assert isinstance(connection, PushConnection)
