"""The home timeline in TOP mode. What the first page ranked is kept, and later pages read on in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from core.errors import UnavailableError
from core.ids import TweetId, UserId, ms_of, wall_ms
from datastore.records.items import ItemRecord, RetweetRecord, TweetRecord
from datastore.timelines.event_log import LogPlace
from datastore.timelines.ranking_snapshots import RankedRow
from datastore.users.viewpoints import Viewpoint
from resolvers.identity import Identity
from resolvers.pages import check_first
from resolvers.services import Services
from resolvers.timelines.home import PageOrder, TimelineItem, TimelinePage, TimelineState, home_items, read_home
from resolvers.timelines.ranking import CONFIG, Candidate, Ranked, RankedTerm, rank
from resolvers.tweets.visibility import seen_tweet

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TopPlace:
    """`reading` is the number of the kept ranking, 0 of none; `position` counts its items from 0."""

    reading: int
    position: int


@dataclass(frozen=True, slots=True)
class TopEdge:
    place: TopPlace
    item: TimelineItem
    ranked: Ranked


@dataclass(frozen=True, slots=True)
class TopTimeline:
    edges: tuple[TopEdge, ...]
    has_next: bool
    end: TopPlace | None
    state: TimelineState
    head: LogPlace
    view: Viewpoint


async def top_timeline(services: Services, identity: Identity, first: int, after: TopPlace | None) -> TopTimeline:
    """No item twice and none left out within one reading; items that may not be seen any more are passed over."""
    check_first(first)
    rows = None if after is None else await _kept(services, identity, after.reading)
    newest = await read_home(services, identity, PageOrder(1 if rows is not None else CONFIG.candidates))
    if rows is None or after is None:
        rows = await _ranked_rows(services, identity, newest)
        reading = await _keep(services, identity, rows)
    else:
        reading = after.reading
    begin = 0 if after is None else after.position + 1
    edges = await _edges_from(services, identity, TopPlace(reading, begin), rows[begin:])
    end = edges[:first][-1].place if edges else after
    return TopTimeline(tuple(edges[:first]), len(edges) > first, end, newest.state, newest.head, newest.view)


async def not_interested(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    """Hides the author's items in TOP mode for a while, then discounts them. Raises RefusalError NOT_FOUND."""
    tweet = await seen_tweet(services, identity, tweet_id, "tweetId")
    await services.stores.timelines.dislikes.insert(identity.user_id, tweet.author_id, tweet_id)
    return tweet


async def _edges_from(
    services: Services, identity: Identity, begin: TopPlace, rows: Sequence[RankedRow]
) -> list[TopEdge]:
    shown = await home_items(services, identity.user_id, [row.item_id for row in rows])
    return [
        TopEdge(TopPlace(begin.reading, begin.position + offset), item, _to_ranked(row))
        for offset, (row, item) in enumerate(zip(rows, shown, strict=True))
        if item is not None
    ]


async def _ranked_rows(services: Services, identity: Identity, newest: TimelinePage) -> list[RankedRow]:
    items = [edge.node.item for edge in newest.page.edges]
    shown = await services.stores.tweets.items.get_many([_tweet_id(item) for item in items])
    counts = await services.stores.tweets.items.counts_of([_tweet_id(item) for item in items])
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
        for item, tweet, count in zip(items, shown, counts, strict=True)
    ]
    return [_to_row(ranked) for ranked in rank(candidates)]


async def _kept(services: Services, identity: Identity, reading: int) -> list[RankedRow] | None:
    """None where it is not kept any more; then what is ranked now stands in its place."""
    try:
        return await services.stores.timelines.ranking_snapshots.get(identity.user_id, reading)
    except UnavailableError:
        return None


async def _keep(services: Services, identity: Identity, rows: list[RankedRow]) -> int:
    try:
        return await services.stores.timelines.ranking_snapshots.insert(identity.user_id, rows)
    except UnavailableError as error:
        _log.warning("ranking not kept", error=repr(error))
        return 0


def _to_row(ranked: Ranked) -> RankedRow:
    return RankedRow(ranked.item_id, tuple((term.name, term.value, term.weight) for term in ranked.terms))


def _to_ranked(row: RankedRow) -> Ranked:
    return Ranked(row.item_id, tuple(RankedTerm(*term) for term in row.terms))


def _tweet_id(item: ItemRecord) -> TweetId:
    return item.tweet_id if isinstance(item, RetweetRecord) else item.id


def _author(item: ItemRecord) -> UserId:
    return item.tweet_author_id if isinstance(item, RetweetRecord) else item.author_id
