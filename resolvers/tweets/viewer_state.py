"""The viewer's state of tweets: liked, retweeted, bookmarked."""

from collections.abc import Sequence

from core.ids import TweetId
from datastore.tweets.viewer_state import ViewerState
from resolvers.identity import Identity
from resolvers.services import Services


async def viewer_states_of(services: Services, identity: Identity, tweet_ids: Sequence[TweetId]) -> list[ViewerState]:
    """In the order given."""
    return await services.stores.tweets.viewer_state.get_many(identity.user_id, tweet_ids)
