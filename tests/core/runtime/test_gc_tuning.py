"""The trimmer returns freed memory to the system."""

from pathlib import Path

import pytest

from core.runtime.gc_tuning import Trimmer
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
