"""The command pipeline while Redis is away, frozen or closes connections."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from core.errors import UnavailableError
from datastore.redis.client import open_redis
from datastore.redis.node.circuit_breaker import CircuitBreaker
from datastore.redis.node.connect import connector_for
from datastore.redis.node.pipeline import CommandPipeline, NodePipeline, open_node_pipeline
from datastore.redis.node.protocol import RespConnection
from datastore.redis.node.tracking import read_barriers
from datastore.redis.scripts import PipelinedScript
from tests.datastore.redis.node.replies import reply_to
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

OwnValkey = Callable[[], Awaitable[OwnStore]]


async def test_commands_fail_at_once_without_redis_and_succeed_once_it_is_back(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    await store.kill()
    async with open_node_pipeline(store.url) as pipeline:
        for _ in range(3):
            with pytest.raises(RedisConnectionError):
                await pipeline.submit([("PING",)])
        with pytest.raises(UnavailableError):
            await PipelinedScript(pipeline, "rate_spend")(["rate:a"], 1, 60)
        await store.restart()
        assert await reply_to(pipeline, "ECHO", "back") == b"back"


async def test_commands_that_a_broken_connection_left_unanswered_are_sent_again(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as admin, open_node_pipeline(store.url) as pipeline:
        number = await reply_to(pipeline, "CLIENT", "ID")
        store.pause()
        pending = [pipeline.submit([("ECHO", each)]) for each in range(3)]
        fetched = pipeline.fetch(["a"])
        killing = asyncio.ensure_future(admin.client_kill_filter(_id=str(number)))
        await asyncio.sleep(0)
        store.resume()
        await killing
        assert [await one for one in pending] == [[b"0"], [b"1"], [b"2"]]
        assert await fetched == [None]
        assert await reply_to(pipeline, "CLIENT", "ID") != number


async def test_lost_connection_invalidates_its_keys(pipeline: CommandPipeline, redis: Redis) -> None:
    fetched = pipeline.fetch(["a"])
    await fetched
    await redis.client_kill_filter(_id=str(await reply_to(pipeline, "CLIENT", "ID")))
    await eventually(lambda: not fetched.trackings[0].is_current)
    await asyncio.gather(*read_barriers(fetched.trackings, time.monotonic()))
    again = pipeline.fetch(["a"])
    await again
    assert again.trackings[0].is_current


async def test_frozen_redis_holds_up_one_command_and_the_breaker_fails_the_others(
    own_valkey: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.redis.node.protocol.ANSWER_SECONDS", 1.0)
    store, breaker = await own_valkey(), CircuitBreaker()
    async with open_node_pipeline(store.url, breaker) as pipeline:
        assert await reply_to(pipeline, "PING") == b"PONG"
        store.pause()
        try:
            with pytest.raises(RedisTimeoutError):
                await pipeline.submit([("PING",)])
            began = time.monotonic()
            for _ in range(100):
                with pytest.raises(RedisConnectionError):
                    await pipeline.submit([("PING",)])
            assert time.monotonic() - began < 1.0  # not one of them waited
        finally:
            store.resume()
        await eventually(lambda: answers(pipeline))


async def answers(pipeline: CommandPipeline) -> bool:
    try:
        return await reply_to(pipeline, "PING") == b"PONG"
    except RedisConnectionError:
        return False


async def test_server_that_hangs_up_at_once_fails_the_command_and_serves_the_next(redis_url: str) -> None:
    connector, hangs_up = connector_for(redis_url), iter([True, False])

    async def connect(protocol_factory: Callable[[], RespConnection]) -> RespConnection:
        connection = await connector(protocol_factory)
        if next(hangs_up):
            connection.close()
        return connection

    pipeline = NodePipeline(connect, CircuitBreaker())
    with pytest.raises(RedisConnectionError, match="hung up"):
        await pipeline.submit([("PING",)])
    assert await reply_to(pipeline, "PING") == b"PONG"
    await pipeline.close()
