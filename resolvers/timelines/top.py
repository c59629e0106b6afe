"""The home timeline in TOP mode. The first page's ranking is saved, and later pages continue in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from core.ids import TweetId, UserId, ms_of, wall_ms
from datastore.records.items import ItemRecord, RetweetRecord, TweetRecord
from datastore.timelines.ranking_snapshots import RankedRow
from datastore.timelines.rules import TimelineItem
from resolvers.identity import Identity
from resolvers.ranking_snapshots import read_snapshot, save_snapshot
from resolvers.services import Services
from resolvers.timelines.home import home_items, home_timeline
from resolvers.timelines.pages import PageOrder, TimelinePage, shown_tweet_id
from resolvers.timelines.ranking import CONFIG, Candidate, Ranked, RankedTerm, rank
from resolvers.visibility import visible_tweet


@dataclass(frozen=True, slots=True)
class TopPlace:
    """`snapshot` is the number of the saved ranking, 0 if it was not saved; `position` is a 0-based index in it."""

    snapshot: int
    position: int


@dataclass(frozen=True, slots=True)
class TopEdge:
    place: TopPlace
    item: TimelineItem
    ranked: Ranked


TopTimeline: TypeAlias = TimelinePage[TopEdge, TopPlace]


async def top_timeline(services: Services, identity: Identity, order: PageOrder[TopPlace]) -> TopTimeline:
    """Within one snapshot no item is repeated or left out; items that may not be seen any more are skipped.

    If the snapshot of `order.start` is gone, a new ranking takes its place.
    """
    first, after = order.first, order.start
    rows = None if after is None else await read_snapshot(services.stores.timelines, identity.user_id, after.snapshot)
    newest = await home_timeline(services, identity, PageOrder(1 if rows is not None else CONFIG.candidates))
    if rows is None or after is None:
        rows = await _ranked_rows(services, identity, [item.item for item in newest.edges])
        snapshot = await save_snapshot(services.stores.timelines, identity.user_id, rows)
    else:
        snapshot = after.snapshot
    begin = 0 if after is None else after.position + 1
    edges = await _edges_from(services, identity, TopPlace(snapshot, begin), rows[begin:])
    kept = tuple(edges[:first])
    return TimelinePage(
        kept,
        has_next=len(edges) > first,
        has_previous=bool(kept) and kept[0].place.position > 0,
        end=kept[-1].place if kept else after,
        state=newest.state,
        head=newest.head,
        view=newest.view,
    )


async def not_interested(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    """Hides the author's items in TOP mode for a while, then discounts them, and campaigns for this tweet for good.

    Raises RefusalError NOT_FOUND.
    """
    tweet = await visible_tweet(services.stores, identity, tweet_id, "tweetId")
    await services.stores.timelines.dislikes.insert(identity.user_id, tweet.author_id, tweet_id)
    await services.stores.ads.unwanted.insert(identity.user_id, tweet_id)
    await services.stores.ads.interests.invalidate(identity.user_id)
    return tweet


async def _edges_from(
    services: Services, identity: Identity, begin: TopPlace, rows: Sequence[RankedRow]
) -> list[TopEdge]:
    shown = await home_items(services, identity.user_id, [row.item_id for row in rows])
    return [
        TopEdge(TopPlace(begin.snapshot, begin.position + offset), item, _to_ranked(row))
        for offset, (row, item) in enumerate(zip(rows, shown, strict=True))
        if item is not None
    ]


async def _ranked_rows(services: Services, identity: Identity, items: Sequence[ItemRecord]) -> list[RankedRow]:
    tweet_ids = [shown_tweet_id(item) for item in items]
    tweets = await services.stores.tweets.items.get_many(tweet_ids)
    counts = await services.stores.tweets.counts.get_many(tweet_ids)
    authors = list({_author(item) for item in items})
    disliked = await services.stores.timelines.dislikes.by_author(identity.user_id, authors)
    now = wall_ms()
    candidates = [
        Candidate(
            item_id=item.id,
            author_id=_author(item),
            age_ms=now - ms_of(item.id),
            likes=count.likes,
            retweets=count.retweets,
            replies=count.replies,
            is_reply=isinstance(tweet, TweetRecord) and tweet.reply_to is not None,
            disliked_ms_ago=now - disliked[_author(item)] if _author(item) in disliked else None,
        )
        for item, tweet, count in zip(items, tweets, counts, strict=True)
    ]
    return [_to_row(ranked) for ranked in rank(candidates)]


def _to_row(ranked: Ranked) -> RankedRow:
    return RankedRow(ranked.item_id, tuple((term.name, term.value, term.weight) for term in ranked.terms))


def _to_ranked(row: RankedRow) -> Ranked:
    return Ranked(row.item_id, tuple(RankedTerm(*term) for term in row.terms))


def _author(item: ItemRecord) -> UserId:
    return item.tweet_author_id if isinstance(item, RetweetRecord) else item.author_id
