"""Notes of how many accounts use which hashtags in each hour, roughly: by them it is told which ones to judge.

What is noted twice counts once, so that the newest tweets are read with some overlap. Hours of which nothing is kept
are made up for from the tweets, the newest first, some at a time.
"""

from collections.abc import Sequence
from heapq import nlargest
from typing import Final

from core.ids import ms_of
from core.trends.linear_counter import LinearCounters
from core.trends.scoring import HOUR_MS, best_score, hourly_moments
from datastore.stores import Stores
from datastore.trends.store import HOURS, MOST_TAGS
from datastore.trends.tag_uses import TaggedTweet

# A tweet may be stored so long after its id was made.
_OVERLAP_MS: Final = 10_000
_READ_AT_ONCE: Final = 50_000
_OF_THIS_HOUR, _OF_A_PAST_HOUR = 200, 20
# Longer ones are no words that people share.
_LONGEST_TAG: Final = 100


class TagNotes:
    """Of one worker, from when it took the lease."""

    def __init__(self, stores: Stores) -> None:
        self._tweets, self._trends = stores.trends.tag_uses, stores.trends.snapshots
        self._counters: dict[int, LinearCounters] = {}
        self._read_up_to: int | None = None
        self._missing: list[int] | None = None

    async def bring_up_to(self, now_ms: int) -> None:
        """Notes what was tweeted since the last time; the first time, since the last hour began."""
        hour = now_ms // HOUR_MS
        since = (hour - 1) * HOUR_MS if self._read_up_to is None else self._read_up_to - _OVERLAP_MS
        tweets = await self._tweets.newest(since, now_ms + 1, _READ_AT_ONCE)
        self._counters = {one: self._counters.get(one) or LinearCounters(MOST_TAGS) for one in (hour - 1, hour)}
        for tweet in tweets:
            if (counters := self._counters.get(ms_of(tweet.tweet_id) // HOUR_MS)) is not None:
                _note(counters, tweet)
        for one, counters in self._counters.items():
            await self._trends.note_hour(one, counters.take_changed())
        self._read_up_to = now_ms
        await self._make_up_for_past(hour, _READ_AT_ONCE - len(tweets))

    async def candidates(self, now_ms: int, most: int) -> list[str]:
        """Hashtags that may trend, the likeliest first."""
        hour = now_ms // HOUR_MS
        hours = range(hour - HOURS, hour + 1)
        wanted = {one: _OF_THIS_HOUR if one >= hour - 1 else _OF_A_PAST_HOUR for one in hours}
        by_hour = await self._trends.by_hour(await self._trends.most_used(wanted), hours)
        elapsed = now_ms % HOUR_MS / HOUR_MS
        scores = {tag: _likelihood(accounts, elapsed) for tag, accounts in by_hour.items()}
        return nlargest(most, scores, key=lambda tag: (scores[tag], tag))

    async def _make_up_for_past(self, hour: int, budget: int) -> None:
        if self._missing is None:
            past = range(hour - HOURS, hour - 1)
            self._missing = sorted(set(past) - await self._trends.hours_known(past))
        while self._missing and budget > 0:
            one = self._missing.pop()
            tweets = await self._tweets.newest(one * HOUR_MS, (one + 1) * HOUR_MS, _READ_AT_ONCE)
            counters = LinearCounters(MOST_TAGS)
            for tweet in tweets:
                _note(counters, tweet)
            await self._trends.note_hour(one, counters.take_changed())
            budget -= len(tweets)


def _note(counters: LinearCounters, tweet: TaggedTweet) -> None:
    for tag in tweet.tags:
        if len(tag) <= _LONGEST_TAG:
            counters.add(tag, tweet.author_id)


def _likelihood(accounts: Sequence[float], elapsed: float) -> tuple[float, float]:
    """The score by rough counts; where that is none, those who use it now."""
    return best_score(hourly_moments(accounts, elapsed)), accounts[-1] + accounts[-2]
