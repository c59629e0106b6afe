"""Ranking of TOP mode: a weighted sum over features of each item, explained term by term. Pure functions.

Weights follow the heavy ranker that Twitter published in 2023 (twitter/the-algorithm): like 0.5, retweet 1, reply 27.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from core.ids import UserId

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


@dataclass(frozen=True, slots=True)
class RankingConfig:
    """Changed as a whole, with a new version, so that an explanation can be traced to its configuration."""

    version: int = 1
    candidates: int = 500
    like: float = 0.5
    retweet: float = 1.0
    reply: float = 27.0
    freshness: float = 1.0
    # n engagements count as n / (n + this): an estimate of the share of readers who would engage.
    half_engaged: float = 50.0
    half_life_hours: float = 6.0
    reply_factor: float = 0.75
    diversity_base: float = 0.75
    diversity_decay: float = 0.5
    diversity_floor: float = 0.25
    hidden_days: float = 14.0
    recovery_days: float = 140.0
    discounted: float = 0.2


CONFIG = RankingConfig()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Features of an item. `disliked_ms_ago`: time since the viewer last wanted less of this author, None if never."""

    item_id: int
    author_id: UserId
    age_ms: int
    likes: int
    retweets: int
    replies: int
    is_reply: bool = False
    disliked_ms_ago: int | None = None


@dataclass(frozen=True, slots=True)
class RankedTerm:
    name: str
    value: float
    weight: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """`score` is the sum of value x weight over the terms."""

    item_id: int
    terms: tuple[RankedTerm, ...]

    @property
    def score(self) -> float:
        return sum(term.value * term.weight for term in self.terms)


def rank(candidates: Sequence[Candidate], config: RankingConfig = CONFIG) -> list[Ranked]:
    """Highest score first, then newest. Each item is discounted by the number of its author's items above it."""
    shown = [(candidate, _factor(candidate, config)) for candidate in candidates]
    alone = {c.item_id: _ranked(c, factor, config) for c, factor in shown if factor > 0}
    above: Counter[UserId] = Counter()
    ranked = []
    for candidate, factor in sorted(
        (pair for pair in shown if pair[1] > 0), key=lambda pair: _order(alone[pair[0].item_id]), reverse=True
    ):
        diversity = (
            config.diversity_base * config.diversity_decay ** above[candidate.author_id] + config.diversity_floor
        )
        ranked.append(_ranked(candidate, factor * diversity, config))
        above[candidate.author_id] += 1
    return sorted(ranked, key=_order, reverse=True)


def _ranked(candidate: Candidate, factor: float, config: RankingConfig) -> Ranked:
    engaged: Mapping[str, tuple[int, float]] = {
        "likes": (candidate.likes, config.like),
        "retweets": (candidate.retweets, config.retweet),
        "replies": (candidate.replies, config.reply),
    }
    terms = [
        RankedTerm(name, factor * count / (count + config.half_engaged), weight)
        for name, (count, weight) in engaged.items()
    ]
    return Ranked(candidate.item_id, (RankedTerm("freshness", factor, config.freshness), *terms))


def _factor(candidate: Candidate, config: RankingConfig) -> float:
    """The factor of all terms of an item; 0 hides it."""
    factor = _freshness(candidate.age_ms, config) * _liking(candidate.disliked_ms_ago, config)
    return factor * config.reply_factor if candidate.is_reply else factor


def _freshness(age_ms: int, config: RankingConfig) -> float:
    """Logistic function of age: near 1 when new, 1/2 at the half-life."""
    hours = max(age_ms, 0) / _HOUR_MS
    return 1 / (1 + exp(min((hours - config.half_life_hours) / (config.half_life_hours / 3), 600)))


def _liking(disliked_ms_ago: int | None, config: RankingConfig) -> float:
    if disliked_ms_ago is None:
        return 1.0
    days = disliked_ms_ago / _DAY_MS
    if days < config.hidden_days:
        return 0.0
    recovered = (days - config.hidden_days) / config.recovery_days
    return min(1.0, config.discounted + (1 - config.discounted) * recovered)


def _order(ranked: Ranked) -> tuple[float, int]:
    return ranked.score, ranked.item_id
