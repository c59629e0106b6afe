"""History of an experiment: writes, reads and live events of all clients, for the checker."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.ids import TweetId


class WriteAttempt(NamedTuple):
    """`trouble` is None for a success."""

    began: float
    ended: float
    trouble: str | None


class Posted(NamedTuple):
    """An acknowledged tweet."""

    author: int
    text: str
    tweet_id: TweetId
    acknowledged: float


class Read(NamedTuple):
    """A read of a home timeline page; no ids where `trouble` is not None."""

    person: int
    began: float
    ended: float
    trouble: str | None
    ids: Sequence[TweetId]


class Received(NamedTuple):
    tweet_id: TweetId
    at: float


@dataclass(slots=True)
class Subscription:
    """Live events of one person.

    `caught_up` are items of pages read after a TimelineReset, `shown` those that the client shows by pages and events,
    `ends` times and reasons of closed sockets and streams.
    """

    person: int
    since: int = 0
    cursor: str = ""
    received: list[Received] = field(default_factory=list)
    caught_up: set[TweetId] = field(default_factory=set)
    shown: set[TweetId] = field(default_factory=set)
    connected: int = 0
    resets: int = 0
    ends: list[tuple[float, str]] = field(default_factory=list)
    is_live: bool = False


@dataclass(slots=True)
class History:
    """`follows` has the last acknowledged follows of the people who change theirs, `edited` the last texts of edits.

    `removed` are tweets that moderators took from everybody but their authors, `restored` those that are back.
    """

    posts: list[Posted] = field(default_factory=list)
    deleted: dict[TweetId, float] = field(default_factory=dict)
    edited: dict[TweetId, str] = field(default_factory=dict)
    removed: set[TweetId] = field(default_factory=set)
    restored: set[TweetId] = field(default_factory=set)
    tries: list[WriteAttempt] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    follows: dict[int, set[int]] = field(default_factory=dict)

    def reads_between(self, began: float, ended: float) -> list[Read]:
        """Reads that ended in the span, also those that began before it."""
        return [read for read in self.reads if began <= read.ended <= ended]

    def tries_between(self, began: float, ended: float) -> list[WriteAttempt]:
        return [tried for tried in self.tries if began <= tried.ended <= ended]

    def text_of(self, post: Posted) -> str:
        """The text that was acknowledged last."""
        return self.edited.get(post.tweet_id, post.text)

    def not_deleted(self, posts: Iterable[Posted]) -> list[Posted]:
        return [post for post in posts if post.tweet_id not in self.deleted]

    def not_removed(self, posts: Iterable[Posted]) -> list[Posted]:
        """Those that everybody sees."""
        return [post for post in self.not_deleted(posts) if post.tweet_id not in self.removed]
