"""Retweets: retweet and unretweet are idempotent."""

import asyncio

from core.ids import TweetId
from datastore.jobs.jobs import FanOut
from datastore.records.items import RetweetRecord, TweetRecord
from datastore.records.users import UserRecord
from datastore.tweets.retweets import retweet_notice, unretweet_notice
from datastore.tweets.viewer_state import Interaction
from resolvers.enqueue import try_enqueue
from resolvers.identity import Identity
from resolvers.pages import Page
from resolvers.services import Services
from resolvers.tweets.tweets import wait_past
from resolvers.viewpoints import viewpoint_unless
from resolvers.visibility import public_tweet, tweet_seen_by
from resolvers.visible_pages import page_of_users


async def retweet(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    """Raises RefusalError: NOT_FOUND for a hidden tweet, FORBIDDEN for another user's protected tweet."""
    tweet = await public_tweet(services, identity, tweet_id, "tweetId")
    record = RetweetRecord(TweetId(services.stores.ids()), identity.user_id, tweet_id, tweet.author_id)
    is_new = await services.stores.tweets.retweets.insert(record)
    states = services.stores.tweets.viewer_state
    if not is_new:
        await states.invalidate(identity.user_id)
        return tweet
    jobs = FanOut(record.id, record.author_id), retweet_notice(record)
    changed = states.interacted(identity.user_id, Interaction.RETWEET, tweet_id, record.id)
    await asyncio.gather(changed, try_enqueue(services.stores, *jobs))
    await wait_past(record.id)
    return tweet


async def unretweet(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord | None:
    """Undone whatever the viewer may see by then; None for a hidden tweet."""
    stores, user_id = services.stores, identity.user_id
    act = await stores.tweets.retweets.delete(stores.ids(), user_id, tweet_id)
    states = stores.tweets.viewer_state
    if act is None:
        await states.invalidate(user_id)
    else:
        # Both ids were given by clocks that may differ.
        changed = states.interacted(user_id, Interaction.UNRETWEET, tweet_id, max(act.item_id + 1, act.act_id))
        await asyncio.gather(changed, try_enqueue(stores, act, unretweet_notice(act, tweet_id)))
    return await tweet_seen_by(stores, identity, tweet_id)


async def retweeted_by(
    services: Services, identity: Identity | None, tweet: TweetRecord, first: int, before: int | None
) -> Page[UserRecord]:
    """Users who retweeted it, newest retweet first; for its author all, else those whose acts the viewer may see."""
    retweets = services.stores.tweets.retweets
    return await page_of_users(
        services.stores.users,
        lambda place, count: retweets.of_tweet(tweet.id, place, count),
        first,
        before,
        acting_for=await viewpoint_unless(services.stores.users, identity, tweet.author_id),
    )
