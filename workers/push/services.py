"""Push services as this process knows them: how much each takes at once, and which rest since they fail.

One that does not answer is asked a few times, then rests for a growing time; what is for it is put off meanwhile, and
takes nobody's turn. One that answers gets more with each answer.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from time import monotonic

_FIRST, _MOST = 4, 64
_FAILURES_BEFORE_REST = 3
_FIRST_REST, _LONGEST_REST = 2.0, 300.0
_LONGEST_WAIT = 10.0
_JITTER = 0.25


class RestingError(Exception):
    """The service takes nothing for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class PushService:
    """Turns of one service. The caller says by `answered` and `failed` how each went."""

    def __init__(self) -> None:
        self._limit, self._running = float(_FIRST), 0
        self._waiting = deque[asyncio.Future[None]]()
        self._failures, self._rests, self._rests_until = 0, 0, 0.0
        self.has_answered = False
        """Whether it ever has, in this process."""

    @property
    def _is_on_trial(self) -> bool:
        """Whether it has rested, and not answered since: then nobody waits for a turn."""
        return self._rests > 0

    @property
    def is_idle(self) -> bool:
        return not self._running and not self._waiting and monotonic() >= self._rests_until

    @property
    def rest_seconds(self) -> float:
        """How long it rests, or is on trial with its turns taken; 0 if it takes more."""
        left = self._rests_until - monotonic()
        if left > 0:
            return _spread(left)
        return _spread(_FIRST_REST) if self._is_on_trial and self._running >= int(self._limit) else 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Raises RestingError while it rests, and after a long wait."""
        await self._acquire()
        try:
            yield
        finally:
            self._running -= 1
            self._admit()

    def answered(self) -> None:
        self.has_answered, self._failures, self._rests = True, 0, 0
        self._limit = min(self._limit + 1, _MOST)

    def failed(self) -> None:
        """It did not answer, or said that it can't."""
        self._failures += 1
        self._limit = max(self._limit / 2, 1)
        if self._failures >= _FAILURES_BEFORE_REST and monotonic() >= self._rests_until:
            self.rest(min(_FIRST_REST * 2 ** min(self._rests, 10), _LONGEST_REST))
            self._rests += 1

    def rest(self, seconds: float) -> None:
        """Those who wait for a turn get a RestingError."""
        self._rests_until = monotonic() + seconds
        for waiter in _taken(self._waiting):
            if not waiter.done():
                waiter.set_exception(RestingError(_spread(seconds)))

    async def _acquire(self) -> None:
        if (seconds := self.rest_seconds) > 0:
            raise RestingError(seconds)
        if not self._waiting and self._running < int(self._limit):
            self._running += 1
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(_LONGEST_WAIT):
                await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:  # it got the turn meanwhile
                self._running -= 1
                self._admit()
            if isinstance(error, TimeoutError):
                raise RestingError(_spread(_FIRST_REST)) from None
            raise

    def _admit(self) -> None:
        while self._waiting and self._running < int(self._limit):
            waiter = self._waiting.popleft()
            if not waiter.done():
                self._running += 1
                waiter.set_result(None)


def _spread(seconds: float) -> float:
    """Somewhat longer by chance, so that those who were put off together do not come back together."""
    return seconds * random.uniform(1, 1 + _JITTER)  # noqa: S311 - no secret


def _taken(waiting: deque[asyncio.Future[None]]) -> Iterator[asyncio.Future[None]]:
    while waiting:
        yield waiting.popleft()
