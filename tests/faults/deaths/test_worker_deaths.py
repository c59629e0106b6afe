"""Real worker processes killed in the middle of a fan-out."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from core.ids import TweetId, UserId
from core.settings import Settings
from datastore.jobs.routing import FANOUT, WIDE_FANOUT
from datastore.redis import job_keys, keys
from schema.values.nodes import NodeType, decode_id
from tests.support.people import sign_up
from tests.support.scenarios.timelines.followers import add_followers, lists_of
from tests.support.service import Service, running_service, settings_for
from tests.support.waiting import POLL_SECONDS, eventually

ROOT = Path(__file__).parents[3]
KILLS = 20
FANS = 3_000
READERS = 5
RECOVERY_SECONDS = 60.0


class Workers:
    """Worker processes that are killed by their process ids."""

    def __init__(self, forking: Process) -> None:
        self._forking = forking

    async def start(self) -> None:
        assert self._forking.stdin is not None
        assert self._forking.stdout is not None
        self._forking.stdin.write(b"another\n")
        assert int(await self._forking.stdout.readline())

    async def kill(self, pid: int) -> bool:
        """Kills a worker and starts another one. False where it was dead already."""
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        await self.start()
        return True


@asynccontextmanager
async def running_workers(settings: Settings, count: int) -> AsyncIterator[Workers]:
    """Runs all workers; at the end they finish their jobs."""
    urls = {"ROOKERY_MONGO_URL": str(settings.mongo_url), "ROOKERY_REDIS_URL": str(settings.redis_url)}
    command = (sys.executable, "-m", "tests.support.processes.forked_workers")
    forking = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env={**os.environ, **urls}, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
    )
    workers = Workers(forking)
    try:
        for _ in range(count):
            await workers.start()
        yield workers
    finally:
        assert forking.stdin is not None
        forking.stdin.close()
        async with asyncio.timeout(RECOVERY_SECONDS):
            await forking.wait()


async def killed_under_way(service: Service, workers: Workers, tweet: TweetId, fans: list[UserId]) -> bool:
    """Kills the worker that fans out the tweet, between the first follower's list and the last one's.

    False where the worker was faster. The job is in the queue for authors with many followers.
    """
    redis = service.stores.redis

    async def has_begun() -> bool:
        """True also when all is over: a job that waited for its claim may be late, and then no list gets it."""
        return await redis.lindex(keys.home(fans[0]), 0) == str(tweet).encode() or await service.is_settled()

    # Redis may deliver the job to the worker killed last before it notices; then another worker claims it.
    await eventually(has_begun, within=RECOVERY_SECONDS, longest_pause=POLL_SECONDS)
    pending: list[dict[str, Any]] = await redis.xpending_range(job_keys.jobs(WIDE_FANOUT), "workers", "-", "+", 100)
    was_killed = False
    for job in sorted(pending, key=lambda row: row["time_since_delivered"])[:1]:
        was_killed = await workers.kill(int(job["consumer"].decode().split("-")[-2]))
    (last,) = await lists_of(service.stores, fans[-1:])
    return was_killed and tweet not in last


async def test_lists_are_right_after_20_workers_were_killed_in_mid_fan_out(
    service_database: str, redis_url: str
) -> None:
    settings = settings_for(service_database, redis_url, rate_limit="off")
    async with running_service(settings, with_workers=False) as service:
        celebrity, *readers = [await sign_up(service, f"person{number}") for number in range(1 + READERS)]
        await readers[0].follow(celebrity)
        fans = await add_followers(service.stores, UserId(decode_id(celebrity.id, NodeType.USER)), FANS)
        for reader in readers[1:]:
            await reader.follow(celebrity)
        posted: list[TweetId] = []
        kills = 0
        async with running_workers(settings, 2) as workers:
            while kills < KILLS:
                assert len(posted) < 3 * KILLS, f"only {kills} of {len(posted)} fan-outs were caught under way"
                tweet = await celebrity.post(f"tweet {len(posted)}")
                posted.append(TweetId(decode_id(tweet, NodeType.TWEET)))
                kills += await killed_under_way(service, workers, posted[-1], fans)
            await eventually(service.is_settled, within=RECOVERY_SECONDS)
            # Lists may lack late tweets, which readers merge in; a tweet posted at this moment is not late.
            posted.append(TweetId(decode_id(await celebrity.post(f"tweet {len(posted)}"), NodeType.TWEET)))
            await eventually(service.is_settled, within=RECOVERY_SECONDS)
        for found in await lists_of(service.stores, fans):
            assert found == [tweet for tweet in posted[::-1] if tweet in found]
            assert found[:1] == posted[-1:]
        for queue in (FANOUT, WIDE_FANOUT):
            assert await service.stores.redis.xlen(job_keys.dead_jobs(queue)) == 0
        texts = [f"tweet {number}" for number in range(len(posted))]
        for reader in readers:
            assert await reader.home_texts() == texts[::-1]
