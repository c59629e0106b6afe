"""Tweets and retweets of the model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tweet:
    """`ancestors` are the tweets above it, from the start of the thread, deleted ones included."""

    id: int
    author: str
    text: str
    reply_to: int | None
    reply_to_author: str | None
    quoted: int | None
    ancestors: tuple[int, ...]

    @property
    def tweet(self) -> int:
        return self.id

    @property
    def conversation(self) -> int:
        return (*self.ancestors, self.id)[0]


@dataclass(frozen=True, slots=True)
class Retweet:
    id: int
    author: str
    tweet: int


Item = Tweet | Retweet
