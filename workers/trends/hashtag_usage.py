"""Hourly hashtag usage: estimates for each hour how many accounts use a hashtag, to find candidates for trends.

A use that is counted twice counts once, so the newest tweets are read with some overlap. Missing hours are backfilled
from the tweets, newest first, some at a time.
"""

from collections.abc import Sequence
from heapq import nlargest
from typing import Final

from core.ids import ms_of
from core.trends.linear_counter import LinearCounters
from core.trends.scoring import HOUR_MS, Use, best_score, hourly_moments
from datastore.trends.hourly_usage import MAX_TAGS, PAST_HOURS
from datastore.trends.stores import TrendStores
from datastore.trends.tag_uses import TaggedTweet

# Longest time between the generation of a tweet's id and its insertion.
_OVERLAP_MS: Final = 10_000
_READ_AT_ONCE: Final = 50_000
# Candidates taken from each hour.
_FROM_THIS_HOUR, _FROM_PAST_HOUR = 200, 20
# Longer hashtags are not shared by many.
_MAX_TAG_LENGTH: Final = 100


class HashtagUsage:
    """State of one worker since it acquired the trends lease."""

    def __init__(self, trends: TrendStores) -> None:
        self._tweets, self._hourly, self._voices = trends.tag_uses, trends.hourly_usage, trends.voices
        self._counters: dict[int, LinearCounters] = {}
        self._read_up_to: int | None = None
        self._missing: list[int] | None = None

    async def catch_up(self, now_ms: int) -> None:
        """Counts tweets posted or edited since the last call; on the first, since the begin of the previous hour.

        Hashtags that an edit took out stay in the estimates: what is told of trends is counted exactly.
        """
        hour = now_ms // HOUR_MS
        since = (hour - 1) * HOUR_MS if self._read_up_to is None else self._read_up_to - _OVERLAP_MS
        tweets = await self._tweets.newest(since, now_ms + 1, _READ_AT_ONCE)
        tweets += await self._tweets.edited_since(since, _READ_AT_ONCE)
        self._counters = {one: self._counters.get(one) or LinearCounters(MAX_TAGS) for one in (hour - 1, hour)}
        for tweet, voice in await self._counted(tweets):
            if (counters := self._counters.get(ms_of(tweet.tweet_id) // HOUR_MS)) is not None:
                _count(counters, tweet, voice)
        for one, counters in self._counters.items():
            await self._hourly.record_hour(one, counters.take_changed())
        self._read_up_to = now_ms
        await self._backfill(hour, _READ_AT_ONCE - len(tweets))

    async def candidates(self, now_ms: int, most: int) -> list[str]:
        """At most `most` hashtags that may trend, likeliest first."""
        hour = now_ms // HOUR_MS
        hours = range(hour - PAST_HOURS, hour + 1)
        wanted = {one: _FROM_THIS_HOUR if one >= hour - 1 else _FROM_PAST_HOUR for one in hours}
        by_hour = await self._hourly.by_hour(await self._hourly.most_used(wanted), hours)
        elapsed = now_ms % HOUR_MS / HOUR_MS
        scores = {tag: _likelihood(accounts, elapsed) for tag, accounts in by_hour.items()}
        return nlargest(most, scores, key=lambda tag: (scores[tag], tag))

    async def _backfill(self, hour: int, budget: int) -> None:
        if self._missing is None:
            past = range(hour - PAST_HOURS, hour - 1)
            self._missing = sorted(set(past) - await self._hourly.known_hours(past))
        while self._missing and budget > 0:
            one = self._missing.pop()
            tweets = await self._tweets.newest(one * HOUR_MS, (one + 1) * HOUR_MS, _READ_AT_ONCE)
            counters = LinearCounters(MAX_TAGS)
            for tweet, voice in await self._counted(tweets):
                _count(counters, tweet, voice)
            await self._hourly.record_hour(one, counters.take_changed())
            budget -= len(tweets)

    async def _counted(self, tweets: Sequence[TaggedTweet]) -> list[tuple[TaggedTweet, int]]:
        """Tweets of accounts that count, each with its voice."""
        voices = await self._voices.of_uses([Use(ms_of(tweet.tweet_id), tweet.author_id) for tweet in tweets])
        return [(tweet, voice) for tweet, voice in zip(tweets, voices, strict=True) if voice is not None]


def _count(counters: LinearCounters, tweet: TaggedTweet, voice: int) -> None:
    for tag in tweet.tags:
        if len(tag) <= _MAX_TAG_LENGTH:
            counters.add(tag, voice)


def _likelihood(accounts: Sequence[float], elapsed: float) -> tuple[float, float]:
    """Score by the estimates, then the number of accounts that use it now."""
    return best_score(hourly_moments(accounts, elapsed)), accounts[-1] + accounts[-2]
