"""Bookmarks, visible to their owner only."""

from core.errors import RefusalError, UserErrorCode
from core.ids import TweetId
from datastore.records.items import TweetRecord
from datastore.tweets.stores import TweetStores
from datastore.tweets.viewer_state import Interaction
from resolvers.identity import Identity
from resolvers.pages import Page
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of
from resolvers.visibility import tweet_seen_by, visible_tweet
from resolvers.visible_pages import page_of_tweets


async def bookmark(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    """Raises RefusalError NOT_FOUND for what the viewer may not see."""
    tweet = await visible_tweet(services.stores, identity, tweet_id, "tweetId")
    bookmarks, act_id = services.stores.tweets.bookmarks, services.stores.ids()
    is_new = await bookmarks.add(act_id, identity.user_id, tweet_id)
    if not await services.stores.tweets.items.exists(tweet_id):  # a deletion may have cleared bookmarks before this one
        await bookmarks.delete(identity.user_id, tweet_id)
        raise RefusalError.of(UserErrorCode.NOT_FOUND, "It was deleted at this moment.", "tweetId")
    await _changed(services.stores.tweets, identity, Interaction.BOOKMARK, tweet_id, act_id if is_new else None)
    return tweet


async def unbookmark(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord | None:
    """Undone whatever the viewer may see by then; None for a hidden tweet."""
    undo_id = services.stores.ids()
    act_id = await services.stores.tweets.bookmarks.take(identity.user_id, tweet_id)
    last_id = None if act_id is None else max(act_id + 1, undo_id)
    await _changed(services.stores.tweets, identity, Interaction.UNBOOKMARK, tweet_id, last_id)
    return await tweet_seen_by(services.stores, identity, tweet_id)


async def bookmarks_of(services: Services, identity: Identity, first: int, before: int | None) -> Page[TweetRecord]:
    """The viewer's own, newest first."""
    view = await viewpoint_of(services.stores.users, identity)
    bookmarks = services.stores.tweets.bookmarks
    return await page_of_tweets(
        services.stores, view, lambda place, count: bookmarks.targets(identity.user_id, place, count), first, before
    )


async def _changed(
    tweets: TweetStores, identity: Identity, interaction: Interaction, tweet_id: TweetId, last_id: int | None
) -> None:
    """`last_id` is None for an act that changed nothing: another request may be doing it at this very moment."""
    states = tweets.viewer_state
    if last_id is None:
        await states.invalidate(identity.user_id)
    else:
        await states.interacted(identity.user_id, interaction, tweet_id, last_id)
