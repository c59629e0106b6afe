"""CircuitBreaker on a fake clock: closed, open, and half-open with one trial at a time."""

from types import SimpleNamespace

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from datastore.redis.node.circuit_breaker import ANSWER_SECONDS, CircuitBreaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    fake = SimpleNamespace(monotonic=clock.monotonic)
    monkeypatch.setattr("datastore.redis.node.circuit_breaker.time", fake)
    return clock


def is_refused(breaker: CircuitBreaker) -> bool:
    try:
        breaker.check()
    except RedisConnectionError:
        return True
    return False


def test_closed_breaker_refuses_no_call(clock: Clock) -> None:
    breaker = CircuitBreaker()
    assert [is_refused(breaker) for _ in range(3)] == [False, False, False]
    assert clock.now == 100.0


def test_open_breaker_refuses_calls_for_a_second_and_then_allows_one_trial(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.open()
    assert is_refused(breaker)
    clock.now += 0.99
    assert is_refused(breaker)
    clock.now += 0.01
    assert [is_refused(breaker) for _ in range(3)] == [False, True, True]


def test_next_trial_is_allowed_once_the_last_one_had_time_for_an_answer(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.open()
    clock.now += 1.0
    assert not is_refused(breaker)
    clock.now += ANSWER_SECONDS
    assert [is_refused(breaker) for _ in range(2)] == [False, True]


def test_answer_closes_the_breaker(clock: Clock) -> None:
    breaker = CircuitBreaker()
    breaker.open()
    clock.now += 1.0
    breaker.check()
    breaker.close()
    assert [is_refused(breaker) for _ in range(3)] == [False, False, False]
