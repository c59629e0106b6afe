"""User timelines, and the viewer's home timeline by offset for older clients."""

from collections.abc import Sequence
from typing import NamedTuple

from core.errors import BadInputError, CodedError, ErrorCode
from core.ids import TweetId, UserId
from datastore.cache.pending_read import resolve_reads
from datastore.hydration import hydrate, judged_items
from datastore.records.items import ItemRecord, TweetRecord
from datastore.stores import Stores
from datastore.timelines.local_items import judge_profile
from datastore.timelines.rules import Reason, TimelineItem, may_see_at, may_see_user
from datastore.users.viewpoint_records import Viewpoint
from resolvers.identity import Identity
from resolvers.pages import LONGEST_PAGE, check_first
from resolvers.services import Services
from resolvers.timelines.home import home_timeline
from resolvers.timelines.pages import ItemPage, Judged, PageOrder, filled_page, shown_tweet_id
from resolvers.viewpoints import viewpoint_since

LONGEST_OFFSET = 800


class UserTimeline(NamedTuple):
    """The timeline of `user_id`, for a reader who wants rows as of `since` (by `time.monotonic`) or later."""

    user_id: UserId
    with_replies: bool
    since: float


async def user_timeline(
    services: Services, identity: Identity | None, wanted: UserTimeline, order: PageOrder[int]
) -> ItemPage:
    """Tweets and retweets of a user, newest first; empty if the viewer may not see the user.

    The newest ids are those of the author's list, as long as it lasts; MongoDB has the rest, and replies to others.
    """
    check_first(order.first)
    stores, since = services.stores, wanted.since
    users = stores.users.accounts.begin_read([wanted.user_id], since)
    lists = None if wanted.with_replies else stores.tweets.author_lists.begin_read(wanted.user_id, since)
    view = await viewpoint_since(services.stores.users, identity, since)
    await resolve_reads(users, *([] if lists is None else [lists]))
    if not may_see_user(view, users.found.get(wanted.user_id)):
        return ItemPage((), has_next=False)
    newest = None if lists is None else lists.found.get(wanted.user_id)

    async def read(place: int | None, count: int) -> Judged:
        ids = None if newest is None else newest.older(place, count)
        if ids is not None:
            return Judged(ids, await _visible(stores, view, ids, since))
        with_replies = wanted.with_replies
        found = await stores.tweets.items.by_author(wanted.user_id, place, count, with_replies=with_replies)
        return Judged([item.id for item in found], await _judged(stores, view, found, since))

    return await filled_page(order, read)


async def _visible(stores: Stores, view: Viewpoint, ids: Sequence[TweetId], since: float) -> list[TimelineItem]:
    local = await judged_items(stores, view, ids, since, judge_profile)
    if local is not None:
        return local
    rows = await stores.tweets.items.get_many(ids, since)
    return await _judged(stores, view, [row for row in rows if row is not None], since)


async def _judged(stores: Stores, view: Viewpoint, items: Sequence[ItemRecord], since: float) -> list[TimelineItem]:
    hydrated = await hydrate(stores, view, items, since)
    return [TimelineItem(shown, Reason.PROFILE) for shown in hydrated if may_see_at(view, shown, shown.item.author_id)]


async def tweets_at_offset(
    services: Services, identity: Identity, user_id: UserId, offset: int, limit: int
) -> list[TweetRecord]:
    """Tweets of the viewer's own home timeline by offset; a retweet counts as its tweet."""
    if user_id != identity.user_id:
        raise CodedError(ErrorCode.FORBIDDEN, "This is somebody else's home timeline.")
    if not 0 <= offset <= LONGEST_OFFSET:
        raise BadInputError(f"offset must be 0 to {LONGEST_OFFSET}, not {offset}.")
    check_first(limit, "limit")
    items: list[TimelineItem] = []
    start: int | None = None
    while len(items) < offset + limit:
        timeline = await home_timeline(services, identity, PageOrder(LONGEST_PAGE, start))
        items += timeline.edges
        start = timeline.end
        if not timeline.has_next:
            break
    ids = [shown_tweet_id(item.item) for item in items[offset : offset + limit]]
    found = await services.stores.tweets.items.get_many(ids)
    return [tweet for tweet in found if isinstance(tweet, TweetRecord)]
