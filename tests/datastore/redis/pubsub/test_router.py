"""ShardRouter over two real servers, between which a directory moves a channel: as slots move in a cluster."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from broadcaster import Event
from redis.asyncio import Redis

from datastore.redis.pubsub.channels import GapReason
from datastore.redis.pubsub.router import ShardRouter, SingleNodeDirectory
from tests.datastore.redis.pubsub.pubsub_backends import QUICK, assert_gap, assert_message
from tests.support.stores import OwnStore
from tests.support.waiting import eventually


class MovableDirectory:
    """All channels share one slot, which `url` serves. Refreshes are counted."""

    def __init__(self, url: str | None, *servers: str) -> None:
        self.url, self.servers, self.refreshes = url, set(servers), 0

    def slot_of(self, name: bytes) -> int:
        del name
        return 0

    def url_of(self, slot: int) -> str | None:
        del slot
        return self.url

    def urls(self) -> set[str]:
        return self.servers

    async def refresh(self) -> None:
        self.refreshes += 1

    async def aclose(self) -> None:
        """Nothing is open."""


class Routed:
    def __init__(self, directory: MovableDirectory) -> None:
        self.directory, self.events = directory, asyncio.Queue[list[Event]]()
        self.router = ShardRouter(directory, QUICK, self.events)

    def reroute_soon(self) -> None:
        """A channel without a known server makes the router refresh the directory and route all channels again."""
        url, self.directory.url = self.directory.url, None
        self.router.join(b"without a server")
        self.directory.url = url

    async def next_event(self) -> Event:
        async with asyncio.timeout(5):
            (event,) = await self.events.get()
            return event


@pytest.fixture
async def servers(own_valkey: Callable[[], Awaitable[OwnStore]]) -> tuple[OwnStore, OwnStore]:
    return await own_valkey(), await own_valkey()


@pytest.fixture
async def routed(servers: tuple[OwnStore, OwnStore]) -> AsyncIterator[Routed]:
    """The first server serves all channels."""
    one, other = [server.url for server in servers]
    routed = Routed(MovableDirectory(one, one, other))
    routed.router.open()
    yield routed
    await routed.router.aclose()


async def publish(server: OwnStore, message: str) -> int:
    async with Redis.from_url(server.url) as redis:
        return int(await redis.spublish("room", message))


async def test_channel_is_subscribed_at_its_server_alone(routed: Routed, servers: tuple[OwnStore, OwnStore]) -> None:
    channel = routed.router.join(b"room")
    assert routed.router.join(b"room") is channel
    await channel.confirmed.wait()
    assert [await publish(server, "hello") for server in servers] == [1, 0]
    assert_message(await routed.next_event(), "room", "hello")


async def test_moved_channel_gets_a_gap_and_messages_of_the_other_server(
    routed: Routed, servers: tuple[OwnStore, OwnStore]
) -> None:
    channel = routed.router.join(b"room")
    await channel.confirmed.wait()
    routed.directory.url = servers[1].url
    routed.reroute_soon()
    assert_gap(await routed.next_event(), "room", GapReason.RECONNECTED)
    assert [await publish(server, "hello") for server in servers] == [0, 1]
    assert_message(await routed.next_event(), "room", "hello")
    assert channel.confirmed.is_set()


async def test_channel_without_a_known_server_waits_for_one(routed: Routed, servers: tuple[OwnStore, OwnStore]) -> None:
    routed.directory.url = None
    channel = routed.router.join(b"room")
    refreshes = routed.directory.refreshes
    await eventually(lambda: routed.directory.refreshes > refreshes + 1)
    assert not channel.confirmed.is_set()
    routed.directory.url = servers[1].url
    await asyncio.wait_for(channel.confirmed.wait(), 5)
    assert await publish(servers[1], "hello") == 1


async def test_left_channel_is_unsubscribed(routed: Routed, servers: tuple[OwnStore, OwnStore]) -> None:
    await routed.router.join(b"room").confirmed.wait()
    routed.router.leave(b"room")
    routed.router.leave(b"never joined")

    async def is_unsubscribed() -> bool:
        return await publish(servers[0], "hello") == 0

    await eventually(is_unsubscribed)


async def test_server_that_left_the_directory_is_disconnected(
    routed: Routed, servers: tuple[OwnStore, OwnStore]
) -> None:
    await routed.router.join(b"room").confirmed.wait()
    routed.directory.servers = {servers[0].url}

    async def listeners(server: OwnStore) -> int:
        async with Redis.from_url(server.url) as redis:
            return len(await redis.client_list()) - 1

    assert await listeners(servers[1]) == 1
    routed.reroute_soon()

    async def is_disconnected() -> bool:
        return await listeners(servers[1]) == 0

    await eventually(is_disconnected)
    assert await publish(servers[0], "hello") == 1
    assert_message(await routed.next_event(), "room", "hello")


def test_single_server_serves_every_slot() -> None:
    directory = SingleNodeDirectory("redis://one")
    assert (directory.slot_of(b"a"), directory.slot_of(b"b")) == (0, 0)
    assert (directory.url_of(0), directory.urls()) == ("redis://one", {"redis://one"})
