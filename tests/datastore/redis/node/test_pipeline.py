"""The pipelined connection: order, batching, bounds, and what happens when Redis dies, freezes or comes back."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as ConnectionBroken
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as NoAnswer

from core.errors import UnavailableError
from datastore.redis.client import open_redis
from datastore.redis.node.circuit_breaker import Breaker
from datastore.redis.node.dial import Dialler, dialler, raise_first
from datastore.redis.node.pipeline import Line, Pipeline, open_line
from datastore.redis.node.protocol import Wire, confirming
from datastore.redis.scripts import PipelinedScript
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

OwnValkey = Callable[[], Awaitable[OwnStore]]


async def ask(line: Line, *words: str | int) -> object:
    return raise_first(await line.start([words]))[0]


async def test_replies_come_to_who_asked_in_whatever_order_they_wait(line: Line) -> None:
    asked = [line.start([("ECHO", number)]) for number in range(500)]
    assert [await one for one in reversed(asked)] == [[str(number).encode()] for number in reversed(range(500))]


async def test_commands_of_one_call_are_answered_together_errors_among_them(line: Line) -> None:
    set_, wrong, got = await line.start([("SET", "a", 1), ("LPUSH", "a", 2), ("GET", "a")])
    assert (set_, got) == (b"OK", b"1")
    assert isinstance(wrong, ResponseError)
    with pytest.raises(ResponseError, match="wrong kind"):
        raise_first([set_, wrong])


async def test_who_asks_nothing_is_answered_at_once_and_holds_up_nobody(line: Line) -> None:
    nothing, something = line.start([]), line.start([("ECHO", "something")])
    assert await nothing == []
    assert await something == [b"something"]
    assert await line.fetch([]) == []


async def test_what_is_asked_in_one_turn_leaves_in_one_write(redis_url: str) -> None:
    writes = list[int]()
    async with counting_pipeline(redis_url, writes) as pipeline:
        await pipeline.start([("PING",)])
        writes.clear()
        await asyncio.gather(*[ask(pipeline, "ECHO", number) for number in range(50)])
    assert len(writes) == 1


async def test_who_gives_up_shifts_nobody_elses_replies(line: Line) -> None:
    await ask(line, "PING")
    waiting = asyncio.ensure_future(ask(line, "ECHO", "nobody"))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await ask(line, "ECHO", "somebody") == b"somebody"
    assert waiting.cancelled() or not waiting.done()


async def test_values_are_fetched_in_the_order_of_their_keys(line: Line, redis: Redis) -> None:
    await redis.mset({"a": "1", "c": "3"})
    fetched = line.fetch(["c", "b", "a"])
    assert await fetched == [b"3", None, b"1"]
    assert all(trace.is_current for trace in fetched.traces)


async def test_a_change_is_known_before_any_answer_that_was_asked_for_after_it(line: Line, redis: Redis) -> None:
    await redis.mset({"a": "1", "b": "1"})
    fetched = line.fetch(["a", "b", "none"])
    await fetched
    first, second, third = fetched.traces
    await redis.set("a", "2")
    await redis.set("none", "1")
    began = time.monotonic()
    assert confirming([second], began)
    await asyncio.gather(*confirming(fetched.traces, time.monotonic()))
    assert [trace.is_current for trace in (first, second, third)] == [False, True, False]
    assert not confirming([second], began)


async def test_emptying_redis_changes_all(line: Line, redis: Redis) -> None:
    await redis.set("a", "1")
    fetched = line.fetch(["a", "none"])
    await fetched
    await redis.flushdb()
    await asyncio.gather(*confirming(fetched.traces, time.monotonic()))
    assert not any(trace.is_current for trace in fetched.traces)


async def test_a_confirmation_rides_with_what_is_sent_anyway(redis_url: str, redis: Redis) -> None:
    async with open_line(redis_url) as line:
        fetched = line.fetch(["a"])
        await fetched
        await redis.config_resetstat()
        asked = line.start([("ECHO", "1")])
        await asyncio.gather(*confirming(fetched.traces, time.monotonic()))
        await asked
        assert "cmdstat_ping" not in await redis.info("commandstats")


async def test_a_script_is_loaded_where_the_server_has_forgotten_it(line: Line, redis: Redis) -> None:
    script = PipelinedScript(line, "rate_spend")
    await redis.script_flush()
    assert (await script(["rate:a"], 1, 60))[0] == 1
    assert (await script(["rate:a"], 1, 60))[0] == 1


async def test_url_says_where_as_whom_and_which_database(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as admin:
        await admin.acl_setuser("reader", enabled=True, passwords=["+s cret"], categories=["+@all"], keys=["*"])
        await admin.config_set("requirepass", "pass word")
    try:
        address = store.url.removeprefix("redis://")
        for who, name in (("reader:s%20cret", "reader"), (":pass%20word", "default")):
            async with open_line(f"redis://{who}@{address}/3") as line:
                assert await ask(line, "ACL", "WHOAMI") == name.encode()
                assert b"db=3" in str(await ask(line, "CLIENT", "INFO")).encode()
        async with open_line(f"redis://reader:wrong@{address}") as line:
            with pytest.raises(ConnectionBroken, match="invalid username"):
                await line.start([("PING",)])
    finally:
        async with open_redis(f"redis://:pass%20word@{address}") as admin:
            await admin.config_set("requirepass", "")


def test_url_of_tls_and_of_a_socket_are_taken_as_redis_py_takes_them() -> None:
    secure = dialler("rediss://example.org:7000/0?ssl_cert_reqs=required")
    assert (secure.host, secure.port, secure.path) == ("example.org", 7000, None)
    assert secure.ssl is not None
    assert secure.ssl.check_hostname
    assert dialler("unix:///run/redis.sock?db=2").path == "/run/redis.sock"
    with pytest.raises(ValueError, match="scheme"):
        dialler("http://example.org")


async def test_a_server_that_tells_no_changes_serves_and_nothing_is_sure(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    no_changes = ["-client|tracking", "-client|caching"]
    async with open_redis(store.url) as admin:
        await admin.acl_setuser(
            "plain", enabled=True, passwords=["+secret"], categories=["+@all"], commands=no_changes, keys=["*"]
        )
    async with open_line(store.url.replace("//", "//plain:secret@")) as line:
        fetched = line.fetch(["a"])
        assert await fetched == [None]
        assert not fetched.traces[0].is_current


async def test_without_redis_calls_fail_at_once_and_serve_when_it_is_there(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    await store.kill()
    async with open_line(store.url) as line:
        for _ in range(3):
            with pytest.raises(ConnectionBroken):
                await line.start([("PING",)])
        with pytest.raises(UnavailableError):
            await PipelinedScript(line, "rate_spend")(["rate:a"], 1, 60)
        await store.restart()
        assert await ask(line, "ECHO", "back") == b"back"


async def test_what_a_broken_connection_left_open_is_asked_once_more(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_redis(store.url) as admin, open_line(store.url) as line:
        number = await ask(line, "CLIENT", "ID")
        store.pause()
        asked = [line.start([("ECHO", each)]) for each in range(3)]
        fetched = line.fetch(["a"])
        killing = asyncio.ensure_future(admin.client_kill_filter(_id=str(number)))
        await asyncio.sleep(0)
        store.resume()
        await killing
        assert [await one for one in asked] == [[b"0"], [b"1"], [b"2"]]
        assert await fetched == [None]
        assert await ask(line, "CLIENT", "ID") != number


async def test_rows_read_on_a_connection_that_is_lost_are_not_sure_any_more(line: Line, redis: Redis) -> None:
    fetched = line.fetch(["a"])
    await fetched
    await redis.client_kill_filter(_id=str(await ask(line, "CLIENT", "ID")))
    await eventually(lambda: not fetched.traces[0].is_current)
    await asyncio.gather(*confirming(fetched.traces, time.monotonic()))
    again = line.fetch(["a"])
    await again
    assert again.traces[0].is_current


async def test_a_frozen_redis_holds_up_one_call_and_all_others_fail_at_once(
    own_valkey: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.redis.node.protocol.ANSWER_SECONDS", 0.2)
    store, breaker = await own_valkey(), Breaker()
    async with open_line(store.url, breaker) as line:
        assert await ask(line, "PING") == b"PONG"
        store.pause()
        try:
            with pytest.raises(NoAnswer):
                await line.start([("PING",)])
            began = time.monotonic()
            for _ in range(100):
                with pytest.raises(ConnectionBroken):
                    await line.start([("PING",)])
            assert time.monotonic() - began < 0.2
        finally:
            store.resume()
        await eventually(lambda: answers(line))


async def answers(line: Line) -> bool:
    try:
        return await ask(line, "PING") == b"PONG"
    except ConnectionBroken:
        return False


async def test_more_than_may_be_in_flight_waits_for_room_and_too_much_is_refused(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datastore.redis.node.protocol._IN_FLIGHT", 10)
    monkeypatch.setattr("datastore.redis.node.pipeline._WAITING", 50)
    async with open_line(redis_url) as line:
        await ask(line, "PING")
        asked = [asyncio.ensure_future(ask(line, "ECHO", number)) for number in range(80)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert answers[:60] == [str(number).encode() for number in range(60)]
    assert all(isinstance(answer, ConnectionBroken) for answer in answers[60:])


async def test_a_server_that_hangs_up_at_once_fails_who_asked_and_the_next_one_is_served(redis_url: str) -> None:
    way, hangs_up = dialler(redis_url), iter([True, False])

    async def dial(make: Callable[[], Wire]) -> Wire:
        wire = await way(make)
        if next(hangs_up):
            wire.close()
        return wire

    pipeline = Pipeline(dial, Breaker())
    with pytest.raises(ConnectionBroken, match="hung up"):
        await pipeline.start([("PING",)])
    assert await ask(pipeline, "PING") == b"PONG"
    await pipeline.close()


async def test_closing_ends_who_waits(redis_url: str) -> None:
    async with open_line(redis_url) as line:
        await ask(line, "PING")
        asked = line.start([("BLPOP", "nothing", 5)])
        await asyncio.sleep(0)
    with pytest.raises(ConnectionBroken):
        await asked
    with pytest.raises(ConnectionBroken):
        await line.start([("PING",)])


@asynccontextmanager
async def counting_pipeline(url: str, writes: list[int]) -> AsyncIterator[Pipeline]:
    """Notes the length of each write."""
    way: Dialler = dialler(url)

    async def dial(make: Callable[[], Wire]) -> Wire:
        wire = await way(make)
        transport = cast(asyncio.Transport, wire._transport)  # noqa: SLF001 - where the writes are

        class Counting:
            def write(self, data: bytes) -> None:
                writes.append(len(data))
                transport.write(data)

            def abort(self) -> None:
                transport.abort()

        wire._transport = Counting()  # type: ignore[assignment]  # noqa: SLF001
        return wire

    pipeline = Pipeline(dial, Breaker())
    try:
        yield pipeline
    finally:
        await pipeline.close()
