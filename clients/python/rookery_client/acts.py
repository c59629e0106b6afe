"""Acts on tweets and people. What may be done twice is tried again while the server is away for a moment."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar
from uuid import uuid4

import msgspec

from rookery_client.errors import Payload, ReplacedError, RookeryError, done
from rookery_client.generated import (
    BOOKMARK,
    DELETE_TWEET,
    FOLLOW,
    LIKE,
    MARK_NOTIFICATIONS_READ,
    POST_TWEET,
    RETWEET,
    UNBOOKMARK,
    UNFOLLOW,
    UNLIKE,
    UNRETWEET,
    BookmarkVariables,
    Counts,
    DeleteTweetVariables,
    FollowVariables,
    LikeVariables,
    MarkNotificationsReadVariables,
    PostTweetInput,
    PostTweetVariables,
    Profile,
    RetweetVariables,
    Tweet,
    UnbookmarkVariables,
    UnfollowVariables,
    UnlikeVariables,
    UnretweetVariables,
)
from rookery_client.operation import Operation
from rookery_client.transport.waiting import retried

Variables = TypeVar("Variables")
Data = TypeVar("Data")


class Ask(Protocol):
    """As `Rookery.ask`."""

    def __call__(self, operation: Operation[Variables, Data], variables: Variables, /) -> Awaitable[Data]: ...


class Acts:
    """Each raises RefusedError where the server refuses it, and returns what is so afterwards."""

    def __init__(self, ask: Ask, mark: Callable[[], int]) -> None:
        self._ask, self._mark = ask, mark

    async def post(
        self, text: str, *, in_reply_to: str | None = None, media: tuple[str, ...] = (), key: str | None = None
    ) -> Tweet:
        """Posts once, however often the connection is lost. A `key` used within 24 hours gives that tweet again."""
        wanted = PostTweetInput(text=text, in_reply_to=in_reply_to, media=media or None)
        return await self.post_tweet(msgspec.structs.replace(wanted, idempotency_key=key or str(uuid4())))

    async def post_tweet(self, wanted: PostTweetInput) -> Tweet:
        """As `post`, with all that a tweet may have; without an idempotency key it makes one."""
        if not isinstance(wanted.idempotency_key, str):
            wanted = msgspec.structs.replace(wanted, idempotency_key=str(uuid4()))
        variables = PostTweetVariables(wanted)
        tweet = (await self._again(POST_TWEET, variables, lambda data: data.post_tweet)).tweet
        if tweet is None:
            raise RookeryError("INTERNAL", "the server named no tweet")
        return tweet

    async def delete_tweet(self, tweet_id: str) -> None:
        await self._again(DELETE_TWEET, DeleteTweetVariables(tweet_id), lambda data: data.delete_tweet)

    async def like(self, tweet_id: str) -> Counts | None:
        return (await self._again(LIKE, LikeVariables(tweet_id), lambda data: data.like)).tweet

    async def unlike(self, tweet_id: str) -> Counts | None:
        return (await self._again(UNLIKE, UnlikeVariables(tweet_id), lambda data: data.unlike)).tweet

    async def retweet(self, tweet_id: str) -> Counts | None:
        return (await self._again(RETWEET, RetweetVariables(tweet_id), lambda data: data.retweet)).tweet

    async def unretweet(self, tweet_id: str) -> Counts | None:
        return (await self._again(UNRETWEET, UnretweetVariables(tweet_id), lambda data: data.unretweet)).tweet

    async def bookmark(self, tweet_id: str) -> Counts | None:
        return (await self._again(BOOKMARK, BookmarkVariables(tweet_id), lambda data: data.bookmark)).tweet

    async def unbookmark(self, tweet_id: str) -> Counts | None:
        return (await self._again(UNBOOKMARK, UnbookmarkVariables(tweet_id), lambda data: data.unbookmark)).tweet

    async def follow(self, user_id: str) -> Profile | None:
        return (await self._again(FOLLOW, FollowVariables(user_id), lambda data: data.follow)).user

    async def unfollow(self, user_id: str) -> Profile | None:
        return (await self._again(UNFOLLOW, UnfollowVariables(user_id), lambda data: data.unfollow)).user

    async def mark_notifications_read(self, up_to: str | None = None) -> int | None:
        """Up to a notification's cursor, or all; returns how many are unread then."""
        variables = MarkNotificationsReadVariables(up_to=up_to)
        payload = await self._again(MARK_NOTIFICATIONS_READ, variables, lambda data: data.mark_notifications_read)
        return payload.unread_count

    async def _again(
        self, operation: Operation[Variables, Data], variables: Variables, payload_of: Callable[[Data], Payload]
    ) -> Payload:
        mark = self._mark()

        async def once() -> Payload:
            if mark != self._mark():
                raise ReplacedError
            return done(payload_of(await self._ask(operation, variables)))

        return await retried(once)
