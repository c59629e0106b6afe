"""When a hashtag trends: the accounts that used it within an hour against what is usual for it (Mastodon's formula, on
sliding hours). Pure, and told from the uses alone: what was deleted or hidden since has never counted.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
LEAST_ACCOUNTS: Final = 5
LEAST_SCORE: Final = 1.0
USUAL_HOURS: Final = 23
"""The hours before the one observed by whose mean the usual is known."""
LOOKED_BACK_MS: Final = 2 * DAY_MS
"""Older uses change no score: a peak counts for a day, and what was usual before it for a day more."""
_HALF_LIFE_MS: Final = 4 * HOUR_MS
_MARKS_AN_HOUR: Final = 12
_MARK_MS: Final = HOUR_MS // _MARKS_AN_HOUR
_HOURS: Final = 24


class Use(NamedTuple):
    """That a tweet of this instant (Unix milliseconds) by this account carries the hashtag."""

    ms: int
    account: int


class Moment(NamedTuple):
    """Accounts of one hour, those of a usual hour before it, and how long ago that hour ended."""

    age_ms: float
    observed: float
    expected: float


class Crowd(NamedTuple):
    """Accounts and tweets by hours of the clock, 25 of them, the one under way last; `day` are the accounts of the last
    24 of these hours together, `all_hours` those of all.
    """

    accounts: Sequence[float]
    tweets: Sequence[float]
    day: float
    all_hours: float


class Share(NamedTuple):
    """Which part of the uses, and of the accounts, is public."""

    uses: float
    accounts: float


class Figures(NamedTuple):
    """`tweets` and `accounts` are of the last 24 hours, `history` has the tweets of each of them, oldest first."""

    score: float
    tweets: int
    accounts: int
    history: tuple[int, ...]


def figures(uses: Sequence[Use], now_ms: int) -> Figures:
    """`uses` of the last two days, oldest first; those after `now_ms` are not looked at."""
    known = uses[: bisect_right(uses, now_ms, key=_ms_of)]
    of_day = known[bisect_right(known, now_ms - DAY_MS, key=_ms_of) :]
    accounts = len({use.account for use in of_day})
    score = best_score(_moments(known, now_ms)) if accounts >= LEAST_ACCOUNTS else 0.0
    return Figures(score, len(of_day), accounts, uses_by_hour(of_day, now_ms))


def uses_by_hour(uses: Iterable[Use], now_ms: int) -> tuple[int, ...]:
    """Of each of the last 24 hours, the oldest first; other uses are left out."""
    hours = [0] * _HOURS
    for use in uses:
        if 0 <= now_ms - use.ms < DAY_MS:
            hours[_HOURS - 1 - (now_ms - use.ms) // HOUR_MS] += 1
    return tuple(hours)


def crowd_figures(crowd: Crowd, now_ms: int, share: Share) -> Figures:
    """From hours of the clock, each as if the hashtag were used evenly within it."""
    elapsed = now_ms % HOUR_MS / HOUR_MS
    tweets = [number * share.uses for number in crowd.tweets]
    history = [elapsed * later + (1 - elapsed) * sooner for sooner, later in pairwise(tweets)]
    history[-1] += (1 - elapsed) * tweets[-1]
    accounts = (elapsed * crowd.day + (1 - elapsed) * crowd.all_hours) * share.accounts
    moments = hourly_moments([number * share.accounts for number in crowd.accounts], elapsed)
    return Figures(best_score(moments), round(sum(history)), round(accounts), tuple(map(round, history)))


def best_score(moments: Iterable[Moment]) -> float:
    """Of these moments the one whose score is highest by now, halved every four hours; 0 under LEAST_SCORE."""
    best = max((surprise(moment) * 0.5 ** (moment.age_ms / _HALF_LIFE_MS) for moment in moments), default=0.0)
    return best if best >= LEAST_SCORE else 0.0


def surprise(moment: Moment) -> float:
    """(observed - expected)^2 / expected, from five accounts on, and where there are more than usual."""
    expected = max(moment.expected, 1.0)
    if moment.observed < LEAST_ACCOUNTS or moment.observed <= expected:
        return 0.0
    return (moment.observed - expected) ** 2 / expected


def hourly_moments(hours: Sequence[float], elapsed: float) -> list[Moment]:
    """From accounts by hours of the clock, the one under way last, of which the part `elapsed` is over."""
    *past, current = hours
    moments = [
        Moment((elapsed + len(past) - 1 - place) * HOUR_MS, accounts, _usual(past[:place]))
        for place, accounts in enumerate(past)
    ]
    sliding = current + (1 - elapsed) * (past[-1] if past else 0)
    return [*moments, Moment(0, sliding, _usual(past[:-1]))]


def accounts_by_mark(uses: Sequence[Use], marks: Sequence[int]) -> list[int]:
    """How many accounts there are in the hour up to and with each mark; both are in the order of time."""
    within, counts, first, after = Counter[int](), list[int](), 0, 0
    for mark in marks:
        while after < len(uses) and uses[after].ms <= mark:
            within[uses[after].account] += 1
            after += 1
        while first < after and uses[first].ms <= mark - HOUR_MS:
            within[uses[first].account] -= 1
            if not within[uses[first].account]:
                del within[uses[first].account]
            first += 1
        counts.append(len(within))
    return counts


def _moments(uses: Sequence[Use], now_ms: int) -> list[Moment]:
    """This instant, and all whole five minutes of the last 24 hours at which there were accounts enough."""
    before = accounts_by_mark(uses, range(now_ms - USUAL_HOURS * HOUR_MS, now_ms + 1, HOUR_MS))
    moments = [Moment(0, before[-1], _usual(before[:-1]))]
    last = now_ms - now_ms % _MARK_MS
    marks = range(last - 2 * DAY_MS + HOUR_MS, last + 1, _MARK_MS)
    counts = accounts_by_mark(uses, marks)
    for place in range(len(counts) - _HOURS * _MARKS_AN_HOUR, len(counts)):
        if counts[place] >= LEAST_ACCOUNTS:
            usual = _usual(counts[place - USUAL_HOURS * _MARKS_AN_HOUR : place : _MARKS_AN_HOUR])
            moments.append(Moment(now_ms - marks[place], counts[place], usual))
    return moments


def _usual(hours: Sequence[float]) -> float:
    """The mean of the hours before; of those that are not known nothing is thought."""
    return sum(hours[-USUAL_HOURS:]) / USUAL_HOURS


def _ms_of(use: Use) -> int:
    return use.ms
