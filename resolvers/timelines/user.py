"""User timelines, and the viewer's home timeline by offset for older clients."""

from core.errors import BadInputError, CodedError, ErrorCode
from core.ids import UserId
from datastore.hydration import hydrate
from datastore.records.items import TweetRecord
from datastore.timelines.rules import Reason, may_see, may_see_user
from resolvers.identity import Identity
from resolvers.pages import LONGEST_PAGE, Page, check_first
from resolvers.services import Services
from resolvers.timelines.home import home_timeline
from resolvers.timelines.pages import Judged, PageOrder, TimelineItem, filled_page, shown_tweet_id
from resolvers.viewpoints import viewpoint_of

LONGEST_OFFSET = 800


async def user_timeline(
    services: Services, identity: Identity | None, user_id: UserId, order: PageOrder[int], *, with_replies: bool
) -> Page[TimelineItem]:
    """Tweets and retweets of a user, newest first; empty if the viewer may not see the user."""
    view = await viewpoint_of(services, identity)
    check_first(order.first)
    user = await services.stores.users.accounts.get(user_id)
    if not may_see_user(view, user):
        return Page((), has_next=False)
    tweets = services.stores.tweets.items

    async def read(place: int | None, count: int) -> Judged:
        found = await tweets.by_author(user_id, place, count, with_replies=with_replies)
        hydrated = await hydrate(services.stores, view, found)
        return Judged(found, [TimelineItem(shown, Reason.PROFILE) for shown in hydrated if may_see(view, shown)])

    return await filled_page(order, read)


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
        items += [edge.node for edge in timeline.edges]
        start = timeline.end
        if not timeline.has_next:
            break
    ids = [shown_tweet_id(item.item) for item in items[offset : offset + limit]]
    found = await services.stores.tweets.items.get_many(ids)
    return [tweet for tweet in found if isinstance(tweet, TweetRecord)]
