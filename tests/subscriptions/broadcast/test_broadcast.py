"""The broadcast over a real Redis: delivery, slow subscribers, and cleanup."""

import asyncio
import random

import pytest
from broadcaster import Event
from redis.asyncio import Redis

from subscriptions.broadcast import GapReason, ResilientBroadcast
from tests.subscriptions.broadcast.helpers import (
    LIMIT,
    assert_gap,
    assert_no_channel_is_left,
    broadcast_to,
    messages_of,
    next_of,
    read_into,
)
from tests.support.waiting import eventually

BURST = "for number = 0, ARGV[2] - 1 do redis.call('SPUBLISH', ARGV[1], number) end"


async def test_sole_subscriber_gets_what_is_published_right_after_joining(broadcast: ResilientBroadcast) -> None:
    async with broadcast.subscribe("room") as events:
        await broadcast.publish("room", "hello")

        assert await next_of(events) == Event("room", "hello")


async def test_forty_concurrent_subscribers_of_a_new_channel_are_all_served(broadcast: ResilientBroadcast) -> None:
    served = asyncio.Barrier(41)

    async def join() -> list[str]:
        async with broadcast.subscribe("crowd") as events:
            await served.wait()
            return await messages_of(events, 1)

    async with asyncio.TaskGroup() as group:
        joined = [group.create_task(join()) for _ in range(40)]
        await served.wait()
        await broadcast.publish("crowd", "hello")

    assert [task.result() for task in joined] == [["hello"]] * 40


async def test_two_hundred_subscriptions_in_succession_miss_nothing(
    broadcast: ResilientBroadcast, redis: Redis
) -> None:
    for number in range(200):
        channel = f"race{number % 5}"
        async with broadcast.subscribe(channel) as events:
            await broadcast.publish(channel, str(number))
            assert await messages_of(events, 1) == [str(number)]

    await assert_no_channel_is_left(redis)


async def test_concurrent_short_subscriptions_miss_nothing(broadcast: ResilientBroadcast, redis: Redis) -> None:
    chance = random.Random(40)

    async def subscribe_repeatedly(name: int) -> None:
        for turn in range(20):
            channel = f"race{chance.randrange(3)}"
            async with broadcast.subscribe(channel) as events:
                await broadcast.publish(channel, f"{name}:{turn}")
                while await messages_of(events, 1) != [f"{name}:{turn}"]:
                    pass  # the message of another task on the same channel

    async with asyncio.TaskGroup() as group:
        for name in range(8):
            group.create_task(subscribe_repeatedly(name))

    await assert_no_channel_is_left(redis)


async def test_all_subscribers_share_one_connection(broadcast: ResilientBroadcast, redis: Redis) -> None:
    async with broadcast.subscribe("room"), broadcast.subscribe("room"), broadcast.subscribe("other"):
        with broadcast.listen("third"):
            assert len(await redis.client_list(_type="pubsub")) == 1


async def test_iteration_over_a_subscription_may_be_resumed(broadcast: ResilientBroadcast) -> None:
    async with broadcast.subscribe("room") as events:
        for number in range(3):
            await broadcast.publish("room", str(number))
        for number in range(3):
            async for event in events:
                assert event == Event("room", str(number))
                break


async def test_message_that_is_not_utf8_is_replaced(broadcast: ResilientBroadcast) -> None:
    async with broadcast.subscribe("room") as events:
        await broadcast.publish("room", b"\xff\xfe")
        await broadcast.publish("room", "after")

        assert await messages_of(events, 2) == ["\ufffd\ufffd", "after"]


async def test_limit_below_two_is_refused() -> None:
    with pytest.raises(ValueError, match="limit"):
        broadcast_to("redis://127.0.0.1:1", limit=1)


async def test_listener_of_a_new_channel_gets_a_gap_and_then_everything(broadcast: ResilientBroadcast) -> None:
    with broadcast.listen("room") as events:
        assert_gap(await next_of(events), GapReason.JOINED)

        await broadcast.publish("room", "hello")
        assert await messages_of(events, 1) == ["hello"]


async def test_listener_of_a_confirmed_channel_gets_its_gap_at_once(broadcast: ResilientBroadcast) -> None:
    async with broadcast.subscribe("room") as others:
        with broadcast.listen("room") as events:
            assert_gap(await next_of(events), GapReason.JOINED)
            await broadcast.publish("room", "hello")

            assert await messages_of(events, 1) == ["hello"]
            assert await messages_of(others, 1) == ["hello"]


async def test_slow_subscriber_gets_a_gap_and_then_the_newest_events(
    broadcast: ResilientBroadcast, redis: Redis
) -> None:
    async with broadcast.subscribe("room") as slow, broadcast.subscribe("room") as prompt:
        for number in range(1000):
            await redis.spublish("room", number)
            assert await messages_of(prompt, 1) == [str(number)]

        held = [await next_of(slow)]
        while held[-1] != Event("room", "999"):
            held.append(await next_of(slow))

        assert_gap(held[0], GapReason.TOO_SLOW)
        assert len(held) <= LIMIT
        assert [event.message for event in held[1:]] == [str(number) for number in range(1001 - len(held), 1000)]
        with pytest.raises(TimeoutError):
            await next_of(slow, within=0.01)


async def test_prompt_subscriber_gets_a_burst_without_a_gap(broadcast: ResilientBroadcast, redis: Redis) -> None:
    async with broadcast.subscribe("room") as events:
        received = list[Event]()
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(read_into(received, events))
            await redis.eval(BURST, 0, "room", "5000")
            await eventually(lambda: received and received[-1] == Event("room", "4999"))
            reading.cancel()

    assert [event.message for event in received] == [str(number) for number in range(5000)]


async def test_cancelled_get_loses_no_event(broadcast: ResilientBroadcast) -> None:
    async with broadcast.subscribe("room") as events:
        for number in range(20):
            with pytest.raises(TimeoutError):
                await next_of(events, within=0.001)
            await broadcast.publish("room", str(number))
            assert await messages_of(events, 1) == [str(number)]


async def test_wait_drops_all_waiting_events(broadcast: ResilientBroadcast) -> None:
    async with broadcast.subscribe("room") as events, broadcast.subscribe("room") as seen:
        for number in range(3):
            await broadcast.publish("room", str(number))
        assert await messages_of(seen, 3) == ["0", "1", "2"]

        async with asyncio.timeout(1):
            await events.wait(60)
        await events.wait(0.01)  # times out

        await broadcast.publish("room", "next")
        assert await messages_of(events, 1) == ["next"]
