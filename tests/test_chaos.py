"""The short form of `make chaos`: a cluster of real processes, broken twice under load; the whole takes an hour."""

import shutil

import pytest

from bench.chaos.faults import kill_primary, kill_redis_master
from bench.chaos.judge import RIGHT
from bench.chaos.running import open_arena
from bench.chaos.scale import Scale

pytestmark = pytest.mark.lengthy
SHORT = Scale(
    people=60,
    authors=12,
    writers=3,
    readers=2,
    watchers=8,
    apis=2,
    workers=1,
    calm_seconds=0.5,
    dead_seconds=3.0,
    after_seconds=0.5,
)


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is not installed")
async def test_nothing_is_lost_or_repeated_when_a_redis_master_and_the_mongodb_primary_are_killed() -> None:
    async with open_arena(SHORT) as arena:
        assert (await kill_redis_master(arena)).verdict == RIGHT
        assert (await kill_primary(arena)).verdict == RIGHT
