"""The pub/sub backend in a cluster: each channel is subscribed at the current master of its slot."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.network.redis_cluster_url import Address
from datastore.redis.cluster.slots import slot_of
from datastore.redis.pubsub.backend import Gap, GapReason, RedisPubSubBackend
from tests.datastore.redis.pubsub.pubsub_backends import QUICK, assert_gap, assert_message, next_event, open_backend
from tests.support.processes.redis_cluster import Cluster
from tests.support.waiting import eventually

ROOMS = [f"room{number}" for number in range(60)]


@pytest.fixture
async def backend(cluster: Cluster) -> AsyncIterator[RedisPubSubBackend]:
    async with open_backend(cluster.url, QUICK) as backend:
        yield backend


async def test_channels_of_all_shards_use_one_connection_to_each_master(
    cluster: Cluster, backend: RedisPubSubBackend
) -> None:
    await asyncio.gather(*[backend.subscribe(room) for room in ROOMS])

    for room in ROOMS:
        await backend.publish(room, f"to {room}")
        assert_message(await next_event(backend), room, f"to {room}")

    masters = [shard.master for shard in await cluster.shards()]
    assert [await listeners(cluster, master) for master in masters] == [1, 1, 1]
    channels = [await cluster.ask(master, "PUBSUB", "SHARDCHANNELS") for master in masters]
    assert sorted(name.decode() for names in channels for name in names) == sorted(ROOMS)


async def test_left_channel_is_unsubscribed(cluster: Cluster, backend: RedisPubSubBackend) -> None:
    await backend.subscribe("room")
    backend.leave("room")

    master = (await cluster.shard_of(slot_of("room"))).master

    async def is_gone() -> bool:
        return not await cluster.ask(master, "PUBSUB", "SHARDCHANNELS")

    await eventually(is_gone)


async def test_channel_of_a_moved_slot_gets_a_gap_and_is_served_there(
    cluster: Cluster, backend: RedisPubSubBackend
) -> None:
    slot = slot_of("room")
    source, target = await source_and_target(cluster, slot)
    await backend.subscribe("room")
    await backend.subscribe("staying")

    await cluster.begin_move(slot, source, target)
    await cluster.end_move(slot, source, target)

    await assert_resumed_after_gap(backend, "room")
    await backend.publish("staying", "after")
    assert_message(await next_event(backend), "staying", "after")
    await cluster.begin_move(slot, target, source)
    await cluster.end_move(slot, target, source)
    await assert_resumed_after_gap(backend, "room")


async def test_channel_of_a_slot_that_moves_whole_gets_a_gap_and_is_served_there(
    cluster: Cluster, backend: RedisPubSubBackend
) -> None:
    slot = slot_of("room")
    source, target = await source_and_target(cluster, slot)
    await backend.subscribe("room")
    for one, other in ((source, target), (target, source)):
        await cluster.move_whole(slot, one, other)
        await assert_resumed_after_gap(backend, "room")


async def test_killed_connection_causes_a_gap_for_its_own_channels(
    cluster: Cluster, backend: RedisPubSubBackend
) -> None:
    for room in ROOMS:
        await backend.subscribe(room)
    shard = await cluster.shard_of(slot_of(ROOMS[0]))

    await cluster.ask(shard.master, "CLIENT", "KILL", "TYPE", "pubsub")

    interrupted = {room for room in ROOMS if (await cluster.shard_of(slot_of(room))).master == shard.master}
    gaps = [await next_event(backend) for _ in interrupted]
    assert {(gap.channel, gap.message) for gap in gaps} == {(room, GapReason.RECONNECTED) for room in interrupted}
    await backend.publish(ROOMS[0], "after")
    assert_message(await next_event(backend), ROOMS[0], "after")


async def assert_resumed_after_gap(backend: RedisPubSubBackend, room: str) -> None:
    """At least one gap, more while nodes disagree about the slot; messages published after the last one arrive."""
    event = await next_event(backend, within=10)
    assert_gap(event, room, GapReason.RECONNECTED)
    number = 0
    while event.message != str(number):
        if isinstance(event, Gap):
            number += 1
            await backend.subscribe(room)
            await backend.publish(room, str(number))
        event = await next_event(backend)
        assert event.channel == room


async def source_and_target(cluster: Cluster, slot: int) -> tuple[Address, Address]:
    source = (await cluster.shard_of(slot)).master
    return source, next(shard.master for shard in await cluster.shards() if shard.master != source)


async def listeners(cluster: Cluster, node: Address) -> int:
    clients = await cluster.ask(node, "CLIENT", "LIST", "TYPE", "pubsub")
    return len(clients.splitlines())
