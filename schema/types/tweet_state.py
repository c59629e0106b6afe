"""Fields of a tweet's changing state: its counts and the viewer's relation to it."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Protocol

from datastore.records.items import TweetCounts, TweetRecord
from datastore.records.users import UserRecord
from datastore.timelines.rules import HydratedItem
from datastore.tweets.viewer_state import ViewerState
from engine import Results, batch_field
from resolvers.tweets.audiences import is_open, may_reply_to
from schema.request.context import Info
from schema.request.dataloader import load_all
from schema.values.scopes import BY_READ


class HydratedTweet(Protocol):
    """The part of the Tweet type that these fields read."""

    record: TweetRecord
    hydrated: HydratedItem | None


def count_field(name: str, description: str) -> Any:  # noqa: ANN401 - a field
    """A count of the tweet, by its name in TweetCounts."""
    count: Callable[[TweetCounts], int] = attrgetter(name)

    @batch_field(preloaded_at=f"hydrated.counts.{name}", description=description)
    def resolve(tweets: list[HydratedTweet], info: Info) -> Results[int]:
        hydrated = _all_hydrated(tweets)
        if hydrated is not None:
            return [count(one.counts) for one in hydrated]
        return load_all(info.context.tweet_counts, [tweet.record.id for tweet in tweets], count)

    return resolve


def viewer_field(name: str, description: str) -> Any:  # noqa: ANN401 - a field
    """A flag of the viewer's relation to the tweet, by its name in ViewerState; False without a viewer."""
    flag: Callable[[ViewerState], bool] = attrgetter(name)

    @batch_field(preloaded_at=f"hydrated.viewer_state.{name}", description=description)
    def resolve(tweets: list[HydratedTweet], info: Info) -> Results[bool]:
        if not info.context.has_viewer:
            return [False] * len(tweets)
        hydrated = _all_hydrated(tweets)
        if hydrated is not None:
            return [flag(one.viewer_state) for one in hydrated]
        return load_all(info.context.viewer_states, [tweet.record.id for tweet in tweets], flag)

    return resolve


def pinned_field() -> Any:  # noqa: ANN401 - a field
    @batch_field(description="Whether it stands first on its author's profile.")
    def resolve(tweets: list[HydratedTweet], info: Info) -> Results[bool]:
        authors = [tweet.hydrated.author for tweet in tweets if tweet.hydrated and tweet.hydrated.author]
        if len(authors) == len(tweets):
            return [_is_pinned(tweet, author) for tweet, author in zip(tweets, authors, strict=True)]
        return _load_pinned(tweets, info)

    return resolve


def reply_field() -> Any:  # noqa: ANN401 - a field
    @batch_field(
        directives=BY_READ,
        description="Whether the viewer may answer it: what postTweet would say; false without a viewer.",
    )
    def resolve(tweets: list[HydratedTweet], info: Info) -> Results[bool]:
        if not info.context.has_viewer:
            return [False] * len(tweets)
        if all(is_open(tweet.record) for tweet in tweets):
            return [True] * len(tweets)
        return may_reply_to(info.context.services, info.context.signed_in, [tweet.record for tweet in tweets])

    return resolve


def muted_conversation_field() -> Any:  # noqa: ANN401 - a field
    @batch_field(
        directives=BY_READ,
        description="Whether the viewer muted the thread that it is in, by muteConversation; false without a viewer.",
    )
    def resolve(tweets: list[HydratedTweet], info: Info) -> Results[bool]:
        if not info.context.has_viewer:
            return [False] * len(tweets)
        return load_all(info.context.muted_conversations, [tweet.record.conversation_id for tweet in tweets], bool)

    return resolve


def presents_same(one: HydratedItem | None, other: HydratedItem) -> bool:
    """Whether both present a tweet, which is the same, in the same way."""
    return (
        one is not None
        and one.counts is other.counts
        and one.author is other.author
        and one.viewer_state == other.viewer_state
        and one.media == other.media
    )


async def _load_pinned(tweets: Sequence[HydratedTweet], info: Info) -> list[bool]:
    authors = await info.context.users.load_many([tweet.record.author_id for tweet in tweets])
    return [_is_pinned(tweet, author) for tweet, author in zip(tweets, authors, strict=True)]


def _is_pinned(tweet: HydratedTweet, author: UserRecord | None) -> bool:
    return author is not None and author.pinned == tweet.record.id


def _all_hydrated(tweets: Sequence[HydratedTweet]) -> list[HydratedItem] | None:
    """None unless all tweets are hydrated."""
    hydrated = [tweet.hydrated for tweet in tweets if tweet.hydrated is not None]
    return hydrated if len(hydrated) == len(tweets) else None
