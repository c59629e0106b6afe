"""Likes: like and unlike are idempotent."""

import asyncio

from core.ids import TweetId, UserId
from datastore.jobs.jobs import Notify
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.rules import may_see_user
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.pages import Page
from resolvers.services import Services
from resolvers.tweets.visibility import refuse_gone, visible_tweet
from resolvers.viewpoints import viewpoint_of
from resolvers.visible_pages import page_of_tweets, page_of_users


async def like(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    """Raises RefusalError NOT_FOUND for what the viewer may not see."""
    tweet = await visible_tweet(services, identity, tweet_id, "tweetId")
    with refuse_gone(identity, "tweetId"):
        notice = await services.stores.tweets.likes.like(services.stores.ids(), identity.user_id, tweet_id)
    await _changed(services, identity, notice)
    return tweet


async def unlike(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    """Raises RefusalError NOT_FOUND for what the viewer may not see."""
    tweet = await visible_tweet(services, identity, tweet_id, "tweetId")
    await _changed(services, identity, await services.stores.tweets.likes.unlike(identity.user_id, tweet_id))
    return tweet


async def liked_by(services: Services, tweet_id: TweetId, first: int, before: int | None) -> Page[UserRecord]:
    """Users who liked the tweet, newest like first."""
    return await page_of_users(
        services, lambda place, count: services.stores.tweets.likes.sources(tweet_id, place, count), first, before
    )


async def likes_of(
    services: Services, identity: Identity | None, user_id: UserId, first: int, before: int | None
) -> Page[TweetRecord]:
    """Tweets that the user liked, newest like first; empty if the viewer may not see the user."""
    view = await viewpoint_of(services, identity)
    if not may_see_user(view, await services.stores.users.accounts.get(user_id)):
        return Page((), has_next=False)
    return await page_of_tweets(
        services, view, lambda place, count: services.stores.tweets.likes.targets(user_id, place, count), first, before
    )


async def _changed(services: Services, identity: Identity, notice: Notify | None) -> None:
    """Invalidates the viewer's state and interests, which contain likes."""
    marks, interests = services.stores.tweets.viewer_state, services.stores.ads.interests
    await asyncio.gather(marks.invalidate(identity.user_id), interests.invalidate(identity.user_id))
    if notice is not None:
        await try_enqueue(services.stores, notice)
