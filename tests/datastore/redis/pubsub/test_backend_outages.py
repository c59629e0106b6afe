"""The pub/sub backend while Redis is away or frozen: it raises in time, and recovers by itself."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from datastore.embedded.stores import free_port
from datastore.redis.pubsub.backend import GapReason, PubSubTimings
from tests.datastore.redis.pubsub.pubsub_backends import (
    QUICK,
    assert_gap,
    assert_message,
    next_event,
    open_backend,
    slow_redis,
)
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

JOIN, LEAVE = [b"SSUBSCRIBE", b"room"], [b"SUNSUBSCRIBE", b"room"]

OwnValkey = Callable[[], Awaitable[OwnStore]]


async def test_frozen_redis_is_detected_by_missing_pongs(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_backend(store.url, QUICK) as backend:
        await backend.subscribe("room")
        try:
            with capture_logs() as logs:
                store.pause()
                assert backend.listen("joined while frozen") is False
                await eventually(lambda: "pubsub_lost" in [log["event"] for log in logs], within=3.0)
        finally:
            store.resume()

        assert_gap(await next_event(backend), "room", GapReason.RECONNECTED)
        assert_gap(await next_event(backend), "joined while frozen", GapReason.JOINED)
        await backend.subscribe("joined later")
        await backend.publish("joined later", "hello")
        assert_message(await next_event(backend), "joined later", "hello")


async def test_channel_confirmed_before_an_outage_is_unconfirmed_in_it(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_backend(store.url, QUICK) as backend:
        await backend.subscribe("room")
        with capture_logs() as logs:
            await store.kill()
            await eventually(lambda: "pubsub_lost" in [log["event"] for log in logs])

        with pytest.raises(ConnectionError):
            await backend.subscribe("room")
        assert backend.listen("room") is False


async def test_redis_that_does_not_answer_the_handshake_is_retried() -> None:
    async with slow_redis(is_greeting=False) as (url, redis), open_backend(url, QUICK):
        await eventually(lambda: redis.connections == 3)

    assert redis.commands == []


async def test_confirmation_of_an_earlier_subscription_does_not_count() -> None:
    async with slow_redis(is_greeting=True) as (url, redis), open_backend(url) as backend:
        backend.listen("room")
        await eventually(lambda: redis.commands == [JOIN])
        backend.leave("room")
        await eventually(lambda: redis.commands == [JOIN, LEAVE])
        second = asyncio.create_task(backend.subscribe("room"))
        await eventually(lambda: redis.commands == [JOIN, LEAVE, JOIN])

        redis.send(b"ssubscribe", b"room", b"1")
        redis.send(b"smessage", b"room", b"to the earlier one")
        assert_message(await next_event(backend), "room", "to the earlier one")
        assert not second.done()

        redis.send(b"sunsubscribe", b"room", b"0")
        redis.send(b"ssubscribe", b"room", b"1")
        await second


async def test_the_defaults_notice_a_frozen_redis_within_six_seconds() -> None:
    timings = PubSubTimings()
    assert timings.ping_every_seconds + timings.answer_seconds <= 6


async def test_subscribing_without_redis_raises_in_time() -> None:
    async with open_backend(f"redis://127.0.0.1:{free_port()}", QUICK) as backend:
        with pytest.raises(ConnectionError, match="room"):
            async with asyncio.timeout(QUICK.confirm_seconds + 1):
                await backend.subscribe("room")


async def test_publishing_without_redis_raises() -> None:
    async with open_backend(f"redis://127.0.0.1:{free_port()}", QUICK) as backend:
        with pytest.raises(ConnectionError):
            await backend.publish("room", "hello")


async def test_publishing_to_a_frozen_redis_raises_in_time(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_backend(store.url, QUICK) as backend:
        store.pause()
        try:
            with pytest.raises(ConnectionError):
                async with asyncio.timeout(3 * QUICK.answer_seconds + 1):
                    await backend.publish("room", "hello")
        finally:
            store.resume()


async def test_publishing_after_a_restart_takes_a_fresh_connection(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with open_backend(store.url) as backend:
        await backend.publish("room", "before")
        await store.restart()

        await backend.subscribe("room")
        await backend.publish("room", "after")

        assert_message(await next_event(backend), "room", "after")


async def test_waiting_channels_are_served_when_redis_comes(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    await store.kill()
    async with open_backend(store.url) as backend:
        confirmed = asyncio.create_task(backend.subscribe("confirmed"))
        assert backend.listen("listened") is False

        await store.restart()

        assert_gap(await next_event(backend), "listened", GapReason.JOINED)
        await confirmed
        await backend.publish("confirmed", "hello")
        assert_message(await next_event(backend), "confirmed", "hello")
