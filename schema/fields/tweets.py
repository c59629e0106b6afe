"""Tweets: a tweet by its id; postTweet, editTweet, deleteTweet, pinTweet."""

from typing import Annotated, Any

import strawberry

from core.reply_audience import ReplyAudience
from resolvers.tweets import edits, pins, tweets
from resolvers.tweets.edits import Edit
from resolvers.tweets.tweets import Posting
from schema.fields.profiles import UserPayload, user_payload
from schema.request.context import Info
from schema.types.media import decode_media_id
from schema.types.tweets import Tweet, decode_tweet_id, load_tweet, present_tweet
from schema.values.devices import DeviceInput, device_of
from schema.values.payloads import DeletePayload, UserError, mutation_payload
from schema.values.scopes import BY_READ, BY_WRITE


@strawberry.input(description="A tweet to post.")
class PostTweetInput:
    text: str = strawberry.field(
        description="1-280 weighted characters, or none beside pictures: a URL counts 23, a CJK character or an "
        "emoji 2, a Latin letter 1."
    )
    in_reply_to: strawberry.ID | None = strawberry.field(default=None, description="The tweet that it answers.")
    quoted: strawberry.ID | None = strawberry.field(default=None, description="The tweet that it quotes.")
    device: DeviceInput | None = strawberry.field(default=None, description="The device in use.")
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="A retry with the same key within 24 hours returns the first tweet and posts nothing.",
    )
    media: list[strawberry.ID] | None = strawberry.field(
        default=None, description="READY or PROCESSING pictures of the viewer's that are shown nowhere, at most 4."
    )
    content_warning: str | None = strawberry.field(
        default=None, description="Shown before the text and the pictures: 1-100 characters of one line."
    )
    is_sensitive: bool = strawberry.field(default=False, description="Whether its pictures are hidden at first.")
    reply_audience: ReplyAudience = strawberry.field(
        default=ReplyAudience.EVERYONE,
        description="Who may answer; of a reply, that of the thread's first tweet counts.",
    )


@strawberry.input(description="A new version of a tweet. Fields that are left out stay, null takes them away.")
class EditTweetInput:
    id: strawberry.ID = strawberry.field(description="A tweet of the viewer's.")
    text: str = strawberry.field(description="1-280 weighted characters, or none beside pictures.")
    content_warning: str | None = strawberry.field(
        default=strawberry.UNSET, description="1-100 characters of one line."
    )
    is_sensitive: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether its pictures are hidden at first; null is false."
    )
    media: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="All its pictures, at most 4: those of any of its versions, and READY or PROCESSING ones of the "
        "viewer's that are shown nowhere.",
    )


@strawberry.type(description="Result of a mutation of a tweet.")
class TweetPayload:
    tweet: Tweet | None = strawberry.field(
        default=None, description="The tweet; null if the mutation was refused, or undid what the viewer may not see."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description="Refusal reasons, else empty.")


@strawberry.type
class TweetQuery:
    @strawberry.field(directives=BY_READ, description="A tweet; null if there is none or the viewer may not see it.")
    async def tweet(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The tweet.")]
    ) -> Tweet | None:
        return await load_tweet(info, decode_tweet_id(id))


@strawberry.type
class TweetMutation:
    @strawberry.mutation(directives=BY_WRITE, description="Posts a tweet, a reply or a quote.")
    async def post_tweet(
        self,
        info: Info,
        input: Annotated[PostTweetInput, strawberry.argument(description="The tweet.")],
    ) -> TweetPayload:
        posting = Posting(
            text=input.text,
            in_reply_to=None if input.in_reply_to is None else decode_tweet_id(input.in_reply_to),
            quoted=None if input.quoted is None else decode_tweet_id(input.quoted),
            device=device_of(input.device),
            idempotency_key=input.idempotency_key,
            media=tuple(map(decode_media_id, input.media or ())),
            content_warning=input.content_warning,
            is_sensitive=input.is_sensitive,
            reply_audience=input.reply_audience,
        )
        act = tweets.post_tweet(info.context.services, info.context.signed_in, posting)
        return await mutation_payload(info, act, lambda record: TweetPayload(tweet=present_tweet(record)), TweetPayload)

    @strawberry.mutation(
        directives=BY_WRITE,
        description="Gives a tweet of the viewer another text, warning or pictures: within 60 minutes, 5 times, and "
        "not while a running campaign shows it. What changes nothing is no edit. Whom the new text mentions is told.",
    )
    async def edit_tweet(
        self, info: Info, input: Annotated[EditTweetInput, strawberry.argument(description="The new version.")]
    ) -> TweetPayload:
        act = edits.edit_tweet(info.context.services, info.context.signed_in, _edit(input))
        return await mutation_payload(info, act, lambda record: TweetPayload(tweet=present_tweet(record)), TweetPayload)

    @strawberry.mutation(directives=BY_WRITE, description="Deletes a tweet of the viewer, also from every timeline.")
    async def delete_tweet(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The tweet.")]
    ) -> DeletePayload:
        act = tweets.delete_tweet(info.context.services, info.context.signed_in, decode_tweet_id(id))
        return await mutation_payload(info, act, lambda _: DeletePayload(deleted_id=id), DeletePayload)

    @strawberry.mutation(
        directives=BY_WRITE,
        description="Makes a tweet of the viewer the first on their profile, in the place of another.",
    )
    async def pin_tweet(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The tweet; no retweet.")]
    ) -> UserPayload:
        act = pins.pin(info.context.services, info.context.signed_in, decode_tweet_id(id))
        return await mutation_payload(info, act, user_payload, UserPayload)

    @strawberry.mutation(directives=BY_WRITE, description="Leaves the viewer's profile without a pinned tweet.")
    async def unpin_tweet(self, info: Info) -> UserPayload:
        act = pins.unpin(info.context.stores.users, info.context.signed_in)
        return await mutation_payload(info, act, user_payload, UserPayload)


def _edit(input: EditTweetInput) -> Edit:
    given: dict[str, Any] = {name: value for name, value in vars(input).items() if value is not strawberry.UNSET}
    tweet_id = decode_tweet_id(given.pop("id"))
    if "media" in given:
        given["media"] = tuple(map(decode_media_id, given["media"] or ()))
    if "is_sensitive" in given:
        given["is_sensitive"] = bool(given["is_sensitive"])
    return Edit(tweet_id, **given)
