"""The doorbell alone: what it confirms, what it tells after an outage, and that it leaves nothing behind."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from datastore.redis.pubsub.backend import DoorbellTimings, GapReason, RedisDoorbell
from tests.datastore.redis.pubsub.pubsub_backends import QUICK, assert_gap, assert_message, following, opened
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

T = TypeVar("T")
OwnValkey = Callable[[], Awaitable[OwnStore]]


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


@pytest.fixture
async def doorbell(redis_url: str) -> AsyncIterator[RedisDoorbell]:
    async with opened(redis_url) as doorbell:
        yield doorbell


async def subscribed_channels(redis: Redis) -> set[str]:
    return {str(name) for name in await redis.pubsub_shardchannels()}


async def becomes(look: Callable[[], Awaitable[set[T]]], expected: set[T]) -> None:
    async def is_there() -> bool:
        return await look() == expected

    await eventually(is_there)


async def test_message_published_after_confirmation_is_delivered(doorbell: RedisDoorbell) -> None:
    await doorbell.subscribe("room")

    await doorbell.publish("room", "hello")

    assert_message(await following(doorbell), "room", "hello")


async def test_second_subscription_is_confirmed_at_once(doorbell: RedisDoorbell) -> None:
    await doorbell.subscribe("room")

    async with asyncio.timeout(QUICK.confirm_seconds):
        await doorbell.subscribe("room")

    assert doorbell.listen("room") is True


async def test_listener_is_told_by_a_gap_when_redis_has_confirmed(doorbell: RedisDoorbell) -> None:
    assert doorbell.listen("room") is False

    assert_gap(await following(doorbell), "room", GapReason.JOINED)
    await doorbell.publish("room", "hello")
    assert_message(await following(doorbell), "room", "hello")


async def test_bytes_that_are_not_utf8_are_replaced(doorbell: RedisDoorbell) -> None:
    await doorbell.subscribe("room")

    await doorbell.publish("room", b"\xff\xfe")
    await doorbell.publish("room", "after")

    assert_message(await following(doorbell), "room", "\ufffd\ufffd")
    assert_message(await following(doorbell), "room", "after")


async def test_channel_that_is_no_text_is_refused_and_harms_nobody(doorbell: RedisDoorbell) -> None:
    with pytest.raises(UnicodeEncodeError):
        await doorbell.subscribe("\ud800")

    await doorbell.subscribe("room")
    await doorbell.publish("room", "hello")
    assert_message(await following(doorbell), "room", "hello")


async def test_one_connection_serves_all_channels(doorbell: RedisDoorbell, redis: Redis) -> None:
    await asyncio.gather(*[doorbell.subscribe(f"room{number}") for number in range(1200)])

    assert len(await subscribed_channels(redis)) == 1200
    assert len(await redis.client_list(_type="pubsub")) == 1


async def test_channel_that_left_is_unsubscribed(doorbell: RedisDoorbell, redis: Redis) -> None:
    await doorbell.subscribe("left")
    await doorbell.subscribe("kept")

    await doorbell.unsubscribe("left")

    await becomes(lambda: subscribed_channels(redis), {"kept"})


async def test_channel_that_left_and_came_again_is_served(doorbell: RedisDoorbell) -> None:
    await doorbell.subscribe("room")
    for number in range(100):
        doorbell.leave("room")
        await doorbell.subscribe("room")
        await doorbell.publish("room", str(number))
        assert_message(await following(doorbell), "room", str(number))


async def test_what_redis_holds_follows_any_order_of_coming_and_going(doorbell: RedisDoorbell, redis: Redis) -> None:
    chance = random.Random(4)
    wanted = set[str]()
    for step in range(3000):
        channel = f"room{chance.randrange(20)}"
        if chance.random() < 0.5:
            doorbell.listen(channel)
            wanted.add(channel)
        else:
            doorbell.leave(channel)
            wanted.discard(channel)
        if step % chance.randint(1, 20) == 0:
            await asyncio.sleep(0)

    await becomes(lambda: subscribed_channels(redis), wanted)


async def test_killed_connection_is_replaced_and_told_by_a_gap(doorbell: RedisDoorbell, redis: Redis) -> None:
    await doorbell.subscribe("room")

    await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]

    assert_gap(await following(doorbell), "room", GapReason.RECONNECTED)
    await doorbell.publish("room", "after")
    assert_message(await following(doorbell), "room", "after")
    assert len(await redis.client_list(_type="pubsub")) == 1


async def test_five_thousand_channels_come_back_with_a_gap_each(doorbell: RedisDoorbell, redis: Redis) -> None:
    names = {f"room{number}" for number in range(5000)}
    for name in names:
        doorbell.listen(name)
    joined = [await following(doorbell) for _ in names]

    await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]
    back = [await following(doorbell) for _ in names]

    assert {event.message for event in joined} == {GapReason.JOINED}
    assert {event.message for event in back} == {GapReason.RECONNECTED}
    assert {event.channel for event in back} == names
    assert len(await subscribed_channels(redis)) == 5000


@pytest.mark.parametrize("channels", [0, 1])
async def test_silence_of_its_channels_is_no_silence_of_redis(redis_url: str, redis: Redis, channels: int) -> None:
    timings = DoorbellTimings(ping_every_seconds=0.01, answer_seconds=1.0)
    async with opened(redis_url, timings) as doorbell:
        for number in range(channels):
            await doorbell.subscribe(f"room{number}")
        connection = await eventually(lambda: other_clients(redis))

        for _ in range(10):
            await redis.config_resetstat()
            await eventually(lambda: pings(redis))

        assert await other_clients(redis) == connection


async def pings(redis: Redis) -> int:
    stats = await redis.info("commandstats")
    return int(stats.get("cmdstat_ping", {}).get("calls", 0))


async def test_publishing_what_redis_refuses_is_no_outage(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with Redis.from_url(store.url) as redis:
        rules = ["on", ">secret", "~*", "&*", "+@all", "-spublish"]
        await redis.execute_command("ACL", "SETUSER", "reader", *rules)  # type: ignore[no-untyped-call]

    async with opened(store.url.replace("redis://", "redis://reader:secret@")) as doorbell:
        await doorbell.subscribe("room")
        with pytest.raises(ResponseError):
            await doorbell.publish("room", "hello")


@pytest.mark.parametrize("is_connected_once", [False, True])
async def test_closed_doorbell_refuses_subscribers(redis_url: str, is_connected_once: bool) -> None:
    doorbell = RedisDoorbell(redis_url, QUICK)
    if is_connected_once:
        await doorbell.connect()
        await doorbell.disconnect()

    with pytest.raises(ConnectionError):
        await doorbell.subscribe("room")
    with pytest.raises(ConnectionError):
        doorbell.listen("room")


async def test_disconnecting_leaves_no_task_and_no_connection(redis_url: str, redis: Redis) -> None:
    tasks = asyncio.all_tasks()
    for _ in range(10):
        async with opened(redis_url) as doorbell:
            await doorbell.subscribe("room")
            await doorbell.publish("room", "hello")

    assert asyncio.all_tasks() == tasks
    await becomes(lambda: other_clients(redis), set())


async def other_clients(redis: Redis) -> set[int]:
    return {int(client["id"]) for client in await redis.client_list()} - {await redis.client_id()}


async def test_doorbell_connects_again_after_disconnecting(redis_url: str) -> None:
    doorbell = RedisDoorbell(redis_url, QUICK)
    for _ in range(2):
        await doorbell.connect()
        await doorbell.subscribe("room")
        await doorbell.publish("room", "hello")
        assert_message(await following(doorbell), "room", "hello")
        doorbell.leave("room")
        await doorbell.disconnect()
