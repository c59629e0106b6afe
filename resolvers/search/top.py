"""Tweet search in TOP order: the last week's tweets by engagement with age decay.

The first page's ranking is saved, and later pages continue in it: no tweet is repeated or left out, though scores move.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from math import log2

from core.ids import MAX_ID, TweetId, first_id_of, ms_of, wall_ms
from core.search.query import AtLeast, Measure, Posted, Query
from datastore.records.items import TweetRecord
from datastore.timelines.ranking_snapshots import RankedRow
from datastore.timelines.rules import PersonRule, may_find
from datastore.tweets.stores import TweetStores
from datastore.tweets.terms import SearchedTweet
from datastore.users.viewpoint_records import Viewpoint
from resolvers.identity import Identity
from resolvers.pages import PairPage, PairPlace, check_first
from resolvers.ranking_snapshots import NO_SNAPSHOT, read_snapshot, save_snapshot
from resolvers.search.tweets import newest_matches
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of
from resolvers.visible_pages import visible_tweets

WEEK_MS = 7 * 24 * 3_600_000
# Ranked are this many of the newest matches, and this many of the newest with any engagement.
CANDIDATES = 1_000
# Twice the engagement outweighs this much age.
_DOUBLING_MS = 24 * 3_600_000


async def top_tweets(
    services: Services,
    identity: Identity | None,
    query: Query,
    first: int,
    after: PairPlace | None,
    *,
    rule: PersonRule = may_find,
) -> PairPage[TweetRecord]:
    """A place is the number of the saved ranking, 0 if none was saved, and the position in it.

    `rule`: whose tweets the viewer is shown.
    """
    check_first(first)
    view = await viewpoint_of(services.stores.users, identity)
    snapshot, begin = (NO_SNAPSHOT, 0) if after is None else (after[0], after[1] + 1)
    rows = await read_snapshot(services.stores.timelines, view.user_id, snapshot)
    if rows is None:
        rows = [RankedRow(tweet_id, ()) for tweet_id in await _ranked_ids(services.stores.tweets, view, query)]
        snapshot = (
            await save_snapshot(services.stores.timelines, view.user_id, rows) if len(rows) > first else NO_SNAPSHOT
        )
    ids = [TweetId(row.item_id) for row in rows]
    seen = partial(visible_tweets, services.stores, view, rule=lambda view, shown: rule(view, shown.author))
    edges = await _edges(seen, (snapshot, begin), ids, first + 1)
    end = edges[:first][-1][0] if edges else None
    return PairPage(tuple(edges[:first]), len(edges) > first, after is not None, end)


def rank(tweet: SearchedTweet) -> float:
    """Engagement with age decay, as a time in milliseconds, so that scores do not depend on the present."""
    return ms_of(tweet.id) + _DOUBLING_MS * log2(1 + tweet.engagement)


async def _ranked_ids(tweet_stores: TweetStores, view: Viewpoint, query: Query) -> list[TweetId]:
    week = Posted(first_id_of(wall_ms() - WEEK_MS), MAX_ID)
    engaging = query.and_also(AtLeast(Measure.ENGAGEMENT, 1))
    found = await asyncio.gather(
        *[newest_matches(tweet_stores, view, one, week, CANDIDATES) for one in (engaging, query)]
    )
    tweets = {tweet.id: tweet for one in found for tweet in one.tweets}
    return sorted(tweets, key=lambda tweet_id: (rank(tweets[tweet_id]), tweet_id), reverse=True)


async def _edges(
    visible: Callable[[Sequence[TweetId]], Awaitable[list[TweetRecord | None]]],
    begin: PairPlace,
    ids: Sequence[TweetId],
    wanted: int,
) -> list[tuple[PairPlace, TweetRecord]]:
    """At most about twice `wanted`; tweets that may not be seen (any more) are skipped."""
    edges: list[tuple[PairPlace, TweetRecord]] = []
    snapshot, position = begin
    while len(edges) < wanted and position < len(ids):
        some = ids[position : position + wanted]
        seen = await visible(some)
        edges += [((snapshot, position + at), tweet) for at, tweet in enumerate(seen) if tweet is not None]
        position += len(some)
    return edges
