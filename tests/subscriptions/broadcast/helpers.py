"""Shared by tests of the broadcast: one with short timings, and exact assertions on its events."""

import asyncio
from collections.abc import Awaitable, Callable

from broadcaster import Event
from redis.asyncio import Redis

from datastore.redis.pubsub.backend import PubSubTimings, RedisPubSubBackend
from subscriptions.broadcast import Gap, GapReason, ResilientBroadcast, Subscription
from tests.support.stores import OwnStore
from tests.support.waiting import eventually

QUICK = PubSubTimings(ping_every_seconds=0.2, answer_seconds=0.3, confirm_seconds=0.5)
LIMIT = 16

OwnValkey = Callable[[], Awaitable[OwnStore]]


def broadcast_to(url: str, timings: PubSubTimings | None = None, *, limit: int = LIMIT) -> ResilientBroadcast:
    return ResilientBroadcast(RedisPubSubBackend(url, timings), limit=limit)


async def next_of(events: Subscription, within: float = 3.0) -> Event:
    async with asyncio.timeout(within):
        return await events.get()


async def messages_of(events: Subscription, count: int) -> list[str]:
    """Fails on a Gap."""
    received = [await next_of(events) for _ in range(count)]
    assert not [event for event in received if isinstance(event, Gap)]
    return [event.message for event in received]


def assert_gap(event: Event, reason: GapReason) -> None:
    assert (type(event), event.message) == (Gap, reason)


async def assert_no_channel_is_left(redis: Redis) -> None:
    async def none_is_left() -> bool:
        return await redis.pubsub_shardchannels() == []

    await eventually(none_is_left)


async def kill_subscriber_connections(redis: Redis) -> None:
    await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]


async def read_into(received: list[Event], events: Subscription) -> None:
    async for event in events:
        received.append(event)  # noqa: PERF401  # the test inspects the list meanwhile
