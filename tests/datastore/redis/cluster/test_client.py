"""The cluster client: commands over several slots, and slots that migrate."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import partial

import pytest
from redis.asyncio import Redis

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from core.network.redis_cluster_url import Address
from datastore.jobs.jobs import FanOut
from datastore.jobs.queue import Delivery, JobQueue, enqueue
from datastore.jobs.routing import FANOUT
from datastore.redis import job_keys, keys
from datastore.redis.client import open_redis, send_all
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.pipeline import open_cluster_pipeline
from datastore.redis.cluster.slots import slot_of
from datastore.timelines.home import HomeTimelineStore
from tests.support.processes.redis_cluster import Cluster
from tests.support.waiting import eventually

PEOPLE = [UserId(number << 22) for number in range(1, 101)]


@pytest.fixture
async def redis(cluster: Cluster) -> AsyncIterator[Redis]:
    async with open_redis(cluster.url) as redis:
        yield redis


@pytest.fixture
async def timelines(redis: Redis) -> AsyncIterator[HomeTimelineStore]:
    assert isinstance(redis, ClusterRedis)
    async with open_cluster_pipeline(redis) as pipeline:
        yield HomeTimelineStore(redis, pipeline, 800)


async def test_commands_over_several_slots_are_answered_in_order(redis: Redis) -> None:
    names = [f"key{number}" for number in range(100)]

    await send_all(redis, [("SET", name, number) for number, name in enumerate(names)])

    assert await redis.mget([*names, "none", names[0]]) == [*[b"%d" % n for n in range(100)], None, b"0"]
    assert await redis.exists(*names, "none") == 100
    assert await redis.delete(*names[:60], "none") == 60
    assert await send_all(redis, [("MGET", *names[55:65]), ("GET", names[99]), ("PING",)]) == [
        [None] * 5 + [b"60", b"61", b"62", b"63", b"64"],
        b"99",
        True,
    ]


async def test_push_reaches_lists_on_all_shards(timelines: HomeTimelineStore) -> None:
    for person in PEOPLE:
        await timelines.begin_build(person, "token")
        await timelines.commit_build(person, "token", [], complete=True)

    assert await timelines.push(PEOPLE, 7) == 100
    assert await timelines.push(PEOPLE, 7) == 0

    assert {tuple(await timelines.ids(person)) for person in PEOPLE} == {(7,)}


async def test_migrating_slot_is_followed(cluster: Cluster, redis: Redis) -> None:
    one, other = "{moving}:one", "{moving}:other"
    slot = slot_of(one)
    source, target = await source_and_target(cluster, slot)
    await send_all(redis, [("SET", one, 1), ("SET", other, 2)])

    await cluster.begin_move(slot, source, target)
    await cluster.move_key(one, source, target)

    assert await send_all(redis, [("GET", one), ("GET", other), ("INCR", one)]) == [b"1", b"2", 2]
    both = asyncio.create_task(
        send_all(redis, [("MGET", one, other)])
    )  # no single node has both keys, so no node can answer yet
    assert not (await asyncio.wait([both], timeout=0.1))[0]
    await cluster.end_move(slot, source, target)
    assert await both == [[b"2", b"2"]]
    assert await redis.incr(other) == 3
    await cluster.begin_move(slot, target, source)
    await cluster.end_move(slot, target, source)
    assert await redis.mget(one, other) == [b"2", b"3"]


async def test_script_is_atomic_while_its_slot_migrates(
    cluster: Cluster, redis: Redis, timelines: HomeTimelineStore
) -> None:
    person = PEOPLE[0]
    await timelines.begin_build(person, "token")
    await timelines.commit_build(person, "token", [], complete=True)
    head = (await timelines.range(person, 1)).head
    await timelines.push([person], 5)
    slot = slot_of(keys.home(person))
    source, target = await source_and_target(cluster, slot)
    await cluster.begin_move(slot, source, target)
    await cluster.move_key(keys.live(keys.home(person)), source, target)

    with pytest.raises(UnavailableError):
        await timelines.push([person], 7)
    await cluster.end_move(slot, source, target)

    assert await timelines.push([person], 7) == 1
    assert await timelines.ids(person) == [7, 5]
    assert await redis.xlen(keys.log(keys.home(person))) == 2
    assert (await timelines.range(person, 1)).head.epoch == head.epoch


async def test_consumer_group_with_a_blocked_reader_follows_a_slot_that_moves_whole(
    cluster: Cluster, redis: Redis
) -> None:
    queue, slot = JobQueue(redis, FANOUT), slot_of(job_keys.jobs(FANOUT))
    source, target = await source_and_target(cluster, slot)
    assert await queue.take("first", 1, 1) == []
    await enqueue(redis, FanOut(TweetId(1)))
    (begun,) = await queue.take("first", 1, 1)

    for number, (one, other) in enumerate(((source, target), (target, source)), 2):
        blocked = asyncio.create_task(taken(queue))
        await eventually(partial(is_blocked, cluster, one))
        await cluster.move_whole(slot, one, other)
        await enqueue(redis, FanOut(TweetId(number)))
        (delivery,) = await blocked
        assert delivery.job == FanOut(TweetId(number))
        await queue.acknowledge(delivery.entry_id)

    (claimed,) = await queue.claim("second", 0, 10)
    assert (claimed.entry_id, claimed.job) == (begun.entry_id, begun.job)
    await queue.acknowledge(claimed.entry_id)
    assert (await queue.lag()).open_jobs == 0


async def taken(queue: JobQueue) -> Sequence[Delivery]:
    """The next job, as a worker waits for it: it asks again after the time, and after an error."""
    for _ in range(20):
        with suppress(UnavailableError):
            if found := await queue.take("second", 1, 1_000):
                return found
    return []


async def is_blocked(cluster: Cluster, node: Address) -> bool:
    return bool((await cluster.ask(node, "INFO", "clients"))["blocked_clients"] == 1)


async def source_and_target(cluster: Cluster, slot: int) -> tuple[Address, Address]:
    source = (await cluster.shard_of(slot)).master
    return source, next(shard.master for shard in await cluster.shards() if shard.master != source)
