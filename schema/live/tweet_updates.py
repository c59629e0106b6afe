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


@strawberry.type(description="The counts of a tweet on screen, joined into at most one event a second for each tweet.")
class TweetUpdate:
    tweet: Tweet = strawberry.field(description="As it is now; as it was last, where it is deleted.")
    is_deleted: bool = strawberry.field(description="It was deleted: the last event of this tweet.")


@strawberry.type
class UpdateSubscription:
    @strawberry.subscription(
        description="The state of each of these tweets that the viewer may see: once at the beginning, so that "
        "nothing is missed since they were read, and then when a count changed or it was deleted."
    )
    async def tweet_updates(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Which, at most 100.")]
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
