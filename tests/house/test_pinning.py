"""A pinned server has the core that it was given, independent of the core of its parent."""

import os

import pytest

from bench.harness.cpu import pinned

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@pytest.mark.skipif(len(CORES) < 2, reason="Skipped, for there is but one core here: servers with cores of their own")
def test_core_is_another_than_that_of_who_starts_the_server() -> None:
    load, servers = CORES[:2]
    with pinned(load):
        with pinned(servers):
            assert os.sched_getaffinity(0) == {servers}
        assert os.sched_getaffinity(0) == {load}
    assert os.sched_getaffinity(0) == set(CORES)


@pytest.mark.skipif(not CORES, reason="Skipped, for the system does not tell of cores")
def test_core_that_is_not_there_is_any() -> None:
    with pinned(100_000):
        assert sorted(os.sched_getaffinity(0)) == CORES
