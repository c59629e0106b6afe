"""Linear counters: estimates near the exact number, idempotent adds, bounded size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import compose
from core.trends.linear_counter import LinearCounters


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 40)), max_size=80))
def test_noting_again_changes_nothing(uses: list[tuple[str, int]]) -> None:
    once, twice = LinearCounters(10), LinearCounters(10)
    for tag, account in uses:
        once.add(tag, account)
    for tag, account in [*uses, *uses[::-1]]:
        twice.add(tag, account)
    assert once.take_changed() == twice.take_changed()
    for tag, account in uses:
        twice.add(tag, account)
    assert twice.take_changed() == {}


@pytest.mark.parametrize("accounts", [1, 5, 50, 500, 2_000])
def test_estimates_are_near_the_truth(accounts: int) -> None:
    counters = LinearCounters(10)
    for number in range(accounts):
        counters.add("rook", compose(1_700_000_000_000 + 977 * number, number % 7, 0))
    assert counters.take_changed()["rook"] == pytest.approx(accounts, rel=0.15, abs=1)


def test_most_used_hashtags_stay_however_many_are_noted() -> None:
    counters = LinearCounters(100)
    for number in range(5_000):
        counters.add(f"noise{number}", number)
        counters.add("rook", number % 30)
        assert len(counters) <= 200
    changed = counters.take_changed()
    assert len(counters) <= 100
    assert "rook" in changed


def test_a_crowd_does_not_overflow() -> None:
    counters = LinearCounters(1)
    for number in range(100_000):
        counters.add("rook", compose(1_700_000_000_000 + number, 1, 0))
    assert 5_000 < counters.take_changed()["rook"] < 10_000
