"""The limiter of one process: shares of limits, all charges or none, windows, memory."""

import pytest

from core import rates
from core.rates import Charge, ProcessLimiter, process_share

LIMIT, WINDOW_MS = 60, 60_000
SHARE = LIMIT // rates.PROCESSES
SECOND_US = 1_000_000


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> int:
        return round(self.seconds * 1e9)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> ProcessLimiter:
    return ProcessLimiter(clock)


def charge(subject: str, points: int = 1, limit: int = LIMIT) -> Charge:
    return Charge(subject, points, limit, WINDOW_MS)


def test_as_many_processes_as_are_planned_for_keep_to_a_limit_together() -> None:
    for limit in (4, 60_000):
        assert process_share(limit) * rates.PROCESSES == limit
    assert [process_share(limit) for limit in (1, 5, 20)] == [1, 2, 5]


def test_share_may_be_spent_at_once_and_no_more(limiter: ProcessLimiter) -> None:
    first = limiter.spend(charge("alice", SHARE - 1))
    assert (first.is_allowed, first.remaining, first.wait_us) == (True, 1, 0)
    assert first.reset_us == 56 * SECOND_US
    refused = limiter.spend(charge("alice", 2))
    assert (refused.is_allowed, refused.remaining, refused.wait_us) == (False, 1, 4 * SECOND_US)
    assert limiter.spend(charge("alice")).is_allowed
    assert not limiter.spend(charge("alice")).is_allowed
    assert limiter.spend(charge("bob", SHARE)).is_allowed


def test_points_come_back_over_the_window(limiter: ProcessLimiter, clock: Clock) -> None:
    limiter.spend(charge("alice", SHARE))
    clock.seconds += 30
    assert limiter.spend(charge("alice", 0)).remaining == 7
    clock.seconds += 30
    assert limiter.spend(charge("alice", SHARE)).is_allowed


def test_of_several_charges_all_are_taken_or_none(limiter: ProcessLimiter) -> None:
    limiter.spend(charge("home", SHARE))
    assert not limiter.spend(charge("alice"), charge("home")).is_allowed
    assert limiter.spend(charge("alice", 0)).remaining == SHARE
    limiter.give_back(charge("home", 2))
    assert limiter.spend(charge("alice"), charge("home")).remaining == 1


def test_charge_that_is_given_back_is_as_if_never_spent(limiter: ProcessLimiter, clock: Clock) -> None:
    limiter.spend(charge("alice", SHARE))
    limiter.give_back(charge("alice", SHARE))
    clock.seconds += 1
    limiter.give_back(charge("nobody", SHARE))
    for subject in ("alice", "nobody"):
        assert limiter.spend(charge(subject, 0)).remaining == SHARE


def test_memory_is_bounded_and_who_finds_no_place_shares_a_limit(
    limiter: ProcessLimiter, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "MOST_SUBJECTS", 3)
    for subject in ("a", "b", "c"):
        assert limiter.spend(charge(subject, SHARE)).is_allowed
    assert limiter.spend(charge("d", SHARE)).is_allowed
    assert not limiter.spend(charge("e")).is_allowed
    assert not limiter.spend(charge("a")).is_allowed
    clock.seconds += WINDOW_MS / 1_000
    for subject in ("d", "e", "f"):
        assert limiter.spend(charge(subject, SHARE)).is_allowed
