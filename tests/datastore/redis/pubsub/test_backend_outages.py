"""The doorbell while Redis is away or frozen: it raises in time, and goes on by itself."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from datastore.embedded.stores import free_port
from datastore.redis.pubsub.backend import DoorbellTimings, GapReason
from tests.datastore.redis.pubsub.pubsub_backends import (
    QUICK,
    assert_gap,
    assert_message,
    following,
    opened,
    slow_redis,
)
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

JOIN, LEAVE = [b"SSUBSCRIBE", b"room"], [b"SUNSUBSCRIBE", b"room"]

OwnValkey = Callable[[], Awaitable[OwnStore]]


async def test_frozen_redis_is_noticed_by_its_silence(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with opened(store.url, QUICK) as doorbell:
        await doorbell.subscribe("room")
        try:
            with capture_logs() as logs:
                store.pause()
                assert doorbell.listen("asked while frozen") is False
                await eventually(lambda: "doorbell_lost" in [log["event"] for log in logs], within=3.0)
        finally:
            store.resume()

        assert_gap(await following(doorbell), "room", GapReason.RECONNECTED)
        assert_gap(await following(doorbell), "asked while frozen", GapReason.JOINED)
        await doorbell.subscribe("asked after it")
        await doorbell.publish("asked after it", "hello")
        assert_message(await following(doorbell), "asked after it", "hello")


async def test_what_was_confirmed_before_an_outage_is_not_confirmed_in_it(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with opened(store.url, QUICK) as doorbell:
        await doorbell.subscribe("room")
        with capture_logs() as logs:
            await store.kill()
            await eventually(lambda: "doorbell_lost" in [log["event"] for log in logs])

        with pytest.raises(ConnectionError):
            await doorbell.subscribe("room")
        assert doorbell.listen("room") is False


async def test_redis_that_does_not_even_greet_is_tried_again() -> None:
    async with slow_redis(is_polite=False) as (url, redis), opened(url, QUICK):
        await eventually(lambda: redis.connections == 3)

    assert redis.commands == []


async def test_confirmation_of_an_earlier_stay_does_not_count() -> None:
    async with slow_redis(is_polite=True) as (url, redis), opened(url) as doorbell:
        doorbell.listen("room")
        await eventually(lambda: redis.commands == [JOIN])
        doorbell.leave("room")
        await eventually(lambda: redis.commands == [JOIN, LEAVE])
        second = asyncio.create_task(doorbell.subscribe("room"))
        await eventually(lambda: redis.commands == [JOIN, LEAVE, JOIN])

        redis.say(b"ssubscribe", b"room", b"1")
        redis.say(b"smessage", b"room", b"to the earlier one")
        assert_message(await following(doorbell), "room", "to the earlier one")
        assert not second.done()

        redis.say(b"sunsubscribe", b"room", b"0")
        redis.say(b"ssubscribe", b"room", b"1")
        await second


async def test_the_defaults_notice_a_frozen_redis_within_six_seconds() -> None:
    timings = DoorbellTimings()
    assert timings.ping_every_seconds + timings.answer_seconds <= 6


async def test_subscribing_without_redis_raises_in_time() -> None:
    async with opened(f"redis://127.0.0.1:{free_port()}", QUICK) as doorbell:
        with pytest.raises(ConnectionError, match="room"):
            async with asyncio.timeout(QUICK.confirm_seconds + 1):
                await doorbell.subscribe("room")


async def test_publishing_without_redis_raises() -> None:
    async with opened(f"redis://127.0.0.1:{free_port()}", QUICK) as doorbell:
        with pytest.raises(ConnectionError):
            await doorbell.publish("room", "hello")


async def test_publishing_to_a_frozen_redis_raises_in_time(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with opened(store.url, QUICK) as doorbell:
        store.pause()
        try:
            with pytest.raises(ConnectionError):
                async with asyncio.timeout(3 * QUICK.answer_seconds + 1):
                    await doorbell.publish("room", "hello")
        finally:
            store.resume()


async def test_publishing_after_a_restart_takes_a_fresh_connection(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with opened(store.url) as doorbell:
        await doorbell.publish("room", "before")
        await store.restart()

        await doorbell.subscribe("room")
        await doorbell.publish("room", "after")

        assert_message(await following(doorbell), "room", "after")


async def test_waiting_channels_are_served_when_redis_comes(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    await store.kill()
    async with opened(store.url) as doorbell:
        confirmed = asyncio.create_task(doorbell.subscribe("confirmed"))
        assert doorbell.listen("listened") is False

        await store.restart()

        assert_gap(await following(doorbell), "listened", GapReason.JOINED)
        await confirmed
        await doorbell.publish("confirmed", "hello")
        assert_message(await following(doorbell), "confirmed", "hello")
