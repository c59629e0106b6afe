"""Timelines beside the home timeline: what one person posted, and one's home by offset as older clients ask for it."""

from core.errors import BadInputError, CodedError, ErrorCode
from core.ids import UserId
from datastore.hydration import hydrate
from datastore.records.items import RetweetRecord, TweetRecord
from datastore.timelines.rules import Reason, may_see, may_see_person
from resolvers.identity import Identity
from resolvers.pages import LONGEST_PAGE, Page, check_first
from resolvers.services import Services
from resolvers.timelines.home import PageOrder, Sifted, TimelineItem, filled_page, home_timeline
from resolvers.viewpoints import viewpoint_of

LONGEST_OFFSET = 800


async def user_timeline(
    services: Services, identity: Identity | None, user_id: UserId, order: PageOrder, *, with_replies: bool
) -> Page[TimelineItem]:
    """What the person posted and retweeted, newest first; nothing where the viewer may not see them."""
    view = await viewpoint_of(services, identity)
    check_first(order.first)
    user = await services.stores.users.accounts.get(user_id)
    if not may_see_person(view, user):
        return Page((), has_next=False)
    tweets = services.stores.tweets.items

    async def older(place: int | None, count: int) -> Sifted:
        found = await tweets.by_author(user_id, place, count, with_replies=with_replies)
        shown = await hydrate(services.stores, view, found)
        return Sifted(found, [TimelineItem(one, Reason.PROFILE) for one in shown if may_see(view, one)])

    return await filled_page(order, older)


async def tweets_at_offset(
    services: Services, identity: Identity, user_id: UserId, offset: int, limit: int
) -> list[TweetRecord]:
    """Tweets of one's own home timeline by offset; a retweet counts as the tweet that it shows."""
    if user_id != identity.user_id:
        raise CodedError(ErrorCode.FORBIDDEN, "This is somebody else's home timeline.")
    if not 0 <= offset <= LONGEST_OFFSET:
        raise BadInputError(f"offset must be 0 to {LONGEST_OFFSET}, not {offset}.")
    check_first(limit, "limit")
    items: list[TimelineItem] = []
    start: int | None = None
    while len(items) < offset + limit:
        timeline = await home_timeline(services, identity, PageOrder(LONGEST_PAGE, start))
        items += [edge.node for edge in timeline.page.edges]
        start = timeline.page.end_place
        if not timeline.page.has_next:
            break
    wanted = [item.item for item in items[offset : offset + limit]]
    ids = [item.tweet_id if isinstance(item, RetweetRecord) else item.id for item in wanted]
    found = await services.stores.tweets.items.get_many(ids)
    return [tweet for tweet in found if isinstance(tweet, TweetRecord)]
