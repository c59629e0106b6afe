"""Hot reads of a cluster: at the node of each slot, through moves of slots, and nothing remembered that changed."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec
import pytest

from core.ids import UserId
from core.redis_cluster_url import Address, parse_cluster_url
from datastore.cache.rows import RowCache
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.pipeline import ClusterLine, open_cluster_line
from datastore.redis.cluster.slots import slot_of
from datastore.redis.node.dial import raise_first
from datastore.redis.node.protocol import confirming
from tests.support.clusters import Cluster

NAMES = [f"key{number}" for number in range(60)]


@pytest.fixture
async def redis(cluster: Cluster) -> AsyncIterator[ClusterRedis]:
    async with ClusterRedis(parse_cluster_url(cluster.url)) as redis:
        await redis.get("the client learns who serves what")
        yield redis


@pytest.fixture
async def line(redis: ClusterRedis) -> AsyncIterator[ClusterLine]:
    async with open_cluster_line(redis) as line:
        yield line


async def elsewhere(cluster: Cluster, slot: int) -> tuple[Address, Address]:
    source = (await cluster.shard_of(slot)).master
    return source, next(shard.master for shard in await cluster.shards() if shard.master != source)


async def test_values_of_all_nodes_come_in_the_order_of_their_keys_each_with_a_trace(
    line: ClusterLine, redis: ClusterRedis
) -> None:
    raise_first(await line.start([("SET", name, number) for number, name in enumerate(NAMES)]))
    fetched = line.fetch([*NAMES, "none"])
    assert await fetched == [*[b"%d" % number for number in range(60)], None]
    assert all(trace.is_current for trace in fetched.traces)
    assert len({trace.wire for trace in fetched.traces}) == 3

    await redis.set(NAMES[7], "changed")
    await redis.set("none", "there")
    await asyncio.gather(*confirming(fetched.traces, time.monotonic()))
    assert [place for place, trace in enumerate(fetched.traces) if not trace.is_current] == [7, 60]


async def test_answers_of_many_nodes_are_put_together_errors_among_them(line: ClusterLine) -> None:
    set_, wrong, count = await line.start([("SET", "a", 1), ("LPUSH", "a", 2), ("EXISTS", "a", "b", "c")])
    assert (set_, count) == (b"OK", 1)
    assert "wrong kind" in str(wrong)


async def test_commands_whose_slots_are_known_go_where_these_are_served(line: ClusterLine) -> None:
    commands = [("SET", name, number) for number, name in enumerate(NAMES)]
    raise_first(await line.start(commands, [slot_of(name) for name in NAMES]))
    assert await line.start([("EXISTS", *NAMES)]) == [len(NAMES)]
    misled = await line.start([("GET", name) for name in NAMES], [slot_of(NAMES[0])] * len(NAMES))
    assert misled == [str(number).encode() for number in range(len(NAMES))]


async def test_before_it_is_known_who_serves_what_all_is_answered(cluster: Cluster) -> None:
    async with ClusterRedis(parse_cluster_url(cluster.url)) as redis, open_cluster_line(redis) as line:
        fetched = line.fetch(["a", "b"])
        assert await fetched == [None, None]
        assert not any(trace.is_current for trace in fetched.traces)


async def test_keys_of_a_slot_on_the_move_are_found_where_they_are_and_not_remembered(
    cluster: Cluster, line: ClusterLine
) -> None:
    here, gone = "{moving}:here", "{moving}:gone"
    slot = slot_of(here)
    source, target = await elsewhere(cluster, slot)
    raise_first(await line.start([("SET", here, 1), ("SET", gone, 2)]))
    before = line.fetch([gone])
    await before

    await cluster.begin_move(slot, source, target)
    await cluster.move_key(gone, source, target)
    fetched = line.fetch([gone])
    assert await fetched == [b"2"]
    assert not fetched.traces[0].is_current
    await asyncio.gather(*confirming(before.traces, time.monotonic()))
    assert not before.traces[0].is_current

    await cluster.end_move(slot, source, target)
    assert await line.start([("GET", here), ("GET", gone)]) == [b"1", b"2"]
    again = line.fetch([here, gone])
    assert await again == [b"1", b"2"]
    assert all(trace.is_current for trace in again.traces)
    await cluster.begin_move(slot, target, source)
    await cluster.end_move(slot, target, source)
    assert await line.fetch([here, gone]) == [b"1", b"2"]


class Bird(msgspec.Struct, frozen=True, array_like=True):
    name: str


async def test_rows_are_exact_while_their_slot_moves_and_somebody_else_changes_them(
    cluster: Cluster, line: ClusterLine, redis: ClusterRedis
) -> None:
    names = dict.fromkeys(map(UserId, range(1, 6)), "egg")

    async def load(ids: Sequence[UserId]) -> Mapping[UserId, Bird]:
        return {id_: Bird(names[id_]) for id_ in ids}

    def cache_on(one: ClusterLine) -> RowCache[UserId, Bird]:
        return RowCache(one, Bird, key=lambda id_: f"bird:{id_}", load=load, ttl_seconds=100)

    moved = UserId(3)
    slot = slot_of(f"bird:{moved}")
    source, target = await elsewhere(cluster, slot)
    async with open_cluster_line(redis) as other:
        mine, theirs = cache_on(line), cache_on(other)

        async def check(step: str) -> None:
            for _ in range(3):
                assert [row and row.name for row in await mine.get_many(list(names))] == list(names.values())
            names[moved] = step
            await theirs.forget(moved)
            assert [row and row.name for row in await mine.get_many(list(names))] == list(names.values())
            await redis.delete(f"bird:{moved}")

        await check("before")
        await cluster.begin_move(slot, source, target)
        await check("on the move")
        await cluster.end_move(slot, source, target)
        await check("after")
        await cluster.begin_move(slot, target, source)
        await cluster.end_move(slot, target, source)
        await check("back")
