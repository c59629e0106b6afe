"""Circuit breaker: after a timeout, calls to Redis fail at once for a while."""

import time

from redis.exceptions import ConnectionError as RedisConnectionError

ANSWER_SECONDS = 2.0
_PAUSE_SECONDS = 1.0


class CircuitBreaker:
    """Shared by all connections to one server. Starts closed; half-open while open: one trial call at a time.

    Without it each call of a request would wait for a frozen or unreachable Redis in turn, and the request would miss
    its deadline.
    """

    def __init__(self) -> None:
        self._is_open = False
        self._retry_at = 0.0

    def check(self) -> None:
        """Raises ConnectionError unless the caller may send. Leave to a trial lasts as long as an answer may take."""
        now = time.monotonic()
        if self._is_open and now < self._retry_at:
            raise RedisConnectionError("Redis gave no answer a moment ago.")
        self._retry_at = now + ANSWER_SECONDS

    def open(self) -> None:
        self._is_open, self._retry_at = True, time.monotonic() + _PAUSE_SECONDS

    def close(self) -> None:
        self._is_open = False
