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
from redis.exceptions import TimeoutError as RedisTimeoutError

from core.errors import UnavailableError
from datastore.redis.client import open_redis
from datastore.redis.node.circuit_breaker import CircuitBreaker
from datastore.redis.node.commands import raise_first
from datastore.redis.node.connect import Connector, connector_for
from datastore.redis.node.pipeline import CommandPipeline, NodePipeline, open_node_pipeline
from datastore.redis.node.protocol import RespConnection
from datastore.redis.node.tracking import read_barriers
from datastore.redis.scripts import PipelinedScript
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

OwnValkey = Callable[[], Awaitable[OwnStore]]


async def reply_to(pipeline: CommandPipeline, *words: str | int) -> object:
    return raise_first(await pipeline.submit([words]))[0]


async def test_each_caller_gets_its_own_reply_in_any_order_of_awaiting(pipeline: CommandPipeline) -> None:
    asked = [pipeline.submit([("ECHO", number)]) for number in range(500)]
    assert [await one for one in reversed(asked)] == [[str(number).encode()] for number in reversed(range(500))]


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
        asked = pipeline.submit([("ECHO", "1")])
        await asyncio.gather(*read_barriers(fetched.trackings, time.monotonic()))
        await asked
        assert "cmdstat_ping" not in await redis.info("commandstats")


async def test_script_is_loaded_again_if_the_server_does_not_have_it(pipeline: CommandPipeline, redis: Redis) -> None:
    script = PipelinedScript(pipeline, "rate_spend")
    await redis.script_flush()
    assert (await script(["rate:a"], 1, 60))[0] == 1
    assert (await script(["rate:a"], 1, 60))[0] == 1


async def test_url_gives_address_user_and_database(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as admin:
        await admin.acl_setuser("reader", enabled=True, passwords=["+s cret"], categories=["+@all"], keys=["*"])
        await admin.config_set("requirepass", "pass word")
    try:
        address = store.url.removeprefix("redis://")
        for user, name in (("reader:s%20cret", "reader"), (":pass%20word", "default")):
            async with open_node_pipeline(f"redis://{user}@{address}/3") as pipeline:
                assert await reply_to(pipeline, "ACL", "WHOAMI") == name.encode()
                assert b"db=3" in str(await reply_to(pipeline, "CLIENT", "INFO")).encode()
        async with open_node_pipeline(f"redis://reader:wrong@{address}") as pipeline:
            with pytest.raises(RedisConnectionError, match="invalid username"):
                await pipeline.submit([("PING",)])
    finally:
        async with open_redis(f"redis://:pass%20word@{address}") as admin:
            await admin.config_set("requirepass", "")


def test_urls_of_tls_and_unix_sockets_are_read_as_by_redis_py() -> None:
    secure = connector_for("rediss://example.org:7000/0?ssl_cert_reqs=required")
    assert (secure.host, secure.port, secure.path) == ("example.org", 7000, None)
    assert secure.ssl is not None
    assert secure.ssl.check_hostname
    assert connector_for("unix:///run/redis.sock?db=2").path == "/run/redis.sock"
    with pytest.raises(ValueError, match="scheme"):
        connector_for("http://example.org")


async def test_server_that_refuses_tracking_serves_untracked_values(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    no_tracking = ["-client|tracking", "-client|caching"]
    async with open_redis(store.url) as admin:
        await admin.acl_setuser(
            "plain", enabled=True, passwords=["+secret"], categories=["+@all"], commands=no_tracking, keys=["*"]
        )
    async with open_node_pipeline(store.url.replace("//", "//plain:secret@")) as pipeline:
        fetched = pipeline.fetch(["a"])
        assert await fetched == [None]
        assert not fetched.trackings[0].is_current


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
        asked = [pipeline.submit([("ECHO", each)]) for each in range(3)]
        fetched = pipeline.fetch(["a"])
        killing = asyncio.ensure_future(admin.client_kill_filter(_id=str(number)))
        await asyncio.sleep(0)
        store.resume()
        await killing
        assert [await one for one in asked] == [[b"0"], [b"1"], [b"2"]]
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
    monkeypatch.setattr("datastore.redis.node.protocol.ANSWER_SECONDS", 0.2)
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
            assert time.monotonic() - began < 0.2
        finally:
            store.resume()
        await eventually(lambda: answers(pipeline))


async def answers(pipeline: CommandPipeline) -> bool:
    try:
        return await reply_to(pipeline, "PING") == b"PONG"
    except RedisConnectionError:
        return False


async def test_commands_beyond_the_bound_in_flight_wait_and_beyond_the_queue_fail(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.redis.node.protocol._MAX_IN_FLIGHT", 10)
    monkeypatch.setattr("datastore.redis.node.pipeline._MAX_WAITING", 50)
    async with open_node_pipeline(redis_url) as pipeline:
        await reply_to(pipeline, "PING")
        asked = [asyncio.ensure_future(reply_to(pipeline, "ECHO", number)) for number in range(80)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert answers[:60] == [str(number).encode() for number in range(60)]
    assert all(isinstance(answer, RedisConnectionError) for answer in answers[60:])


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


async def test_closing_fails_pending_and_later_commands(redis_url: str) -> None:
    async with open_node_pipeline(redis_url) as pipeline:
        await reply_to(pipeline, "PING")
        asked = pipeline.submit([("BLPOP", "nothing", 5)])
        await asyncio.sleep(0)
    with pytest.raises(RedisConnectionError):
        await asked
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
