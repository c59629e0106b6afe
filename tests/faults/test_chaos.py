"""The short form of `make chaos`: a cluster of real processes, broken three times under load; the whole takes hours."""

import shutil

import pytest

from bench.chaos.faults import drop_sockets, kill_primary, kill_redis_master
from bench.chaos.judge import RIGHT
from bench.chaos.running import open_arena
from bench.chaos.scale import Scale

pytestmark = pytest.mark.lengthy
SHORT = Scale(
    people=30,
    authors=12,
    writers=3,
    readers=2,
    watchers=40,  # more than people: some watch on two devices
    apis=2,
    workers=1,
    calm_seconds=0.5,
    dead_seconds=3.0,
    after_seconds=0.5,
)


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is not installed")
async def test_nothing_is_lost_or_repeated_when_servers_and_the_load_balancer_are_killed() -> None:
    async with open_arena(SHORT) as arena:
        assert (await kill_redis_master(arena)).verdict == RIGHT
        assert (await kill_primary(arena)).verdict == RIGHT
        dropped = await drop_sockets(arena)
        assert dropped.verdict == RIGHT
        assert dropped.lost_sockets >= SHORT.watchers
