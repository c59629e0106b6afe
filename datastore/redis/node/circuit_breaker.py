"""Who gives a store that does not answer a rest, so that nobody waits for it in vain."""

import time

from redis.exceptions import ConnectionError as ConnectionBroken

ANSWER_SECONDS = 2.0
_PAUSE_SECONDS = 1.0


class Breaker:
    """Once Redis left a client without an answer, its other calls fail at once; now and then one may try again.

    Else each call of a request would wait for a Redis that is frozen or cut off, and no request would end in time.
    """

    def __init__(self) -> None:
        self._is_open = False
        self._try_at = 0.0

    def check(self) -> None:
        """Raises ConnectionError unless the caller may ask."""
        now = time.monotonic()
        if self._is_open and now < self._try_at:
            raise ConnectionBroken("Redis gave no answer a moment ago.")
        self._try_at = now + ANSWER_SECONDS

    def open(self) -> None:
        self._is_open, self._try_at = True, time.monotonic() + _PAUSE_SECONDS

    def close(self) -> None:
        self._is_open = False
