"""Tweets and retweets of the model."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tweet:
    """`ancestors` are the tweets above it, from the start of the thread, deleted ones included.

    `edits` has earlier texts, oldest first, each with the number of the edit that replaced it.
    """

    id: int
    author: str
    text: str
    reply_to: int | None
    reply_to_author: str | None
    quoted: int | None
    ancestors: tuple[int, ...]
    audience: str = "EVERYONE"
    edits: tuple[tuple[int, str], ...] = ()

    @property
    def texts(self) -> dict[int, str]:
        """All versions by the number of the act that made each, oldest first."""
        texts = [*[text for _, text in self.edits], self.text]
        return dict(zip([self.id, *[number for number, _ in self.edits]], texts, strict=True))

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
