"""Rates: a charge, the decision about it, and the limiter that decides in one process while Redis is away."""

import time
from collections.abc import Callable
from typing import NamedTuple

PROCESSES = 4
"""Number of processes among which a limit is divided: as many keep to it together, though none knows of the others."""
MOST_SUBJECTS = 50_000
"""Subjects that are counted one by one, a few MB of them. Further ones share one limit."""
_SWEEP_US = 1_000_000


class RateDecision(NamedTuple):
    """`is_allowed`: the points were spent. `wait_us` until they could be, `reset_us` until all points are restored."""

    is_allowed: bool
    remaining: int
    wait_us: int
    reset_us: int


class Charge(NamedTuple):
    """`points` to take of those that `subject` has in a window: `limit` in all processes together.

    All of it may be taken at once.
    """

    subject: str
    points: int
    limit: int
    window_ms: int


def process_share(limit: int) -> int:
    """The part of a limit that one process gives by itself; at least 1."""
    return max(-(-limit // PROCESSES), 1)


class ProcessLimiter:
    """Stands in for the counters in Redis, more strictly: each process gives its share of a limit alone.

    Generic cell rate algorithm, in memory that is bounded by MOST_SUBJECTS.
    """

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        """`clock` is in nanoseconds."""
        self._clock = clock
        self._full_at_us: dict[str, float] = {}
        self._swept_at_us = -float(_SWEEP_US)

    def spend(self, *charges: Charge) -> RateDecision:
        """Takes all charges or, if one is refused, none. The decision about the strictest of them."""
        now = self._clock() / 1_000
        self._make_room(now)
        known = [charge._replace(subject=self._counted_as(charge)) for charge in charges]
        decisions = [self._decision(charge, now) for charge in known]
        refused = [decision for decision in decisions if not decision.is_allowed]
        if refused:
            return max(refused, key=lambda decision: decision.wait_us)
        for charge in known:
            self._move(charge, charge.points, now)
        return min(decisions, key=lambda decision: decision.remaining)

    def give_back(self, *charges: Charge) -> None:
        """Takes charges back that were spent."""
        now = self._clock() / 1_000
        for charge in charges:
            self._move(charge._replace(subject=self._counted_as(charge)), -charge.points, now)

    def _decision(self, charge: Charge, now: float) -> RateDecision:
        window, each = _times_us(charge)
        full_at = max(self._full_at_us.get(charge.subject, now), now)
        after = full_at + charge.points * each
        left = window - (after - now)
        if left < 0:
            return RateDecision(False, int((window - (full_at - now)) / each), round(-left), round(full_at - now))  # noqa: FBT003
        return RateDecision(True, int(left / each), 0, round(after - now))  # noqa: FBT003

    def _move(self, charge: Charge, points: int, now: float) -> None:
        full_at = max(self._full_at_us.get(charge.subject, now), now)
        self._full_at_us[charge.subject] = full_at + points * _times_us(charge)[1]

    def _counted_as(self, charge: Charge) -> str:
        if charge.subject in self._full_at_us or len(self._full_at_us) < MOST_SUBJECTS:
            return charge.subject
        return f"others:{charge.limit}/{charge.window_ms}"

    def _make_room(self, now: float) -> None:
        """Forgets subjects whose points are restored, at most once a second."""
        if len(self._full_at_us) < MOST_SUBJECTS or now - self._swept_at_us < _SWEEP_US:
            return
        self._swept_at_us = now
        self._full_at_us = {subject: full_at for subject, full_at in self._full_at_us.items() if full_at > now}


def _times_us(charge: Charge) -> tuple[float, float]:
    """The window, and the part of it that restores one point."""
    window = charge.window_ms * 1_000
    return window, window / process_share(charge.limit)
