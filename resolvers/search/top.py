"""Searches in TOP order: the most engaging tweets of the last week, an older one first only where it is more so.

What the first page ranked is kept, and later pages read on in it: none twice, and none left out, though scores move.
"""

import asyncio
from collections.abc import Sequence
from math import log2

import structlog

from core.errors import UnavailableError
from core.ids import MAX_ID, TweetId, UserId, first_id_of, ms_of, wall_ms
from core.search.query import AtLeast, Measure, Posted, Query
from datastore.records.items import TweetRecord
from datastore.timelines.ranking_snapshots import RankedRow
from datastore.tweets.terms import SearchedTweet
from datastore.users.viewpoints import Viewpoint
from resolvers.identity import Identity
from resolvers.pages import check_first
from resolvers.search.tweets import newest
from resolvers.services import Services
from resolvers.tweets.threads import TopPage, TopPlace
from resolvers.viewpoints import viewpoint_of
from resolvers.visible_pages import visible_tweets

WEEK_MS = 7 * 24 * 3_600_000
# So many of the newest are ranked, and so many of the newest with which somebody did anything.
CANDIDATES = 1_000
# With twice the engagement a tweet may be so much older.
_DOUBLING_MS = 24 * 3_600_000
_log = structlog.get_logger()


async def top(
    services: Services, identity: Identity | None, query: Query, first: int, after: TopPlace | None
) -> TopPage:
    """A place is the number of the kept ranking, 0 of none, and the position in it."""
    check_first(first)
    view = await viewpoint_of(services, identity)
    reading, begin = (0, 0) if after is None else (after[0], after[1] + 1)
    ids = await _kept(services, view.user_id, reading)
    if ids is None:
        ids = await _ranked(services, view, query)
        reading = await _keep(services, view.user_id, ids) if len(ids) > first else 0
    edges = await _edges(services, view, (reading, begin), ids, first + 1)
    end = edges[:first][-1][0] if edges else None
    return TopPage(tuple(edges[:first]), len(edges) > first, after is not None, end)


def rank(tweet: SearchedTweet) -> float:
    """By engagement with age decay, on a scale that does not move with the time of day."""
    return ms_of(tweet.id) + _DOUBLING_MS * log2(1 + tweet.engagement)


async def _ranked(services: Services, view: Viewpoint, query: Query) -> list[TweetId]:
    week = Posted(first_id_of(wall_ms() - WEEK_MS), MAX_ID)
    engaging = query.and_also(AtLeast(Measure.ENGAGEMENT, 1))
    found = await asyncio.gather(*[newest(services, view, one, week, CANDIDATES) for one in (engaging, query)])
    tweets = {tweet.id: tweet for one in found for tweet in one.tweets}
    return sorted(tweets, key=lambda tweet_id: (rank(tweets[tweet_id]), tweet_id), reverse=True)


async def _edges(
    services: Services, view: Viewpoint, begin: TopPlace, ids: Sequence[TweetId], wanted: int
) -> list[tuple[TopPlace, TweetRecord]]:
    """So many, or all; what may not be seen (any more) is passed over."""
    edges: list[tuple[TopPlace, TweetRecord]] = []
    reading, position = begin
    while len(edges) < wanted and position < len(ids):
        some = ids[position : position + wanted]
        seen = await visible_tweets(services, view, some)
        edges += [((reading, position + at), tweet) for at, tweet in enumerate(seen) if tweet is not None]
        position += len(some)
    return edges


async def _kept(services: Services, user_id: UserId, reading: int) -> list[TweetId] | None:
    """None where there is none, or none any more; then what is ranked now stands in its place."""
    if not reading:
        return None
    try:
        rows = await services.stores.timelines.ranking_snapshots.get(user_id, reading)
    except UnavailableError:
        return None
    return None if rows is None else [TweetId(row.item_id) for row in rows]


async def _keep(services: Services, user_id: UserId, ids: Sequence[TweetId]) -> int:
    try:
        return await services.stores.timelines.ranking_snapshots.insert(
            user_id, [RankedRow(tweet_id, ()) for tweet_id in ids]
        )
    except UnavailableError as error:
        _log.warning("ranking not kept", error=repr(error))
        return 0
