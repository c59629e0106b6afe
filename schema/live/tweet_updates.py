"""Live counts of tweets on screen: tweetUpdates."""

from collections.abc import AsyncGenerator, Collection
from typing import Annotated

import strawberry

from core.errors import BadInputError, UnavailableError
from core.ids import TweetId
from datastore.records.items import TweetRecord
from resolvers.visibility import hidden_by_moderators
from schema.request.context import Info
from schema.types.tweets import Tweet, present_tweet
from schema.values.nodes import NodeType, decode_id, global_id
from schema.values.scopes import BY_READ
from subscriptions.tweet_updates import TweetState

MOST_IDS = 100
SIGHT_SECONDS = 5.0
"""Blocks and protection change no count: after this time without one, tweets that were sent are checked again."""


@strawberry.type(description="The state of a tweet on screen; at most one event a second for each tweet.")
class TweetUpdate:
    tweet_id: strawberry.ID = strawberry.field(description="The tweet's id.")
    tweet: Tweet | None = strawberry.field(
        description="The tweet in its current state; null once it was deleted or the viewer may not see it any more. "
        "Then this is its last event, unless moderators hid it, and it comes back."
    )
    is_deleted: bool = strawberry.field(description="Whether it was deleted.")


@strawberry.type
class UpdateSubscription:
    @strawberry.subscription(
        directives=BY_READ,
        description="The state of each of these tweets that the viewer may see: once at the beginning, so that "
        "nothing is missed since they were read, then when a count changes, the tweet is edited, deleted or hidden.",
    )
    async def tweet_updates(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 ids.")]
    ) -> AsyncGenerator[TweetUpdate, None]:
        if len(ids) > MOST_IDS:
            raise BadInputError(f"At most {MOST_IDS} ids, not {len(ids)}.")
        left = {TweetId(decode_id(one, NodeType.TWEET)) for one in ids}
        shown, known = set[TweetId](), dict[TweetId, TweetState]()
        with info.context.live.updates.watch(left) as watcher:
            while left:
                states = await watcher.take(within=SIGHT_SECONDS)
                known |= {state.tweet.id: state for state in states}
                deleted = {state.tweet.id for state in states if state.is_deleted}
                try:
                    visible = await _visible(info, known.keys() - deleted)
                except UnavailableError:
                    if states:
                        raise
                    continue
                gone = shown - visible
                for tweet_id in gone:
                    yield TweetUpdate(tweet_id=_id(tweet_id), tweet=None, is_deleted=tweet_id in deleted)
                changed = {state.tweet.id for state in states} | (visible - shown)
                gone -= await hidden_by_moderators(info.context.services, list(gone - deleted)) if gone else set()
                left, shown = left - gone - deleted, visible
                known = {tweet_id: state for tweet_id, state in known.items() if tweet_id in left}
                for tweet_id in changed & visible:
                    yield _present(info, known[tweet_id])


async def _visible(info: Info, ids: Collection[TweetId]) -> set[TweetId]:
    """Those of the tweets that the viewer may see at this moment."""
    info.context.forget()
    found = await info.context.items.load_many(list(ids))
    return {item.id for item in found if isinstance(item, TweetRecord)}


def _present(info: Info, state: TweetState) -> TweetUpdate:
    info.context.tweet_counts.prime(state.tweet.id, state.counts)
    return TweetUpdate(tweet_id=_id(state.tweet.id), tweet=present_tweet(state.tweet), is_deleted=False)


def _id(tweet_id: TweetId) -> strawberry.ID:
    return strawberry.ID(global_id(NodeType.TWEET, tweet_id))
