"""The command pipeline: order, batching, bounds, and a Redis that dies, freezes or returns."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from datastore.redis.node.circuit_breaker import CircuitBreaker
from datastore.redis.node.commands import raise_first
from datastore.redis.node.connect import Connector, connector_for
from datastore.redis.node.pipeline import CommandPipeline, NodePipeline, open_node_pipeline
from datastore.redis.node.protocol import RespConnection
from datastore.redis.node.tracking import read_barriers
from tests.datastore.redis.node.replies import reply_to
from tests.support.stores import OwnStore

OwnValkey = Callable[[], Awaitable[OwnStore]]


async def test_each_caller_gets_its_own_reply_in_any_order_of_awaiting(pipeline: CommandPipeline) -> None:
    pending = [pipeline.submit([("ECHO", number)]) for number in range(500)]
    assert [await one for one in reversed(pending)] == [[str(number).encode()] for number in reversed(range(500))]


async def test_replies_of_one_submission_stand_together_errors_among_them(pipeline: CommandPipeline) -> None:
    set_, wrong, got = await pipeline.submit([("SET", "a", 1), ("LPUSH", "a", 2), ("GET", "a")])
    assert (set_, got) == (b"OK", b"1")
    assert isinstance(wrong, ResponseError)
    with pytest.raises(ResponseError, match="wrong kind"):
        raise_first([set_, wrong])


async def test_empty_submission_is_answered_at_once(pipeline: CommandPipeline) -> None:
    nothing, something = pipeline.submit([]), pipeline.submit([("ECHO", "something")])
    assert await nothing == []
    assert await something == [b"something"]
    assert await pipeline.fetch([]) == []


async def test_commands_of_one_event_loop_turn_leave_in_one_write(redis_url: str) -> None:
    writes = list[int]()
    async with counting_pipeline(redis_url, writes) as pipeline:
        await pipeline.submit([("PING",)])
        writes.clear()
        await asyncio.gather(*[reply_to(pipeline, "ECHO", number) for number in range(50)])
    assert len(writes) == 1


async def test_cancelled_caller_does_not_shift_the_replies_of_others(pipeline: CommandPipeline) -> None:
    await reply_to(pipeline, "PING")
    waiting = asyncio.ensure_future(reply_to(pipeline, "ECHO", "nobody"))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await reply_to(pipeline, "ECHO", "somebody") == b"somebody"
    assert waiting.cancelled() or not waiting.done()


async def test_fetched_values_are_in_key_order_and_tracked(pipeline: CommandPipeline, redis: Redis) -> None:
    await redis.mset({"a": "1", "c": "3"})
    fetched = pipeline.fetch(["c", "b", "a"])
    assert await fetched == [b"3", None, b"1"]
    assert all(tracking.is_current for tracking in fetched.trackings)


async def test_invalidation_arrives_before_the_reply_to_any_later_command(
    pipeline: CommandPipeline, redis: Redis
) -> None:
    await redis.mset({"a": "1", "b": "1"})
    fetched = pipeline.fetch(["a", "b", "none"])
    await fetched
    first, second, third = fetched.trackings
    await redis.set("a", "2")
    await redis.set("none", "1")
    began = time.monotonic()
    assert read_barriers([second], began)
    await asyncio.gather(*read_barriers(fetched.trackings, time.monotonic()))
    assert [tracking.is_current for tracking in (first, second, third)] == [False, True, False]
    assert not read_barriers([second], began)


async def test_flush_invalidates_all_keys(pipeline: CommandPipeline, redis: Redis) -> None:
    await redis.set("a", "1")
    fetched = pipeline.fetch(["a", "none"])
    await fetched
    await redis.flushdb()
    await asyncio.gather(*read_barriers(fetched.trackings, time.monotonic()))
    assert not any(tracking.is_current for tracking in fetched.trackings)


async def test_read_barrier_joins_unsent_commands_instead_of_a_ping(redis_url: str, redis: Redis) -> None:
    async with open_node_pipeline(redis_url) as pipeline:
        fetched = pipeline.fetch(["a"])
        await fetched
        await redis.config_resetstat()
        pending = pipeline.submit([("ECHO", "1")])
        await asyncio.gather(*read_barriers(fetched.trackings, time.monotonic()))
        await pending
        assert "cmdstat_ping" not in await redis.info("commandstats")


async def test_commands_beyond_the_bound_in_flight_wait_and_beyond_the_queue_fail(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.redis.node.protocol._MAX_IN_FLIGHT", 10)
    monkeypatch.setattr("datastore.redis.node.pipeline._MAX_WAITING", 50)
    async with open_node_pipeline(redis_url) as pipeline:
        await reply_to(pipeline, "PING")
        pending = [asyncio.ensure_future(reply_to(pipeline, "ECHO", number)) for number in range(80)]
        answers = await asyncio.gather(*pending, return_exceptions=True)
    assert answers[:60] == [str(number).encode() for number in range(60)]
    assert all(isinstance(answer, RedisConnectionError) for answer in answers[60:])


async def test_closing_fails_pending_and_later_commands(redis_url: str) -> None:
    async with open_node_pipeline(redis_url) as pipeline:
        await reply_to(pipeline, "PING")
        pending = pipeline.submit([("BLPOP", "nothing", 5)])
        await asyncio.sleep(0)
    with pytest.raises(RedisConnectionError):
        await pending
    with pytest.raises(RedisConnectionError):
        await pipeline.submit([("PING",)])


@asynccontextmanager
async def counting_pipeline(url: str, writes: list[int]) -> AsyncIterator[NodePipeline]:
    """Appends the length of each write to `writes`."""
    connector: Connector = connector_for(url)

    async def connect(protocol_factory: Callable[[], RespConnection]) -> RespConnection:
        connection = await connector(protocol_factory)
        transport = cast(asyncio.Transport, connection._transport)  # noqa: SLF001 - the writes go through it

        class Counting:
            def write(self, data: bytes) -> None:
                writes.append(len(data))
                transport.write(data)

            def abort(self) -> None:
                transport.abort()

        connection._transport = Counting()  # type: ignore[assignment]  # noqa: SLF001
        return connection

    pipeline = NodePipeline(connect, CircuitBreaker())
    try:
        yield pipeline
    finally:
        await pipeline.close()
