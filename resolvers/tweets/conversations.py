"""Muting conversations: replies and mentions in the thread are told no more; quotes and timelines are not touched."""

from collections.abc import Sequence

from core.ids import TweetId
from datastore.notifications.stores import NotificationStores
from datastore.records.items import TweetRecord
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.tweets.tweets import wait_past
from resolvers.visibility import tweet_seen_by, visible_tweet


async def mute(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord:
    """Mutes the thread that the tweet is in. Idempotent. Raises RefusalError NOT_FOUND for a hidden tweet."""
    tweet = await visible_tweet(services.stores, identity, tweet_id, "tweetId")
    act_id = services.stores.ids()
    await services.stores.notifications.conversation_mutes.add(act_id, identity.user_id, tweet.conversation_id)
    await wait_past(TweetId(act_id))
    return tweet


async def unmute(services: Services, identity: Identity, tweet_id: TweetId) -> TweetRecord | None:
    """Undone whatever the viewer may see by then; None for a hidden tweet. Idempotent."""
    tweet, act_id = await services.stores.tweets.items.get(tweet_id), services.stores.ids()
    conversation = tweet.conversation_id if isinstance(tweet, TweetRecord) else tweet_id
    await services.stores.notifications.conversation_mutes.end(act_id, identity.user_id, conversation)
    await wait_past(TweetId(act_id))
    return await tweet_seen_by(services.stores, identity, tweet_id)


async def muted_by(
    notifications: NotificationStores, identity: Identity, conversations: Sequence[TweetId]
) -> list[bool]:
    """Whether the viewer mutes each of the conversations."""
    muted = await notifications.conversation_mutes.muted_among(identity.user_id, conversations)
    return [conversation in muted for conversation in conversations]
