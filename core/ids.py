"""63-bit snowflake ids: milliseconds since 2006, worker, sequence. They sort by time and are never reused.

An id is unique as long as no two live processes share a worker number; datastore/jobs/worker_ids.py ensures that.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NewType

from core.errors import UnavailableError

UserId = NewType("UserId", int)
TweetId = NewType("TweetId", int)
SessionId = NewType("SessionId", int)
AccessTokenId = NewType("AccessTokenId", int)
ListId = NewType("ListId", int)
CampaignId = NewType("CampaignId", int)
MediaId = NewType("MediaId", int)

EPOCH_MS = int(datetime(2006, 1, 1, tzinfo=UTC).timestamp() * 1000)
WORKER_BITS = 10
SEQUENCE_BITS = 12
WORKERS = 1 << WORKER_BITS
_SEQUENCES = 1 << SEQUENCE_BITS
_TIME_SHIFT = WORKER_BITS + SEQUENCE_BITS
MAX_ID = (1 << 63) - 1
LONGEST_STEP_BACK_MS = 5_000


class ClockError(UnavailableError):
    """The clock stepped back by more than LONGEST_STEP_BACK_MS: no id can be made before it is near again."""

    def __init__(self, step_ms: int) -> None:
        super().__init__("This server")
        self.step_ms = step_ms


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def first_id_of(ms: int) -> int:
    """The smallest id of an instant (Unix milliseconds); 0 for instants before 2006."""
    return max(ms - EPOCH_MS, 0) << _TIME_SHIFT


def compose(ms: int, worker: int, sequence: int) -> int:
    return first_id_of(ms) | worker << SEQUENCE_BITS | sequence


def ms_of(snowflake: int) -> int:
    """Unix milliseconds at which the id was made."""
    return (snowflake >> _TIME_SHIFT) + EPOCH_MS


def time_of(snowflake: int) -> datetime:
    return datetime.fromtimestamp(ms_of(snowflake) / 1000, UTC)


class SnowflakeMaker:
    """Makes ids that rise strictly within this process.

    If the clock steps back by up to 5 s, the last instant is kept in use; further back, `ClockError` is raised rather
    than an id that sorts before one already given.
    """

    def __init__(self, worker: int, clock_ms: Callable[[], int] = wall_ms) -> None:
        self._clock_ms = clock_ms
        self._last_ms = 0
        self._sequence = 0
        self.move_to(worker)

    @property
    def is_stopped(self) -> bool:
        """Whether the clock stepped back so far that no id can be made."""
        return self._last_ms - self._clock_ms() > LONGEST_STEP_BACK_MS

    @property
    def last_ms(self) -> int:
        return self._last_ms

    @property
    def worker(self) -> int:
        return self._worker

    def move_to(self, worker: int, not_before_ms: int = -1) -> None:
        """Continue under another worker number, with instants later than `not_before_ms` and any used here before."""
        if not 0 <= worker < WORKERS:
            raise ValueError(f"a worker number lies in 0..{WORKERS - 1}, not {worker}")
        self._worker = worker
        self._last_ms, self._sequence = max(self._last_ms, not_before_ms) + 1, 0

    def __call__(self) -> int:
        now = self._clock_ms()
        if now > self._last_ms:
            self._last_ms, self._sequence = now, 0
        else:
            self._advance(now)
        return compose(self._last_ms, self._worker, self._sequence)

    def _advance(self, now: int) -> None:
        if self._last_ms - now > LONGEST_STEP_BACK_MS:
            raise ClockError(self._last_ms - now)
        self._sequence += 1
        if self._sequence == _SEQUENCES:
            self._last_ms, self._sequence = self._last_ms + 1, 0
