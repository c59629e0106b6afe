"""A master that dies or freezes: its replica answers reads at once, and is promoted within seconds."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from redis.asyncio import Redis

from core.errors import UnavailableError
from core.ids import TweetId, UserId
from core.network.redis_cluster_url import Address
from datastore.jobs.jobs import FanOut
from datastore.jobs.queue import Delivery, JobQueue, enqueue
from datastore.jobs.routing import FANOUT
from datastore.redis import job_keys, keys
from datastore.redis.client import open_redis, run_id
from datastore.redis.cluster.client import ClusterRedis
from datastore.redis.cluster.pipeline import ClusterPipeline
from datastore.redis.cluster.slots import Shard, slot_of
from datastore.redis.pubsub.backend import RedisPubSubBackend
from datastore.timelines.event_log import home_log
from datastore.timelines.home import HomeTimelineStore, WindowState
from tests.datastore.redis.pubsub.pubsub_backends import next_event, open_backend
from tests.support.processes.redis_cluster import Cluster, running_cluster
from tests.support.waiting import eventually

PEOPLE = [UserId(number << 22) for number in range(1, 31)]
LIVE_WITHIN = 6.0
_MARGIN = 4.0  # for a busy machine


@pytest.fixture
async def own_cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    async with running_cluster(tmp_path) as cluster:
        yield cluster


@pytest.fixture
async def redis(own_cluster: Cluster) -> AsyncIterator[Redis]:
    async with open_redis(own_cluster.url) as redis:
        yield redis


@pytest.fixture
async def timelines(redis: Redis) -> HomeTimelineStore:
    """Everybody is live, and has a list of one item."""
    assert isinstance(redis, ClusterRedis)
    timelines = HomeTimelineStore(redis, ClusterPipeline(redis), 800)
    for person in PEOPLE:
        await timelines.begin_build(person, "token")
        await timelines.commit_build(person, "token", [7], complete=True)
        await timelines.range(person, 1)
    return timelines


@pytest.mark.parametrize("is_frozen", [False, True], ids=["killed", "frozen"])
async def test_lost_master_is_replaced_and_its_replica_answers_reads(
    own_cluster: Cluster, redis: Redis, timelines: HomeTimelineStore, is_frozen: bool
) -> None:
    shard = (await own_cluster.shards())[0]
    await until_replicated(own_cluster, shard)
    owners = {person: (await own_cluster.shard_of(slot_of(keys.home(person)))).master for person in PEOPLE}
    person = next(person for person in PEOPLE if owners[person] == shard.master)
    elsewhere = [person for person in PEOPLE if owners[person] != shard.master]
    before = await run_id(redis)
    assert isinstance(redis, ClusterRedis)
    log = home_log(ClusterPipeline(redis))
    place = (await timelines.range(person, 1)).head
    async with open_backend(own_cluster.url) as backend:
        await backend.subscribe(log.channel(person))
        loop = asyncio.get_running_loop()
        lost_at = loop.time()
        await lose(own_cluster, shard.master, is_frozen=is_frozen)

        windows = [await timelines.range(someone, 5) for someone in (person, elsewhere[0])]
        assert [(window.ids, window.state) for window in windows] == [([7], WindowState.COMPLETE)] * 2
        if not is_frozen:  # once a silence is detected the replica may have been promoted already
            with pytest.raises(UnavailableError):
                await timelines.push([person], 9)
        assert await timelines.push(elsewhere, 9) == len(elsewhere)

        await eventually(lambda: push(timelines, person, 9), within=LIVE_WITHIN + _MARGIN)
        await notified(backend, log.channel(person))
        assert loop.time() - lost_at < LIVE_WITHIN + _MARGIN
    found = await log.range(person, place, 10)
    assert [change.item_id for change in found.changes or ()] == [9]
    assert await run_id(redis) != before
    if is_frozen:
        own_cluster.resume(shard.master)
        assert (await timelines.range(person, 5)).ids == [9, 7]


async def test_jobs_survive_their_master(own_cluster: Cluster, redis: Redis) -> None:
    queue, job = JobQueue(redis, FANOUT), FanOut(TweetId(1))
    shard = await own_cluster.shard_of(slot_of(job_keys.jobs(FANOUT)))
    assert await queue.take("first", 1, 1) == []
    await enqueue(redis, job)
    await until_replicated(own_cluster, shard)

    await own_cluster.kill(shard.master)

    with pytest.raises(UnavailableError):
        await queue.take("first", 1, 1)
    (taken,) = await eventually(lambda: take(queue), within=LIVE_WITHIN + _MARGIN)
    assert taken.job == job
    await queue.acknowledge(taken.entry_id)
    assert (await queue.lag()).open_jobs == 0


async def take(queue: JobQueue) -> Sequence[Delivery]:
    try:
        return await queue.take("first", 1, 100)
    except UnavailableError:
        return []


async def push(timelines: HomeTimelineStore, person: UserId, item_id: int) -> bool:
    try:
        return await timelines.push([person], item_id) == 1
    except UnavailableError:
        return False


async def notified(backend: RedisPubSubBackend, channel: str) -> None:
    """A notification, or a gap that stands for a missed one."""
    event = await next_event(backend, within=LIVE_WITHIN + _MARGIN)
    assert event.channel == channel


async def lose(cluster: Cluster, node: Address, *, is_frozen: bool) -> None:
    if is_frozen:
        cluster.pause(node)
    else:
        await cluster.kill(node)


async def until_replicated(cluster: Cluster, shard: Shard) -> None:
    """Waits until the replica has all writes of the master."""

    async def is_replicated() -> bool:
        offsets = [await cluster.ask(node, "INFO", "replication") for node in (shard.master, *shard.replicas)]
        return len({info["master_repl_offset"] for info in offsets}) == 1

    await eventually(is_replicated)
