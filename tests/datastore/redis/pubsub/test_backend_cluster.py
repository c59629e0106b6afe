"""The doorbell in a cluster: each channel at the master of its slot, wherever that is by now."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.redis_cluster_url import Address
from datastore.redis.cluster.slots import slot_of
from datastore.redis.pubsub.backend import Gap, GapReason, RedisDoorbell
from tests.datastore.redis.pubsub.pubsub_backends import QUICK, assert_gap, assert_message, following, opened
from tests.support.clusters import Cluster
from tests.support.waiting import eventually

ROOMS = [f"room{number}" for number in range(60)]


@pytest.fixture
async def doorbell(cluster: Cluster) -> AsyncIterator[RedisDoorbell]:
    async with opened(cluster.url, QUICK) as doorbell:
        yield doorbell


async def test_channels_of_all_shards_are_heard_over_one_connection_to_each_master(
    cluster: Cluster, doorbell: RedisDoorbell
) -> None:
    await asyncio.gather(*[doorbell.subscribe(room) for room in ROOMS])

    for room in ROOMS:
        await doorbell.publish(room, f"to {room}")
        assert_message(await following(doorbell), room, f"to {room}")

    masters = [shard.master for shard in await cluster.shards()]
    assert [await listeners(cluster, master) for master in masters] == [1, 1, 1]
    channels = [await cluster.ask(master, "PUBSUB", "SHARDCHANNELS") for master in masters]
    assert sorted(name.decode() for names in channels for name in names) == sorted(ROOMS)


async def test_a_channel_that_left_is_unsubscribed(cluster: Cluster, doorbell: RedisDoorbell) -> None:
    await doorbell.subscribe("room")
    doorbell.leave("room")

    master = (await cluster.shard_of(slot_of("room"))).master

    async def is_gone() -> bool:
        return not await cluster.ask(master, "PUBSUB", "SHARDCHANNELS")

    await eventually(is_gone)


async def test_a_channel_whose_slot_moves_is_told_by_a_gap_and_heard_there(
    cluster: Cluster, doorbell: RedisDoorbell
) -> None:
    slot = slot_of("room")
    source, target = await ends(cluster, slot)
    await doorbell.subscribe("room")
    await doorbell.subscribe("staying")

    await cluster.begin_move(slot, source, target)
    await cluster.end_move(slot, source, target)

    await assert_told_again(doorbell, "room")
    await doorbell.publish("staying", "after")
    assert_message(await following(doorbell), "staying", "after")
    await cluster.begin_move(slot, target, source)
    await cluster.end_move(slot, target, source)
    await assert_told_again(doorbell, "room")


async def test_a_killed_connection_costs_its_own_channels_a_gap(cluster: Cluster, doorbell: RedisDoorbell) -> None:
    for room in ROOMS:
        await doorbell.subscribe(room)
    shard = await cluster.shard_of(slot_of(ROOMS[0]))

    await cluster.ask(shard.master, "CLIENT", "KILL", "TYPE", "pubsub")

    theirs = {room for room in ROOMS if (await cluster.shard_of(slot_of(room))).master == shard.master}
    gaps = [await following(doorbell) for _ in theirs]
    assert {(gap.channel, gap.message) for gap in gaps} == {(room, GapReason.RECONNECTED) for room in theirs}
    await doorbell.publish(ROOMS[0], "after")
    assert_message(await following(doorbell), ROOMS[0], "after")


async def assert_told_again(doorbell: RedisDoorbell, room: str) -> None:
    """By one gap at least, more while nodes disagree who serves the slot; what is published after the last is heard."""
    event = await following(doorbell, within=10)
    assert_gap(event, room, GapReason.RECONNECTED)
    number = 0
    while event.message != str(number):
        if isinstance(event, Gap):
            number += 1
            await doorbell.subscribe(room)
            await doorbell.publish(room, str(number))
        event = await following(doorbell)
        assert event.channel == room


async def ends(cluster: Cluster, slot: int) -> tuple[Address, Address]:
    source = (await cluster.shard_of(slot)).master
    return source, next(shard.master for shard in await cluster.shards() if shard.master != source)


async def listeners(cluster: Cluster, node: Address) -> int:
    clients = await cluster.ask(node, "CLIENT", "LIST", "TYPE", "pubsub")
    return len(clients.splitlines())
