"""Live counts of tweets on screen: tweetUpdates."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

import strawberry

from core.errors import BadInputError
from core.ids import TweetId
from datastore.records.items import TweetRecord
from schema.request.context import Info
from schema.types.tweets import Tweet, present_tweet
from schema.values.nodes import NodeType, decode_id
from subscriptions.tweet_updates import TweetState

MOST_IDS = 100


@strawberry.type(description="The state of a tweet on screen; at most one event a second for each tweet.")
class TweetUpdate:
    tweet: Tweet = strawberry.field(description="The tweet in its current state, or its last one if it was deleted.")
    is_deleted: bool = strawberry.field(description="Whether it was deleted; then this is its last event.")


@strawberry.type
class UpdateSubscription:
    @strawberry.subscription(
        description="The state of each of these tweets that the viewer may see: once at the beginning, so that "
        "nothing is missed since they were read, then when a count changes or the tweet is deleted."
    )
    async def tweet_updates(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids.")]
    ) -> AsyncGenerator[TweetUpdate, None]:
        if len(ids) > MOST_IDS:
            raise BadInputError(f"At most {MOST_IDS} ids, not {len(ids)}.")
        left = {TweetId(decode_id(one, NodeType.TWEET)) for one in ids}
        shown: set[TweetId] = set()
        with info.context.live.updates.watch(left) as watcher:
            while left:
                states = await watcher.take()
                visible = await _visible(info, states)
                shown |= visible
                left -= {state.tweet.id for state in states if state.is_deleted}
                for state in states:
                    if state.tweet.id in (shown if state.is_deleted else visible):
                        yield _present(info, state)


async def _visible(info: Info, states: Sequence[TweetState]) -> set[TweetId]:
    """Ids of the tweets that the viewer may see at this moment."""
    info.context.forget()
    found = await info.context.items.load_many([state.tweet.id for state in states if not state.is_deleted])
    return {item.id for item in found if isinstance(item, TweetRecord)}


def _present(info: Info, state: TweetState) -> TweetUpdate:
    info.context.tweet_counts.prime(state.tweet.id, state.counts)
    return TweetUpdate(tweet=present_tweet(state.tweet), is_deleted=state.is_deleted)
