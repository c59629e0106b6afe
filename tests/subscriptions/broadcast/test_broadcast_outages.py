"""The broadcast while Redis is away, frozen or closes connections: a Gap marks missing messages, and it recovers."""

import asyncio
import itertools
import time

import pytest
from broadcaster import Event
from redis.asyncio import Redis
from structlog.testing import capture_logs

from subscriptions.broadcast import Gap, GapReason, ResilientBroadcast
from tests.subscriptions.broadcast.helpers import (
    QUICK,
    OwnValkey,
    assert_gap,
    broadcast_to,
    kill_subscriber_connections,
    messages_of,
    next_of,
    read_into,
)
from tests.support.waiting import eventually


async def test_listener_is_registered_while_redis_is_away(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    await store.kill()
    async with broadcast_to(store.url) as broadcast:
        with broadcast.listen("room") as events:
            await store.restart()
            assert_gap(await next_of(events, within=1.0), GapReason.JOINED)

            await broadcast.publish("room", "hello")
            assert await messages_of(events, 1) == ["hello"]


async def test_subscribing_while_redis_is_away_fails_in_time_and_leaves_no_channel(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    await store.kill()
    async with broadcast_to(store.url, QUICK) as broadcast:
        async with asyncio.timeout(QUICK.confirm_seconds + 1):
            with pytest.raises(ConnectionError):
                async with broadcast.subscribe("room"):
                    pytest.fail("served without Redis")

        await store.restart()
        async with broadcast.subscribe("other"), Redis.from_url(store.url) as redis:
            assert await redis.pubsub_shardchannels() == [b"other"]


async def test_killed_connection_causes_a_gap_and_messages_resume(broadcast: ResilientBroadcast, redis: Redis) -> None:
    async with broadcast.subscribe("room") as one, broadcast.subscribe("room") as two:
        for turn in range(5):
            await kill_subscriber_connections(redis)

            for events in (one, two):
                assert_gap(await next_of(events), GapReason.RECONNECTED)
            await broadcast.publish("room", str(turn))
            for events in (one, two):
                assert await messages_of(events, 1) == [str(turn)]


@pytest.mark.parametrize("seconds", [0.2, 2.0])
async def test_events_flow_within_a_second_of_the_return_of_redis(own_valkey: OwnValkey, seconds: float) -> None:
    store = await own_valkey()
    async with broadcast_to(store.url) as broadcast, broadcast.subscribe("room") as events:
        await store.kill()
        end = time.monotonic() + seconds
        await eventually(lambda: time.monotonic() > end)
        await store.restart()

        assert_gap(await next_of(events, within=1.0), GapReason.RECONNECTED)
        await broadcast.publish("room", "after")
        assert await messages_of(events, 1) == ["after"]


async def test_frozen_redis_causes_a_gap_once_it_resumes(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with broadcast_to(store.url, QUICK) as broadcast, broadcast.subscribe("room") as events:
        store.pause()
        try:
            with capture_logs() as logs:
                await eventually(lambda: "pubsub_lost" in [log["event"] for log in logs])
            with pytest.raises(ConnectionError):
                async with broadcast.subscribe("other"):
                    pytest.fail("served by a frozen Redis")
        finally:
            store.resume()

        assert_gap(await next_of(events, within=1.0), GapReason.RECONNECTED)
        await broadcast.publish("room", "after")
        assert await messages_of(events, 1) == ["after"]


async def test_events_are_in_order_and_missing_ones_are_marked_through_many_losses(
    broadcast: ResilientBroadcast, redis: Redis
) -> None:
    async with broadcast.subscribe("room") as events, asyncio.TaskGroup() as group:
        received = list[Event]()
        reading = group.create_task(read_into(received, events))
        stop = asyncio.Event()
        publishing = group.create_task(publish_numbers(redis, stop))

        for losses in range(1, 9):
            await kill_subscriber_connections(redis)
            await resumes(received, losses)
        stop.set()
        total = await publishing
        await eventually(lambda: received[-1] == Event("room", str(total - 1)))
        reading.cancel()

    assert_missing_ones_are_marked(received, total)


async def resumes(received: list[Event], losses: int) -> None:
    await eventually(lambda: gaps_in(received) == losses and numbers_at_end_of(received) >= 20)


async def publish_numbers(redis: Redis, stop: asyncio.Event) -> int:
    """Publishes 0, 1, ... until stopped. Returns how many."""
    for number in itertools.count():
        if stop.is_set():
            return number
        await redis.spublish("room", number)
    raise AssertionError("unreachable")


def gaps_in(received: list[Event]) -> int:
    return sum(isinstance(event, Gap) for event in received)


def numbers_at_end_of(received: list[Event]) -> int:
    return sum(1 for _ in itertools.takewhile(lambda event: not isinstance(event, Gap), reversed(received)))


def assert_missing_ones_are_marked(received: list[Event], total: int) -> None:
    expected, may_miss = 0, False
    for event in received:
        if isinstance(event, Gap):
            may_miss = True
            continue
        number = int(event.message)
        assert number >= expected if may_miss else number == expected
        expected, may_miss = number + 1, False
    assert expected == total


async def test_disconnecting_from_a_frozen_redis_is_quick(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    broadcast = broadcast_to(store.url)
    await broadcast.connect()
    async with broadcast.subscribe("room"):
        await broadcast.publish("room", "hello")
        store.pause()
        try:
            async with asyncio.timeout(1):
                await broadcast.disconnect()
        finally:
            store.resume()
