"""Bookmarks, visible to their owner only."""

from core.errors import RefusalError, UserErrorCode
from core.ids import TweetId
from datastore.records.items import TweetRecord
from resolvers.identity import Identity
from resolvers.pages import Page
from resolvers.services import Services
from resolvers.tweets.visibility import visible_tweet
from resolvers.viewpoints import viewpoint_of
from resolvers.visible_pages import page_of_tweets


async def bookmark(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    """Raises RefusalError NOT_FOUND for what the viewer may not see."""
    tweet = await visible_tweet(services, identity, tweet_id, "tweetId")
    await services.stores.tweets.bookmarks.insert(services.stores.ids(), identity.user_id, tweet_id)
    if not await services.stores.tweets.items.exists(tweet_id):  # a deletion may have cleared bookmarks before this one
        await services.stores.tweets.bookmarks.delete(identity.user_id, tweet_id)
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "It was deleted at this moment.", "tweetId")
    await services.stores.tweets.viewer_state.invalidate(identity.user_id)
    return tweet


async def unbookmark(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    """Raises RefusalError NOT_FOUND for what the viewer may not see."""
    tweet = await visible_tweet(services, identity, tweet_id, "tweetId")
    await services.stores.tweets.bookmarks.delete(identity.user_id, tweet_id)
    await services.stores.tweets.viewer_state.invalidate(identity.user_id)
    return tweet


async def bookmarks_of(services: Services, identity: Identity, first: int, before: int | None) -> Page[TweetRecord]:
    """The viewer's own, newest first."""
    view = await viewpoint_of(services, identity)
    bookmarks = services.stores.tweets.bookmarks
    return await page_of_tweets(
        services, view, lambda place, count: bookmarks.targets(identity.user_id, place, count), first, before
    )
