"""Likes: like and unlike are idempotent."""

import asyncio

from core.errors import RateLimitedError
from core.ids import TweetId, UserId
from core.limits import LimitedAct
from datastore.jobs.jobs import Notify
from datastore.records.items import TweetRecord
from datastore.records.users import UserRecord
from datastore.stores import Stores
from datastore.timelines.rules import may_see, may_see_user
from datastore.tweets.likes import like_notice, unlike_notice
from datastore.tweets.viewer_state import Interaction
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.limits.admission import admitted, charges_for
from resolvers.pages import Page
from resolvers.services import Services
from resolvers.viewpoints import viewpoint_of, viewpoint_unless
from resolvers.visibility import tweet_seen_by, visible_tweet
from resolvers.visible_pages import at_place_of, page_of_tweets, page_of_users


async def like(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    """Raises RefusalError NOT_FOUND for what the viewer may not see, RateLimitedError after too many likes."""
    tweet = await visible_tweet(services.stores, identity, tweet_id, "tweetId")
    notice, likes = like_notice(services.stores.ids(), identity.user_id, tweet_id), services.stores.tweets.likes
    try:
        async with admitted(services, *charges_for(services.act_limits, identity, LimitedAct.LIKE)) as admission:
            is_new = await likes.like(notice.act_id, identity.user_id, tweet_id)
    except RateLimitedError:
        if not await likes.targets_among(identity.user_id, [tweet_id]):
            raise
        return tweet
    if not is_new:
        await admission.give_back()
    await _changed(services.stores, Interaction.LIKE, notice, notice.act_id if is_new else None)
    return tweet


async def unlike(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord | None:
    """Undone whatever the viewer may see by then; None for a hidden tweet."""
    notice = unlike_notice(services.stores.ids(), identity.user_id, tweet_id)
    last_id = await services.stores.tweets.likes.unlike(notice.act_id, identity.user_id, tweet_id)
    await _changed(services.stores, Interaction.UNLIKE, notice, last_id)
    return await tweet_seen_by(services.stores, identity, tweet_id)


async def liked_by(
    services: Services, identity: Identity | None, tweet: TweetRecord, first: int, before: int | None
) -> Page[UserRecord]:
    """Users who liked the tweet, newest like first; for its author all, else those whose acts the viewer may see."""
    likes = services.stores.tweets.likes
    return await page_of_users(
        services.stores.users,
        lambda place, count: likes.sources(tweet.id, place, count),
        first,
        before,
        acting_for=await viewpoint_unless(services.stores.users, identity, tweet.author_id),
    )


async def likes_of(
    services: Services, identity: Identity | None, user_id: UserId, first: int, before: int | None
) -> Page[TweetRecord]:
    """Tweets that the user liked, newest like first; empty if the viewer may not see the user."""
    view = await viewpoint_of(services.stores.users, identity)
    if not may_see_user(view, await services.stores.users.accounts.get(user_id)):
        return Page((), has_next=False)
    likes, rule = services.stores.tweets.likes, at_place_of(user_id)
    is_own = identity is not None and identity.user_id == user_id
    return await page_of_tweets(
        services.stores,
        view,
        lambda place, count: likes.targets(user_id, place, count),
        first,
        before,
        rule=may_see if is_own else rule,
    )


async def _changed(stores: Stores, interaction: Interaction, notice: Notify, last_id: int | None) -> None:
    """Changes the cached rows that contain likes, and hands the jobs over, in one round.

    `last_id` is None for an act that changed nothing: it may have been done at this very moment by another request.
    """
    user_id, tweet_id = notice.actor_id, TweetId(notice.target)
    interests, states = stores.ads.interests.invalidate(user_id), stores.tweets.viewer_state
    if last_id is None:
        await asyncio.gather(interests, states.invalidate(user_id))
        return
    await asyncio.gather(
        interests,
        states.interacted(user_id, interaction, tweet_id, last_id),
        try_enqueue(stores, notice),
    )
