"""MessageSignal, and callbacks of the broadcast: each message wakes a waiter once, and nothing waits for nothing."""

import asyncio

import pytest
from broadcaster import Event

from subscriptions.broadcast import Gap, GapReason, MessageSignal, ResilientBroadcast
from tests.support.waiting import eventually

MESSAGE = Event("room", "hello")


async def test_messages_before_the_wait_end_it_at_once_and_count_as_one() -> None:
    signal = MessageSignal()
    signal(MESSAGE)
    signal(MESSAGE)
    async with asyncio.timeout(1):
        await signal.wait(60)
    waiting = asyncio.create_task(signal.wait(60))
    await asyncio.sleep(0)
    assert not waiting.done()
    signal(MESSAGE)
    await waiting


async def test_wait_ends_after_its_time_without_a_message() -> None:
    signal = MessageSignal()
    async with asyncio.timeout(1):
        await signal.wait(0.01)


async def test_cancelled_wait_leaves_the_signal_usable() -> None:
    signal = MessageSignal()
    waiting = asyncio.create_task(signal.wait(60))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    signal(MESSAGE)
    async with asyncio.timeout(1):
        await signal.wait(60)


async def test_callbacks_of_a_channel_get_a_gap_and_then_each_message_while_they_are_registered(
    broadcast: ResilientBroadcast,
) -> None:
    first: list[Event] = []
    second: list[Event] = []
    with broadcast.on_message("room", first.append):
        await eventually(lambda: first)
        with broadcast.on_message("room", second.append):
            assert [type(event) for event in second] == [Gap]
            await broadcast.publish("room", "to both")
            await eventually(lambda: len(first) == len(second) == 2)
        await broadcast.publish("room", "to one")
        await eventually(lambda: len(first) == 3)
    assert [event.message for event in first] == [GapReason.JOINED, "to both", "to one"]
    assert [event.message for event in second] == [GapReason.JOINED, "to both"]


async def test_channel_of_a_subscription_outlives_a_callback(broadcast: ResilientBroadcast) -> None:
    async with broadcast.subscribe("room") as events:
        with broadcast.on_message("room", lambda _: None):
            pass
        await broadcast.publish("room", "hello")
        assert (await events.get()).message == "hello"
