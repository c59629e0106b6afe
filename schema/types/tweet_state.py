"""Fields of a tweet's changing state: its counts and the viewer's relation to it."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Protocol

from datastore.records.items import TweetCounts, TweetRecord
from datastore.timelines.rules import HydratedItem
from datastore.tweets.viewer_state import ViewerState
from engine import Results, batch_field
from schema.request.context import Info
from schema.request.dataloader import load_all


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


def _all_hydrated(tweets: Sequence[HydratedTweet]) -> list[HydratedItem] | None:
    """None unless all tweets are hydrated."""
    hydrated = [tweet.hydrated for tweet in tweets if tweet.hydrated is not None]
    return hydrated if len(hydrated) == len(tweets) else None
