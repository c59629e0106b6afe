"""The end of a broadcast and of its subscriptions: iteration stops, and nothing is left behind."""

import asyncio
import random

import pytest
from redis.asyncio import Redis

from subscriptions.broadcast import ResilientBroadcast, Unsubscribed
from tests.subscriptions.broadcast.helpers import (
    assert_no_channel_is_left,
    broadcast_to,
    kill_subscriber_connections,
    messages_of,
    next_of,
)


async def test_wait_raises_after_disconnection(redis_url: str) -> None:
    broadcast = broadcast_to(redis_url)
    await broadcast.connect()
    async with broadcast.subscribe("room") as events:
        await broadcast.disconnect()

        events.skip()
        with pytest.raises(Unsubscribed):
            await events.wait(60)


async def test_disconnection_ends_the_iteration_of_all_subscribers(redis_url: str) -> None:
    broadcast = broadcast_to(redis_url)
    await broadcast.connect()
    served = asyncio.Barrier(3)

    async def read() -> list[str]:
        async with broadcast.subscribe("room") as events:
            await served.wait()
            return [event.message async for event in events]

    readers = [asyncio.create_task(read()) for _ in range(2)]
    await served.wait()
    await broadcast.disconnect()

    async with asyncio.timeout(1):
        assert await asyncio.gather(*readers) == [[], []]


async def test_ended_subscription_stays_ended(redis_url: str) -> None:
    broadcast = broadcast_to(redis_url)
    await broadcast.connect()
    async with broadcast.subscribe("room") as events:
        await broadcast.disconnect()

        for _ in range(2):
            with pytest.raises(Unsubscribed):
                await next_of(events)


async def test_disconnected_broadcast_refuses_subscribers(redis_url: str) -> None:
    broadcast = broadcast_to(redis_url)
    await broadcast.connect()
    await broadcast.disconnect()

    with pytest.raises(ConnectionError):
        async with broadcast.subscribe("room"):
            pytest.fail("served after the disconnection")
    with pytest.raises(ConnectionError), broadcast.listen("room"):
        pytest.fail("served after the disconnection")


async def test_subscriber_cancelled_at_any_moment_leaves_no_channel(
    broadcast: ResilientBroadcast, redis: Redis
) -> None:
    async with broadcast.subscribe("room"):
        tasks = asyncio.all_tasks()
    chance = random.Random(7)

    async def stay(channel: str) -> None:
        async with broadcast.subscribe(channel) as events:
            await events.get()

    for number in range(200):
        staying = asyncio.create_task(stay(f"room{number % 7}"))
        for _ in range(chance.randrange(8)):
            await asyncio.sleep(0)
        staying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await staying

    assert asyncio.all_tasks() == tasks
    await assert_no_channel_is_left(redis)


async def test_broadcast_leaves_no_task_behind(redis_url: str, redis: Redis) -> None:
    tasks = asyncio.all_tasks()
    for _ in range(20):
        async with broadcast_to(redis_url) as broadcast, broadcast.subscribe("room") as events:
            await broadcast.publish("room", "hello")
            assert await messages_of(events, 1) == ["hello"]
            await kill_subscriber_connections(redis)

    assert asyncio.all_tasks() == tasks
    await assert_no_channel_is_left(redis)
