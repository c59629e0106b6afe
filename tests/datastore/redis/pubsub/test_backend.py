"""The pub/sub backend on one server: confirmations, gaps after an outage, and cleanup."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from datastore.redis.pubsub.backend import GapReason, PubSubTimings, RedisPubSubBackend
from tests.datastore.redis.pubsub.pubsub_backends import QUICK, assert_gap, assert_message, next_event, open_backend
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

T = TypeVar("T")
OwnValkey = Callable[[], Awaitable[OwnStore]]


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


@pytest.fixture
async def backend(redis_url: str) -> AsyncIterator[RedisPubSubBackend]:
    async with open_backend(redis_url) as backend:
        yield backend


async def subscribed_channels(redis: Redis) -> set[str]:
    return {str(name) for name in await redis.pubsub_shardchannels()}


async def becomes(read: Callable[[], Awaitable[set[T]]], expected: set[T]) -> None:
    async def is_there() -> bool:
        return await read() == expected

    await eventually(is_there)


async def test_message_published_after_confirmation_is_delivered(backend: RedisPubSubBackend) -> None:
    await backend.subscribe("room")

    await backend.publish("room", "hello")

    assert_message(await next_event(backend), "room", "hello")


async def test_second_subscription_is_confirmed_at_once(backend: RedisPubSubBackend) -> None:
    await backend.subscribe("room")

    async with asyncio.timeout(QUICK.confirm_seconds):
        await backend.subscribe("room")

    assert backend.listen("room") is True


async def test_listener_gets_a_gap_once_redis_has_confirmed(backend: RedisPubSubBackend) -> None:
    assert backend.listen("room") is False

    assert_gap(await next_event(backend), "room", GapReason.JOINED)
    await backend.publish("room", "hello")
    assert_message(await next_event(backend), "room", "hello")


async def test_bytes_that_are_not_utf8_are_replaced(backend: RedisPubSubBackend) -> None:
    await backend.subscribe("room")

    await backend.publish("room", b"\xff\xfe")
    await backend.publish("room", "after")

    assert_message(await next_event(backend), "room", "\ufffd\ufffd")
    assert_message(await next_event(backend), "room", "after")


async def test_channel_name_that_is_not_utf8_is_refused_and_harms_no_other(backend: RedisPubSubBackend) -> None:
    with pytest.raises(UnicodeEncodeError):
        await backend.subscribe("\ud800")

    await backend.subscribe("room")
    await backend.publish("room", "hello")
    assert_message(await next_event(backend), "room", "hello")


async def test_one_connection_serves_all_channels(backend: RedisPubSubBackend, redis: Redis) -> None:
    await asyncio.gather(*[backend.subscribe(f"room{number}") for number in range(1200)])

    assert len(await subscribed_channels(redis)) == 1200
    assert len(await redis.client_list(_type="pubsub")) == 1


async def test_left_channel_is_unsubscribed(backend: RedisPubSubBackend, redis: Redis) -> None:
    await backend.subscribe("left")
    await backend.subscribe("kept")

    await backend.unsubscribe("left")

    await becomes(lambda: subscribed_channels(redis), {"kept"})


async def test_channel_left_and_joined_again_is_served(backend: RedisPubSubBackend) -> None:
    await backend.subscribe("room")
    for number in range(100):
        backend.leave("room")
        await backend.subscribe("room")
        await backend.publish("room", str(number))
        assert_message(await next_event(backend), "room", str(number))


async def test_subscriptions_in_redis_follow_any_order_of_joining_and_leaving(
    backend: RedisPubSubBackend, redis: Redis
) -> None:
    chance = random.Random(4)
    wanted = set[str]()
    for step in range(3000):
        channel = f"room{chance.randrange(20)}"
        if chance.random() < 0.5:
            backend.listen(channel)
            wanted.add(channel)
        else:
            backend.leave(channel)
            wanted.discard(channel)
        if step % chance.randint(1, 20) == 0:
            await asyncio.sleep(0)

    await becomes(lambda: subscribed_channels(redis), wanted)


async def test_killed_connection_is_replaced_and_causes_a_gap(backend: RedisPubSubBackend, redis: Redis) -> None:
    await backend.subscribe("room")

    await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]

    assert_gap(await next_event(backend), "room", GapReason.RECONNECTED)
    await backend.publish("room", "after")
    assert_message(await next_event(backend), "room", "after")
    assert len(await redis.client_list(_type="pubsub")) == 1


async def test_five_thousand_channels_are_restored_with_a_gap_each(backend: RedisPubSubBackend, redis: Redis) -> None:
    names = {f"room{number}" for number in range(5000)}
    for name in names:
        backend.listen(name)
    joined = [await next_event(backend) for _ in names]

    await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]
    back = [await next_event(backend) for _ in names]

    assert {event.message for event in joined} == {GapReason.JOINED}
    assert {event.message for event in back} == {GapReason.RECONNECTED}
    assert {event.channel for event in back} == names
    assert len(await subscribed_channels(redis)) == 5000


@pytest.mark.parametrize("channels", [0, 1])
async def test_connection_without_messages_is_kept(redis_url: str, redis: Redis, channels: int) -> None:
    timings = PubSubTimings(ping_every_seconds=0.01, answer_seconds=1.0)
    async with open_backend(redis_url, timings) as backend:
        for number in range(channels):
            await backend.subscribe(f"room{number}")
        connection = await eventually(lambda: other_clients(redis))

        for _ in range(10):
            await redis.config_resetstat()
            await eventually(lambda: pings(redis))

        assert await other_clients(redis) == connection


async def pings(redis: Redis) -> int:
    stats = await redis.info("commandstats")
    return int(stats.get("cmdstat_ping", {}).get("calls", 0))


async def test_publish_that_redis_refuses_is_no_outage(own_valkey: OwnValkey) -> None:
    store = await own_valkey()
    async with Redis.from_url(store.url) as redis:
        rules = ["on", ">secret", "~*", "&*", "+@all", "-spublish"]
        await redis.execute_command("ACL", "SETUSER", "reader", *rules)  # type: ignore[no-untyped-call]

    async with open_backend(store.url.replace("redis://", "redis://reader:secret@")) as backend:
        await backend.subscribe("room")
        with pytest.raises(ResponseError):
            await backend.publish("room", "hello")


@pytest.mark.parametrize("is_connected_once", [False, True])
async def test_closed_backend_refuses_subscribers(redis_url: str, is_connected_once: bool) -> None:
    backend = RedisPubSubBackend(redis_url, QUICK)
    if is_connected_once:
        await backend.connect()
        await backend.disconnect()

    with pytest.raises(ConnectionError):
        await backend.subscribe("room")
    with pytest.raises(ConnectionError):
        backend.listen("room")


async def test_disconnecting_leaves_no_task_and_no_connection(redis_url: str, redis: Redis) -> None:
    tasks = asyncio.all_tasks()
    for _ in range(10):
        async with open_backend(redis_url) as backend:
            await backend.subscribe("room")
            await backend.publish("room", "hello")

    assert asyncio.all_tasks() == tasks
    await becomes(lambda: other_clients(redis), set())


async def other_clients(redis: Redis) -> set[int]:
    return {int(client["id"]) for client in await redis.client_list()} - {await redis.client_id()}


async def test_backend_connects_again_after_disconnecting(redis_url: str) -> None:
    backend = RedisPubSubBackend(redis_url, QUICK)
    for _ in range(2):
        await backend.connect()
        await backend.subscribe("room")
        await backend.publish("room", "hello")
        assert_message(await next_event(backend), "room", "hello")
        backend.leave("room")
        await backend.disconnect()
