"""The viewer's state of tweets: liked, retweeted, bookmarked."""

from collections.abc import Sequence

from core.ids import TweetId
from datastore.tweets.stores import TweetStores
from datastore.tweets.viewer_state import ViewerState
from resolvers.identity import Identity


async def viewer_states_of(tweets: TweetStores, identity: Identity, tweet_ids: Sequence[TweetId]) -> list[ViewerState]:
    """In the order given."""
    return await tweets.viewer_state.get_many(identity.user_id, tweet_ids)
