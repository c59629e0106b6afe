"""Trend figures against a brute-force version of their definition."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.trends.scoring import (
    DAY_MS,
    HOUR_MS,
    Figures,
    HourlyCounts,
    Moment,
    PublicShare,
    Use,
    accounts_in_hour_before,
    figures,
    hourly_figures,
    hourly_moments,
    moment_score,
)

MINUTE_MS = 60_000
NOW = 1_800_000_123_456


def by_definition(uses: Sequence[Use], now: int) -> Figures:
    """The formula at this instant and at every whole five minutes of the 24 hours before."""

    def accounts(since: int, until: int) -> int:
        return len({use.account for use in uses if since < use.ms <= until})

    def score(at: int) -> float:
        observed = accounts(at - HOUR_MS, at)
        usual = sum(accounts(at - (back + 1) * HOUR_MS, at - back * HOUR_MS) for back in range(1, 24)) / 23
        expected = max(usual, 1)
        if observed < 5 or observed <= expected:
            return 0.0
        return float((observed - expected) ** 2 / expected * 0.5 ** ((now - at) / (4 * HOUR_MS)))

    grid = now // (5 * MINUTE_MS) * 5 * MINUTE_MS
    best = max(score(at) for at in [now, *range(grid - DAY_MS + 5 * MINUTE_MS, grid + 1, 5 * MINUTE_MS)])
    day = [use for use in uses if now - DAY_MS < use.ms <= now]
    hours = [sum(1 for use in day if back * HOUR_MS <= now - use.ms < (back + 1) * HOUR_MS) for back in range(24)]
    count = len({use.account for use in day})
    return Figures(best if best >= 1 and count >= 5 else 0.0, len(day), count, tuple(hours[::-1]))


def ago(minutes: float, account: int) -> Use:
    return Use(NOW - int(minutes * MINUTE_MS), account)


some_uses = st.lists(
    st.builds(ago, st.one_of(st.integers(-5, 60), st.integers(0, 2 * 24 * 60)), st.integers(1, 12)), max_size=60
).map(sorted)


@given(some_uses)
def test_figures_are_what_their_definition_says(uses: list[Use]) -> None:
    found, right = figures(uses, NOW), by_definition(uses, NOW)
    assert found.score == pytest.approx(right.score)
    assert found[1:] == right[1:]


def test_one_account_alone_makes_no_trend() -> None:
    assert figures([ago(minute, 7) for minute in range(59, 0, -1)] * 10, NOW).score == 0.0
    assert figures(sorted(ago(1, account) for account in range(4)), NOW).score == 0.0
    assert figures(sorted(ago(1, account) for account in range(5)), NOW).score == 16.0


def test_what_is_usual_does_not_trend_and_a_burst_halves_in_four_hours() -> None:
    usual = sorted(ago(60 * hour + 1, account) for hour in range(48) for account in range(9))
    assert figures(usual, NOW).score == 0.0
    burst = sorted(ago(9 * 60, account) for account in range(21))  # within the hour
    assert figures(burst, NOW).score == pytest.approx(100, rel=0.02)


@pytest.mark.parametrize(
    ("observed", "expected", "right"),
    [(5, 0, 16), (4, 0, 0), (10, 10, 0), (10, 12, 0), (30, 10, 40), (5, 4, 0.25)],
)
def test_surprise_is_the_squared_excess_over_what_is_usual(observed: float, expected: float, right: float) -> None:
    assert moment_score(Moment(0, observed, expected)) == right


def test_accounts_are_counted_within_an_hour_up_to_each_mark() -> None:
    uses = [Use(0, 1), Use(10, 1), Use(10, 2), Use(HOUR_MS, 3)]
    assert accounts_in_hour_before(uses, [0, 9, 10, HOUR_MS - 1, HOUR_MS, HOUR_MS + 10, 2 * HOUR_MS]) == [
        1,
        1,
        2,
        2,
        3,
        1,
        0,
    ]


def test_hours_of_the_clock_slide_with_the_part_that_is_over() -> None:
    first, last, now = hourly_moments([23, 8, 10], 0.25)
    assert first == Moment(1.25 * HOUR_MS, 23, 0)
    assert last == Moment(0.25 * HOUR_MS, 8, 1)
    assert now == Moment(0, 16, 1)


def test_a_crowd_is_told_from_hours_as_if_each_were_used_evenly() -> None:
    now = 25 * HOUR_MS + HOUR_MS // 4
    counts = HourlyCounts([0] * 22 + [8, 40, 100], [4] * 23 + [80, 200], 150, 170)
    found = hourly_figures(counts, now, PublicShare(0.5, 1.0))
    assert found.history == (*[2] * 22, 12, 130)
    assert (found.tweets, found.accounts) == (186, 165)
    assert found.score == pytest.approx(129**2)
