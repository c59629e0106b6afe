"""The short form of `make chaos`, which takes hours: three faults in a cluster of real processes under load."""

import shutil

import pytest

from bench.chaos.__main__ import PAGE
from bench.chaos.checker import RIGHT
from bench.chaos.faults.servers import drop_sockets, kill_primary, kill_redis_master
from bench.chaos.load.profile import LoadProfile
from bench.chaos.runner import open_experiment
from bench.chaos.scenarios import SCENARIOS

pytestmark = pytest.mark.lengthy
SHORT = LoadProfile(
    people=30,
    authors=12,
    writers=3,
    readers=2,
    watchers=40,  # more than people: some subscribe on two devices
    apis=2,
    workers=1,
    calm_seconds=0.5,
    dead_seconds=3.0,
    after_seconds=0.5,
)


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is not installed")
async def test_nothing_is_lost_or_repeated_when_servers_and_the_load_balancer_are_killed() -> None:
    async with open_experiment(SHORT) as experiment:
        assert (await kill_redis_master(experiment)).verdict == RIGHT
        assert (await kill_primary(experiment)).verdict == RIGHT
        dropped = await drop_sockets(experiment)
        assert dropped.verdict == RIGHT
        assert dropped.lost_sockets >= SHORT.watchers


def test_each_scenario_has_a_row_on_the_page() -> None:
    page = PAGE.read_text()
    assert [one.title for one in SCENARIOS.values() if f"\n| {one.title} | {one.must} |" not in page] == []
