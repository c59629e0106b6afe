"""Limits of acts: how often an act may be done within a sliding window of time, as settings state it."""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from core.ids import UserId

MOST_ACTS: Final = 100_000
"""Largest number in a limit: every act within the window is remembered."""
LONGEST_WINDOW_MS: Final = 30 * 24 * 3_600_000
LIMIT_FORM: Final = "a number of acts and a time of at most 30d, such as 5/1h (units s, m, h, d), or off"
_UNITS_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 24 * 3_600_000}
_LIMIT: Final = re.compile(r"([0-9]{1,6})/([0-9]{0,7})([smhd])")
OFF: Final = "off"


class LimitedAct(StrEnum):
    """`extensions.limit` of an error. All but the last two have a setting, LIMIT_ and the name."""

    SIGN_UP = "SIGN_UP"
    POST = "POST"
    FOLLOW = "FOLLOW"
    MENTION = "MENTION"
    LIKE = "LIKE"
    REPORT = "REPORT"
    SIGN_IN = "SIGN_IN"
    POINTS = "POINTS"


class Limit(NamedTuple):
    """At most `most` acts in any span of `window_ms`."""

    most: int
    window_ms: int


class ActCharge(NamedTuple):
    """`points` acts of a subject under a limit; with `members` the distinct ones of a window are counted instead.

    Charges that are taken together name the same subject: a cluster keeps its counters in one slot.
    """

    act: LimitedAct
    subject: str
    limit: Limit
    points: int = 1
    members: tuple[UserId, ...] = ()
    name: str = ""
    """Tells limits of one act apart."""


def user_subject(user_id: UserId) -> str:
    return f"user:{user_id}"


def limit_text(limit: Limit | None) -> str:
    """The text that `parse_limit` reads."""
    return OFF if limit is None else f"{limit.most}/{limit.window_ms // 1_000}s"


def parse_limit(text: str) -> Limit | None:
    """None for `off`. Raises ValueError for anything but LIMIT_FORM."""
    if text.strip().lower() == OFF:
        return None
    found = _LIMIT.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"must be {LIMIT_FORM}")
    most, window_ms = int(found[1]), int(found[2] or 1) * _UNITS_MS[found[3]]
    if not (1 <= most <= MOST_ACTS and 1 <= window_ms <= LONGEST_WINDOW_MS):
        raise ValueError(f"must be {LIMIT_FORM}")
    return Limit(most, window_ms)
