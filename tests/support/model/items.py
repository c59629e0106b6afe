"""Tweets and retweets of the model."""

from dataclasses import dataclass, field


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
    audience: str = "EVERYONE"

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


@dataclass(slots=True)
class MemberList:
    """`members` with the number of the act that added each."""

    id: int
    owner: str
    is_private: bool
    members: dict[str, int] = field(default_factory=dict)


Item = Tweet | Retweet
