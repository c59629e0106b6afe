"""Garbage is collected when the process grows, and freed memory is returned to the system."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runtime.gc_tuning import GrowthCollector, Trimmer
from tests.support.waiting import eventually

STATM = Path("/proc/self/statm")
PAGE_BYTES = 4_096
MEGABYTE = 1 << 20

pytestmark = pytest.mark.skipif(not STATM.exists(), reason="Skipped, for only Linux tells how much memory is held")


def resident() -> int:
    return int(STATM.read_text().split()[1]) * PAGE_BYTES


async def test_what_was_freed_below_something_that_stays_is_given_back() -> None:
    many = [bytes(100_000) for _ in range(1_000)]
    kept = many[-1]
    del many
    held = resident()
    trimmer = Trimmer(seconds=0.0)
    for _ in range(3):
        trimmer.trim_soon()
    await eventually(lambda: resident() < held - 50 * MEGABYTE)
    assert kept


class Cycle:
    """It refers to itself, so that only a collection frees it."""

    def __init__(self, size: int) -> None:
        self.itself, self.filler = self, b"x" * size


@pytest.fixture
def _no_own_collections() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_own_collections")
async def test_cycles_are_collected_once_the_process_has_grown() -> None:
    GrowthCollector(look_seconds=0.001, grown_bytes=20 * MEGABYTE).start()
    small = weakref.ref(Cycle(1))
    assert small() is not None
    large = [weakref.ref(Cycle(MEGABYTE)) for _ in range(40)]
    await eventually(lambda: not any(one() for one in [small, *large]))


@pytest.mark.usefixtures("_no_own_collections")
async def test_cycles_wait_no_longer_than_the_latest_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.runtime.gc_tuning._LATEST_SECONDS", 0.01)
    GrowthCollector(look_seconds=0.001).start()
    small = weakref.ref(Cycle(1))
    await eventually(lambda: small() is None)
