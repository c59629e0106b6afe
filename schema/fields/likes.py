"""Acts on tweets: like, retweet, bookmark, muteConversation, notInterested. All mutations are idempotent."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from core.ids import TweetId
from datastore.records.items import TweetRecord
from resolvers.identity import Identity
from resolvers.services import Services
from resolvers.timelines.top import not_interested
from resolvers.tweets import bookmarks, conversations, likes, retweets
from schema.fields.tweets import TweetPayload
from schema.request.context import Info
from schema.types.tweets import decode_tweet_id, present_tweet
from schema.values.payloads import mutation_payload
from schema.values.scopes import BY_WRITE

_ActOnTweet = Callable[[Services, Identity, TweetId], Awaitable[TweetRecord | None]]
TweetIdArgument = Annotated[strawberry.ID, strawberry.argument(description="The tweet.")]


@strawberry.type
class LikeMutation:
    @strawberry.mutation(directives=BY_WRITE, description="Retweets a tweet: shows it to the viewer's followers.")
    async def retweet(self, info: Info, tweet_id: TweetIdArgument) -> TweetPayload:
        return await _act(info, retweets.retweet, tweet_id)

    @strawberry.mutation(
        directives=BY_WRITE, description="Undoes a retweet, of a tweet that the viewer may not see any more too."
    )
    async def unretweet(self, info: Info, tweet_id: TweetIdArgument) -> TweetPayload:
        return await _act(info, retweets.unretweet, tweet_id)

    @strawberry.mutation(directives=BY_WRITE, description="Likes a tweet.")
    async def like(self, info: Info, tweet_id: TweetIdArgument) -> TweetPayload:
        return await _act(info, likes.like, tweet_id)

    @strawberry.mutation(directives=BY_WRITE, description="Undoes a like.")
    async def unlike(self, info: Info, tweet_id: TweetIdArgument) -> TweetPayload:
        return await _act(info, likes.unlike, tweet_id)

    @strawberry.mutation(
        directives=BY_WRITE, description="Adds a tweet to the viewer's bookmarks, which nobody else sees."
    )
    async def bookmark(self, info: Info, tweet_id: TweetIdArgument) -> TweetPayload:
        return await _act(info, bookmarks.bookmark, tweet_id)

    @strawberry.mutation(
        directives=BY_WRITE, description="Removes a bookmark, of a tweet that the viewer may not see any more too."
    )
    async def unbookmark(self, info: Info, tweet_id: TweetIdArgument) -> TweetPayload:
        return await _act(info, bookmarks.unbookmark, tweet_id)

    @strawberry.mutation(
        directives=BY_WRITE,
        description="Mutes the thread that a tweet is in: replies and mentions in it are no notifications from then "
        "on. Quotes, earlier notifications and timelines stay.",
    )
    async def mute_conversation(self, info: Info, tweet_id: TweetIdArgument) -> TweetPayload:
        return await _act(info, conversations.mute, tweet_id)

    @strawberry.mutation(
        directives=BY_WRITE,
        description="Ends the mute of a thread, by a tweet that the viewer may not see any more too.",
    )
    async def unmute_conversation(self, info: Info, tweet_id: TweetIdArgument) -> TweetPayload:
        return await _act(info, conversations.unmute, tweet_id)

    @strawberry.mutation(
        directives=BY_WRITE,
        description="Asks for fewer items like this one in TOP mode, and for no advertisements of this tweet.",
    )
    async def not_interested(self, info: Info, tweet_id: TweetIdArgument) -> TweetPayload:
        return await _act(info, not_interested, tweet_id)


async def _act(info: Info, act: _ActOnTweet, tweet_id: str) -> TweetPayload:
    identity = info.context.signed_in
    acting = act(info.context.services, identity, decode_tweet_id(tweet_id))
    return await mutation_payload(info, acting, _payload, TweetPayload)


def _payload(record: TweetRecord | None) -> TweetPayload:
    return TweetPayload(tweet=None if record is None else present_tweet(record))
