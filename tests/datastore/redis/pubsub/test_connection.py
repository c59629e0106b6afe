"""One pub/sub connection to a fake Redis: commands, refusals, late replies, and retries."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from broadcaster import Event

from datastore.redis.pubsub.channels import Channel, GapReason
from datastore.redis.pubsub.connection import PubSubConnection
from tests.datastore.redis.pubsub.pubsub_backends import QUICK, SlowRedis, assert_gap, assert_message, slow_redis
from tests.support.waiting import eventually

SUBSCRIBE, UNSUBSCRIBE = [b"SSUBSCRIBE", b"room"], [b"SUNSUBSCRIBE", b"room"]


class Running:
    def __init__(self, url: str) -> None:
        self.events, self.misrouted = asyncio.Queue[list[Event]](), 0
        self.connection = PubSubConnection(url, QUICK, self.events, self._on_misrouted)

    def _on_misrouted(self) -> None:
        self.misrouted += 1

    async def next_event(self) -> Event:
        async with asyncio.timeout(5):
            (event,) = await self.events.get()
            return event


@pytest.fixture
async def redis() -> AsyncIterator[tuple[SlowRedis, Running]]:
    """A fake that answers the handshake alone, and a connection to it."""
    async with slow_redis(is_greeting=True) as (url, redis):
        running = Running(url)
        task = asyncio.create_task(running.connection.run())
        await eventually(lambda: running.connection.is_connected)
        yield redis, running
        running.connection.close()
        await asyncio.gather(task, return_exceptions=True)


def subscriptions(redis: SlowRedis) -> list[list[bytes]]:
    return [command for command in redis.commands if command != [b"PING"]]


async def test_confirmed_channel_delivers_its_pending_gap_and_then_messages(redis: tuple[SlowRedis, Running]) -> None:
    fake, running = redis
    channel = Channel(b"room", 1, pending_gap=GapReason.JOINED)
    running.connection.add(channel)
    await eventually(lambda: subscriptions(fake) == [SUBSCRIBE])
    fake.send(b"ssubscribe", b"room", b"1")
    assert_gap(await running.next_event(), "room", GapReason.JOINED)
    assert channel.confirmed.is_set()
    fake.send(b"smessage", b"room", b"hello")
    assert_message(await running.next_event(), "room", "hello")


async def test_channels_of_one_turn_are_named_in_one_command_per_slot(redis: tuple[SlowRedis, Running]) -> None:
    fake, running = redis
    for name, slot in ((b"a", 2), (b"b", 1), (b"c", 2)):
        running.connection.add(Channel(name, slot))
    await eventually(lambda: subscriptions(fake) == [[b"SSUBSCRIBE", b"b"], [b"SSUBSCRIBE", b"a", b"c"]])


async def test_refused_channel_is_misrouted_and_retried_on_request(redis: tuple[SlowRedis, Running]) -> None:
    fake, running = redis
    running.connection.add(Channel(b"room", 1))
    await eventually(lambda: subscriptions(fake) == [SUBSCRIBE])
    fake.send_error(b"MOVED 1 127.0.0.1:7000")
    await eventually(lambda: running.misrouted == 1)
    running.connection.retry_refused()
    await eventually(lambda: subscriptions(fake) == [SUBSCRIBE, SUBSCRIBE])
    running.connection.retry_refused()  # nothing is refused any more
    fake.send(b"ssubscribe", b"room", b"1")
    await eventually(lambda: not running.connection.is_idle)
    assert subscriptions(fake) == [SUBSCRIBE, SUBSCRIBE]


async def test_channel_that_the_server_ended_is_interrupted_and_misrouted(redis: tuple[SlowRedis, Running]) -> None:
    fake, running = redis
    channel = Channel(b"room", 1)
    running.connection.add(channel)
    await eventually(lambda: subscriptions(fake) == [SUBSCRIBE])
    fake.send(b"ssubscribe", b"room", b"1")
    await asyncio.wait_for(channel.confirmed.wait(), 5)
    fake.send(b"sunsubscribe", b"room", b"0")
    await eventually(lambda: running.misrouted == 1)
    assert (channel.confirmed.is_set(), channel.pending_gap) == (False, GapReason.RECONNECTED)


async def test_requested_end_is_not_misrouted(redis: tuple[SlowRedis, Running]) -> None:
    fake, running = redis
    running.connection.add(Channel(b"room", 1))
    await eventually(lambda: subscriptions(fake) == [SUBSCRIBE])
    running.connection.remove(b"room")
    await eventually(lambda: subscriptions(fake) == [SUBSCRIBE, UNSUBSCRIBE])
    fake.send(b"ssubscribe", b"room", b"1")
    fake.send(b"sunsubscribe", b"room", b"0")
    other = Channel(b"other", 1)
    running.connection.add(other)
    await eventually(lambda: subscriptions(fake)[2:] == [[b"SSUBSCRIBE", b"other"]])
    fake.send(b"ssubscribe", b"other", b"1")
    await asyncio.wait_for(other.confirmed.wait(), 5)
    assert running.misrouted == 0


async def test_other_errors_replace_the_connection(redis: tuple[SlowRedis, Running]) -> None:
    fake, running = redis
    running.connection.add(Channel(b"room", 1))
    await eventually(lambda: subscriptions(fake) == [SUBSCRIBE])
    fake.send_error(b"NOPERM no permission")
    await eventually(lambda: fake.connections == 2 and subscriptions(fake) == [SUBSCRIBE, SUBSCRIBE])


async def test_new_connection_subscribes_all_channels_again(redis: tuple[SlowRedis, Running]) -> None:
    fake, running = redis
    running.connection.add(Channel(b"room", 1))
    await eventually(lambda: subscriptions(fake) == [SUBSCRIBE])
    fake.hang_up()
    await eventually(lambda: subscriptions(fake) == [SUBSCRIBE, SUBSCRIBE])
    assert running.misrouted == 1
