"""Trend scores: the accounts that used a hashtag within an hour against its usual number (Mastodon's formula, on
sliding hours). Pure functions of the present uses: a use deleted or hidden since has never counted.
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
"""The usual number is the mean over this many hours before the observed one."""
LOOKED_BACK_MS: Final = 2 * DAY_MS
"""Older uses change no score: a peak counts for a day, and its usual number looks back a day more."""
_HALF_LIFE_MS: Final = 4 * HOUR_MS
_SAMPLES_AN_HOUR: Final = 12
_SAMPLE_MS: Final = HOUR_MS // _SAMPLES_AN_HOUR
_HOURS: Final = 24


class Use(NamedTuple):
    """A tweet of an account with the hashtag, at an instant in Unix milliseconds."""

    ms: int
    account: int


class Moment(NamedTuple):
    """Accounts of one hour, the usual number before it, and the time since that hour ended."""

    age_ms: float
    observed: float
    expected: float


class HourlyCounts(NamedTuple):
    """Accounts and tweets by clock hours, 25 of them, the current one last; `day` are the distinct accounts of the last
    24 of these hours, `all_hours` those of all 25.
    """

    accounts: Sequence[float]
    tweets: Sequence[float]
    day: float
    all_hours: float


class PublicShare(NamedTuple):
    """The public share of uses and of accounts, 0 to 1."""

    uses: float
    accounts: float


class Figures(NamedTuple):
    """`tweets` and `accounts` cover the last 24 hours; `history` has the tweets of each hour, oldest first."""

    score: float
    tweets: int
    accounts: int
    history: tuple[int, ...]


def figures(uses: Sequence[Use], now_ms: int) -> Figures:
    """`uses` are of the last two days, oldest first; those after `now_ms` are ignored."""
    known = uses[: bisect_right(uses, now_ms, key=_ms_of)]
    of_day = known[bisect_right(known, now_ms - DAY_MS, key=_ms_of) :]
    accounts = len({use.account for use in of_day})
    score = best_score(_moments(known, now_ms)) if accounts >= LEAST_ACCOUNTS else 0.0
    return Figures(score, len(of_day), accounts, uses_by_hour(of_day, now_ms))


def uses_by_hour(uses: Iterable[Use], now_ms: int) -> tuple[int, ...]:
    """Uses in each of the last 24 hours, oldest first; other uses are ignored."""
    hours = [0] * _HOURS
    for use in uses:
        if 0 <= now_ms - use.ms < DAY_MS:
            hours[_HOURS - 1 - (now_ms - use.ms) // HOUR_MS] += 1
    return tuple(hours)


def hourly_figures(counts: HourlyCounts, now_ms: int, share: PublicShare) -> Figures:
    """Figures from counts by clock hours, as if uses were spread evenly within each hour."""
    elapsed = now_ms % HOUR_MS / HOUR_MS
    tweets = [number * share.uses for number in counts.tweets]
    history = [elapsed * later + (1 - elapsed) * sooner for sooner, later in pairwise(tweets)]
    history[-1] += (1 - elapsed) * tweets[-1]
    accounts = (elapsed * counts.day + (1 - elapsed) * counts.all_hours) * share.accounts
    moments = hourly_moments([number * share.accounts for number in counts.accounts], elapsed)
    return Figures(best_score(moments), round(sum(history)), round(accounts), tuple(map(round, history)))


def best_score(moments: Iterable[Moment]) -> float:
    """The highest score of these moments, each halved every four hours; 0 below LEAST_SCORE."""
    best = max((moment_score(moment) * 0.5 ** (moment.age_ms / _HALF_LIFE_MS) for moment in moments), default=0.0)
    return best if best >= LEAST_SCORE else 0.0


def moment_score(moment: Moment) -> float:
    """(observed - expected)^2 / expected; 0 below five accounts, or where there are no more than expected."""
    expected = max(moment.expected, 1.0)
    if moment.observed < LEAST_ACCOUNTS or moment.observed <= expected:
        return 0.0
    return (moment.observed - expected) ** 2 / expected


def hourly_moments(hours: Sequence[float], elapsed: float) -> list[Moment]:
    """Moments from accounts by clock hours, the current one last; `elapsed` is the past part of it, 0 to 1."""
    *past, current = hours
    moments = [
        Moment((elapsed + len(past) - 1 - place) * HOUR_MS, accounts, _usual(past[:place]))
        for place, accounts in enumerate(past)
    ]
    sliding = current + (1 - elapsed) * (past[-1] if past else 0)
    return [*moments, Moment(0, sliding, _usual(past[:-1]))]


def accounts_in_hour_before(uses: Sequence[Use], instants: Sequence[int]) -> list[int]:
    """The number of accounts in the hour that ends with each instant, inclusive; both arguments are sorted by time."""
    within, counts, first, after = Counter[int](), list[int](), 0, 0
    for instant in instants:
        while after < len(uses) and uses[after].ms <= instant:
            within[uses[after].account] += 1
            after += 1
        while first < after and uses[first].ms <= instant - HOUR_MS:
            within[uses[first].account] -= 1
            if not within[uses[first].account]:
                del within[uses[first].account]
            first += 1
        counts.append(len(within))
    return counts


def _moments(uses: Sequence[Use], now_ms: int) -> list[Moment]:
    """This instant, and each whole five minutes of the last 24 hours with enough accounts."""
    before = accounts_in_hour_before(uses, range(now_ms - USUAL_HOURS * HOUR_MS, now_ms + 1, HOUR_MS))
    moments = [Moment(0, before[-1], _usual(before[:-1]))]
    last = now_ms - now_ms % _SAMPLE_MS
    instants = range(last - 2 * DAY_MS + HOUR_MS, last + 1, _SAMPLE_MS)
    counts = accounts_in_hour_before(uses, instants)
    for place in range(len(counts) - _HOURS * _SAMPLES_AN_HOUR, len(counts)):
        if counts[place] >= LEAST_ACCOUNTS:
            usual = _usual(counts[place - USUAL_HOURS * _SAMPLES_AN_HOUR : place : _SAMPLES_AN_HOUR])
            moments.append(Moment(now_ms - instants[place], counts[place], usual))
    return moments


def _usual(hours: Sequence[float]) -> float:
    """The mean of the hours before; unknown hours count as 0."""
    return sum(hours[-USUAL_HOURS:]) / USUAL_HOURS


def _ms_of(use: Use) -> int:
    return use.ms
