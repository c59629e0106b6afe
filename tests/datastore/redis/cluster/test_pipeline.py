"""Hot reads of a cluster: at the node of each slot, through moves of slots, and nothing remembered that changed."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec
import pytest

from core.ids import UserId
from core.network.redis_cluster_url import Address, parse_cluster_url
from datastore.cache.rows import RowCache
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.pipeline import ClusterPipeline, open_cluster_pipeline
from datastore.redis.cluster.slots import slot_of
from datastore.redis.node.commands import raise_first
from datastore.redis.node.tracking import read_barriers
from tests.support.processes.redis_cluster import Cluster

NAMES = [f"key{number}" for number in range(60)]


@pytest.fixture
async def redis(cluster: Cluster) -> AsyncIterator[ClusterRedis]:
    async with ClusterRedis(parse_cluster_url(cluster.url)) as redis:
        await redis.get("any key, so that the client learns the topology")
        yield redis


@pytest.fixture
async def pipeline(redis: ClusterRedis) -> AsyncIterator[ClusterPipeline]:
    async with open_cluster_pipeline(redis) as pipeline:
        yield pipeline


async def source_and_target(cluster: Cluster, slot: int) -> tuple[Address, Address]:
    source = (await cluster.shard_of(slot)).master
    return source, next(shard.master for shard in await cluster.shards() if shard.master != source)


async def test_values_of_all_nodes_are_in_the_order_of_their_keys_and_tracked(
    pipeline: ClusterPipeline, redis: ClusterRedis
) -> None:
    raise_first(await pipeline.submit([("SET", name, number) for number, name in enumerate(NAMES)]))
    fetched = pipeline.fetch([*NAMES, "none"])
    assert await fetched == [*[b"%d" % number for number in range(60)], None]
    assert all(tracking.is_current for tracking in fetched.trackings)
    assert len({tracking.connection for tracking in fetched.trackings}) == 3

    await redis.set(NAMES[7], "changed")
    await redis.set("none", "there")
    await asyncio.gather(*read_barriers(fetched.trackings, time.monotonic()))
    assert [position for position, tracking in enumerate(fetched.trackings) if not tracking.is_current] == [7, 60]


async def test_replies_of_several_nodes_are_merged_errors_among_them(pipeline: ClusterPipeline) -> None:
    set_, wrong, count = await pipeline.submit([("SET", "a", 1), ("LPUSH", "a", 2), ("EXISTS", "a", "b", "c")])
    assert (set_, count) == (b"OK", 1)
    assert "wrong kind" in str(wrong)


async def test_given_slots_choose_the_node_and_wrong_ones_are_redirected(pipeline: ClusterPipeline) -> None:
    commands = [("SET", name, number) for number, name in enumerate(NAMES)]
    raise_first(await pipeline.submit(commands, [slot_of(name) for name in NAMES]))
    assert await pipeline.submit([("EXISTS", *NAMES)]) == [len(NAMES)]
    misled = await pipeline.submit([("GET", name) for name in NAMES], [slot_of(NAMES[0])] * len(NAMES))
    assert misled == [str(number).encode() for number in range(len(NAMES))]


async def test_commands_are_answered_before_the_topology_is_known(cluster: Cluster) -> None:
    async with ClusterRedis(parse_cluster_url(cluster.url)) as redis, open_cluster_pipeline(redis) as pipeline:
        fetched = pipeline.fetch(["a", "b"])
        assert await fetched == [None, None]
        assert not any(tracking.is_current for tracking in fetched.trackings)


async def test_keys_of_a_migrating_slot_are_found_and_untracked(cluster: Cluster, pipeline: ClusterPipeline) -> None:
    here, gone = "{moving}:here", "{moving}:gone"
    slot = slot_of(here)
    source, target = await source_and_target(cluster, slot)
    raise_first(await pipeline.submit([("SET", here, 1), ("SET", gone, 2)]))
    before = pipeline.fetch([gone])
    await before

    await cluster.begin_move(slot, source, target)
    await cluster.move_key(gone, source, target)
    fetched = pipeline.fetch([gone])
    assert await fetched == [b"2"]
    assert not fetched.trackings[0].is_current
    await asyncio.gather(*read_barriers(before.trackings, time.monotonic()))
    assert not before.trackings[0].is_current

    await cluster.end_move(slot, source, target)
    assert await pipeline.submit([("GET", here), ("GET", gone)]) == [b"1", b"2"]
    again = pipeline.fetch([here, gone])
    assert await again == [b"1", b"2"]
    assert all(tracking.is_current for tracking in again.trackings)
    await cluster.begin_move(slot, target, source)
    await cluster.end_move(slot, target, source)
    assert await pipeline.fetch([here, gone]) == [b"1", b"2"]


class Bird(msgspec.Struct, frozen=True, array_like=True):
    name: str


async def test_rows_are_current_while_their_slot_migrates_and_another_process_changes_them(
    cluster: Cluster, pipeline: ClusterPipeline, redis: ClusterRedis
) -> None:
    names = dict.fromkeys(map(UserId, range(1, 6)), "egg")

    async def load(ids: Sequence[UserId]) -> Mapping[UserId, Bird]:
        return {id_: Bird(names[id_]) for id_ in ids}

    def cache_on(one: ClusterPipeline) -> RowCache[UserId, Bird]:
        return RowCache(one, Bird, key=lambda id_: f"bird:{id_}", load=load, ttl_seconds=100)

    moved = UserId(3)
    slot = slot_of(f"bird:{moved}")
    source, target = await source_and_target(cluster, slot)
    async with open_cluster_pipeline(redis) as other:
        mine, theirs = cache_on(pipeline), cache_on(other)

        async def check(step: str) -> None:
            for _ in range(3):
                assert [row and row.name for row in await mine.get_many(list(names))] == list(names.values())
            names[moved] = step
            await theirs.invalidate(moved)
            assert [row and row.name for row in await mine.get_many(list(names))] == list(names.values())
            await redis.delete(f"bird:{moved}")

        await check("before")
        await cluster.begin_move(slot, source, target)
        await check("migrating")
        await cluster.end_move(slot, source, target)
        await check("after")
        await cluster.begin_move(slot, target, source)
        await cluster.end_move(slot, target, source)
        await check("back")
