"""The rate limit of messages: a token bucket."""

from transport.websocket.rate_limit import MessageRateLimit


def test_a_burst_of_one_seconds_worth_passes_and_tokens_come_back_with_time() -> None:
    now = 100.0
    limit = MessageRateLimit(4, lambda: now)
    assert [limit.take() for _ in range(5)] == [True] * 4 + [False]
    now += 0.25
    assert [limit.take(), limit.take()] == [True, False]
    now += 0.125
    assert not limit.take()
    now += 0.125
    assert limit.take()


def test_a_pause_saves_no_more_than_one_seconds_worth() -> None:
    now = 100.0
    limit = MessageRateLimit(2, lambda: now)
    now += 3600
    assert [limit.take() for _ in range(3)] == [True, True, False]
