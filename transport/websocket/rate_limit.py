"""Rate limit of messages from one client."""

from collections.abc import Callable


class MessageRateLimit:
    """Token bucket: `per_second` messages a second, with bursts of one second's worth."""

    def __init__(self, per_second: int, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._clock = clock
        self._left = float(per_second)
        self._at = clock()

    def take(self) -> bool:
        """Takes a token. False if none is left."""
        now = self._clock()
        self._left = min(self._per_second, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
